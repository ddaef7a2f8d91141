"""Leaves and sealed records: shape, commitments, and the two byte forms."""

from __future__ import annotations

import importlib
import json
import sys
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import AuditorKey, CannotTell, Entry, InvalidEntry, Malformed, ProofInvalid
from audit import encoding as encoding_module
from audit.encoding import checked, decode, encode, encode_plain
from audit.entry import PARTS
from audit.leaf import build, commitment, hour_of, hour_text
from audit.leafcheck import leaf_fault
from audit.sealing import Epoch, SealedRecord, epoch_key, open_part, side_digest
from tests.audit.builders import AUDITOR, ORIGIN, START_MS, entry, public

EPOCH = Epoch(origin=ORIGIN, auditors=[AUDITOR.auditor], hour=1)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KEYS_OF_OBJECTS = st.text(st.characters(max_codepoint=127), max_size=8)
SMALL: st.SearchStrategy[Any] = st.recursive(
    TEXTS | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS_OF_OBJECTS, inner, max_size=4)
    ),
    max_leaves=12,
)


def built(one: Entry, at_ms: int = START_MS) -> tuple[dict[str, Any], SealedRecord]:
    """Return the members of an entry's leaf, and its sealed record."""
    made = build(one, at_ms=at_ms, hour=hour_text(at_ms), epoch=EPOCH)
    fault, leaf = leaf_fault(made.leaf)
    assert fault == ""
    return leaf, SealedRecord.parse(made.record)


@given(st.dictionaries(KEYS_OF_OBJECTS, SMALL, max_size=5))
def test_both_writers_give_the_same_bytes(value: dict[str, Any]) -> None:
    """In the small language the standard library and orjson agree byte for byte."""
    checked(value)
    assert encode(value) == encode_plain(value)
    assert decode(encode(value)) == json.loads(encode_plain(value))


def test_without_the_faster_library_the_log_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An auditor's installation has the standard library's writer."""
    monkeypatch.setitem(sys.modules, "orjson", None)
    spec = importlib.util.find_spec("audit.encoding")
    assert spec is not None
    assert spec.loader is not None
    alone = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(alone)

    assert alone.encode is alone.encode_plain
    assert alone.decode is json.loads
    assert encoding_module.encode is not encoding_module.encode_plain


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"a": 1.0}, "/a: a float is not allowed"),
        ({"a": [{"b": None}]}, "/a/0/b: null is not allowed"),
        ({"a": {"b": {1: 2}}}, "/a/b/: a key that is not ASCII text"),
        ({"é": 1}, "/: a key that is not ASCII text"),
        ({"a": ("x", 1 << 53)}, "/a/1: an integer beyond 2^53"),
        ({"a": -(1 << 53)}, "/a: an integer beyond 2^53"),
        ({"a": True, "b": {1, 2}}, "/b: set is not allowed"),
    ],
)
def test_what_is_outside_the_small_language_is_named(
    value: dict[str, Any], sentence: str
) -> None:
    """The first mistake is named with its path."""
    with pytest.raises(InvalidEntry) as caught:
        checked(value)
    assert str(caught.value) == sentence


class Word(StrEnum):
    """A closed word."""

    A = "a"


def test_closed_words_are_their_text() -> None:
    """Both writers write a StrEnum as its value."""
    checked({"x": Word.A})
    assert encode({"x": Word.A}) == encode_plain({"x": Word.A}) == b'{"x":"a"}'


@given(
    st.dictionaries(
        st.sampled_from(PARTS),
        st.dictionaries(
            KEYS_OF_OBJECTS.filter(lambda k: k != "at_ms"), SMALL, max_size=6
        ),
    )
)
def test_every_sealed_value_is_committed_to_and_opens(
    sealed: dict[str, dict[str, Any]],
) -> None:
    """The auditor gets back exactly what was sealed, each value under a commitment."""
    leaf, record = built(Entry(public={"v": 1}, sealed=sealed))
    assert len(leaf["_sd"]) == 24
    assert len(set(leaf["_sd"])) == 24
    wanted = {**sealed, "who": {"at_ms": START_MS, **sealed.get("who", {})}}
    for part, stored, side in zip(PARTS, record.parts, leaf["side"], strict=True):
        if not wanted.get(part):
            assert stored == b""
            continue
        assert side_digest(stored).hex() == side
        cipher = epoch_key(EPOCH.document, part, AUDITOR)
        plain = open_part(cipher, stored, origin=ORIGIN, epoch=record.epoch, part=part)
        rows = json.loads(plain)
        assert {name: value for _, name, value in rows} == wanted[part]
        for salt, name, value in rows:
            digest = commitment(bytes.fromhex(salt), name.encode(), encode(value))
            assert digest in leaf["_sd"]


def test_one_subject_leaves_have_one_shape() -> None:
    """Nobody, one person, a found or a sealed record: same counts, same length."""
    variants = [
        Entry(public=public()),
        entry(),
        entry(sealed={"who": {"a": "x" * 900}}),
        entry(sealed={"who": {f"n{i}": i for i in range(23)}}),
    ]
    leaves = [
        build(each, at_ms=START_MS, hour="2026-11-23T09Z", epoch=EPOCH).leaf
        for each in variants
    ]
    shapes = {
        (len(leaf), *(len(json.loads(leaf)[name]) for name in ("_sd", "side", "tags")))
        for leaf in leaves
    }

    assert shapes == {(2560, 24, 3, 1)}


@pytest.mark.parametrize(
    ("subjects", "tags"), [(0, 1), (1, 1), (2, 2), (3, 5), (11, 25), (500, 500)]
)
def test_tags_are_padded_to_buckets(subjects: int, tags: int) -> None:
    """The number of people is told by bucket alone."""
    one = Entry(public={}, subjects=(b"s",) * subjects)

    assert len(built(one)[0]["tags"]) == tags


def test_a_leaf_that_needs_no_padding_has_none() -> None:
    """Every length is a multiple of 512."""
    lengths = set()
    for count in range(600):
        made = build(Entry(public={"x": "y" * count}), at_ms=1, hour="h", epoch=EPOCH)
        lengths.add(len(made.leaf))
    assert lengths == {2048, 2560}
    assert all(length % 512 == 0 for length in lengths)


def test_two_equal_entries_share_nothing_random() -> None:
    """Equal content can't be recognised in the leaf."""
    (one, _), (other, _) = built(entry()), built(entry())

    assert set(one["_sd"]).isdisjoint(other["_sd"])
    assert set(one["side"]).isdisjoint(other["side"])
    assert set(one["tags"]).isdisjoint(other["tags"])


def test_hours() -> None:
    """The public time is the hour, UTC."""
    assert hour_text(START_MS + 3_599_999) == "2026-11-23T09Z"
    assert hour_of(START_MS + 3_600_000) == hour_of(START_MS) + 1


def test_pinned_commitment() -> None:
    """SHA-256 of salt, two bytes of length, name and canonical value."""
    assert commitment(bytes(16), b"person", b'"Jane Doe"') == (
        "47914a688f3ded3d9dc880db38095acc62a2c69a93f09900dd10f337d79a94d6"
    )


def test_an_auditor_of_no_copy_opens_nothing() -> None:
    """Keys are sealed by name and key, both."""
    with pytest.raises(CannotTell, match="sealed to board, not to mallory"):
        epoch_key(EPOCH.document, "who", AuditorKey.generate("mallory"))
    with pytest.raises(CannotTell, match="does not open"):
        epoch_key(EPOCH.document, "who", AuditorKey.generate("board"))
    for bad in (
        b"",
        b"[]",
        b"{}",
        EPOCH.document.replace(b"sallyport.epoch/1", b"sallyport.epoch/2"),
    ):
        with pytest.raises(Malformed, match="epoch-document"):
            epoch_key(bad, "who", AUDITOR)
    with pytest.raises(Malformed, match="epoch-document"):
        epoch_key(EPOCH.document, "nothing", AUDITOR)


def test_a_part_opens_only_where_it_was_sealed() -> None:
    """Origin, epoch and part are bound to the ciphertext."""
    _, record = built(entry())
    cipher = epoch_key(EPOCH.document, "who", AUDITOR)
    sealed = record.parts[0]
    for wrong in (
        {"origin": "x", "epoch": record.epoch, "part": "who"},
        {"origin": ORIGIN, "epoch": bytes(16), "part": "who"},
        {"origin": ORIGIN, "epoch": record.epoch, "part": "replay"},
    ):
        with pytest.raises(ProofInvalid, match="does not open"):
            open_part(cipher, sealed, **wrong)  # type: ignore[arg-type] # mixed values
    with pytest.raises(ProofInvalid):
        open_part(cipher, b"", origin=ORIGIN, epoch=record.epoch, part="who")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "sealed-version"),
        (b"\x02", "sealed-version"),
        (b"\x01" + bytes(16) + b"\xff\xff\xff\xff", "sealed-length"),
        (b"\x01" + bytes(16 + 12) + b"x", "sealed-length"),
    ],
)
def test_each_bad_record_has_its_name(data: bytes, reason: str) -> None:
    """What is no sealed record says why."""
    with pytest.raises(Malformed) as caught:
        SealedRecord.parse(data)
    assert caught.value.reason == reason
