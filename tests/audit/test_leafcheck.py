"""What leaves say by themselves: shape, hours, schemas, and the files they name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit import leafcheck, selection
from audit.encoding import encode_plain
from audit.finding import Kind
from audit.leafforms import Forms, Schemas
from audit.reading import FolderSource
from audit.selection import leaf_of
from tests.audit.builders import (
    CFG,
    MEMBERS,
    SCHEMA,
    act_note,
    leaf,
    write_schema,
    write_tree,
)
from tests.audit.verified import check


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"not json", "not JSON"),
        (b"[]", "not an object"),
        (leaf() + b" ", "not in the canonical form"),
        (leaf(t="09:00"), "no hour"),
        (leaf(t=9), "no hour"),
        (leaf(t="2026-02-30T09Z"), "no hour"),
        (leaf(t="2026-11-3T09Z"), "no hour"),
        (leaf(_sd=["f" * 64, "0" * 64]), "no sorted commitments"),
        (leaf(_sd=[1]), "no sorted commitments"),
        (leaf(side=["1" * 64]), "no digests of the sealed parts"),
        (leaf(side="1"), "no digests of the sealed parts"),
        (leaf(side=["1" * 63] * 3), "no digests of the sealed parts"),
        (leaf(side=["g" * 64] * 3), "no digests of the sealed parts"),
        (leaf(side={n * 64: 1 for n in "123"}), "no digests of the sealed parts"),
        (leaf(tags=["2" * 64] * 3), "no bucket of tags"),
        (leaf(pad="1"), "no padding"),
        (leaf(cfg=1), "no schema digest"),
        (leaf(cfg="\0"), "no schema digest"),
        (leaf(cfg="../acts/x"), "no schema digest"),
        (leaf(act="x"), "no digest of an act"),
        (leaf(t="2026-11-23T08Z"), "time runs back"),
    ],
)
def test_leaves_that_break_the_rules_are_named(
    tmp_path: Path, bad: bytes, reason: str
) -> None:
    """A signed leaf can still be wrong: which one, and why."""
    write_tree(tmp_path, [leaf(), bad, leaf()])
    report = check(tmp_path)

    assert [(each.index, each.reason) for each in report.findings] == [(1, reason)]


ODD = {
    "half a character": leaf(db="\ud800"),
    "no number": leaf().replace(b'"n":1', b'"n":NaN'),
    "too large a number": leaf().replace(b'"n":1', b'"n":1e999'),
    "deep": b'{"a":' * 900 + b"1" + b"}" * 900,
    "too deep": b"[" * 60_000,
}


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("bad", ODD.values(), ids=[*ODD])
def test_json_that_has_no_canonical_form_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, bad: bytes, plain: bool
) -> None:
    """Whichever reader of JSON there is takes it: no word of it ends a verifier."""
    if plain:
        monkeypatch.setattr(leafcheck, "encode", encode_plain)
        monkeypatch.setattr(leafcheck, "decode", json.loads)
        monkeypatch.setattr(selection, "encode", encode_plain)
        monkeypatch.setattr(selection, "decode", json.loads)
    write_tree(tmp_path, [leaf(), bad, leaf()])
    [found] = check(tmp_path).findings

    assert (found.index, found.kind) == (1, Kind.LEAF_INVALID)
    assert bad.startswith(b'{"a":') or leaf_of(bad) is None


def test_time_that_runs_back_between_bundles_is_named(tmp_path: Path) -> None:
    """The order holds over the whole log."""
    later = leaf(t="2026-11-23T10Z")
    write_tree(tmp_path, [later] * 256 + [leaf()] * 3)
    report = check(tmp_path)

    assert [(each.index, each.reason) for each in report.findings] == [
        (256, "time runs back")
    ]


def test_acts_and_schemas_are_checked_and_told(tmp_path: Path) -> None:
    """The files that leaves name must be there and be what they are named after."""
    act, note = act_note()
    write_tree(tmp_path, [leaf(act=act, decision="genesis"), leaf()])
    (tmp_path / "schema" / f"{CFG}.json").unlink()
    assert [(each.where, each.reason) for each in check(tmp_path).findings] == [
        (f"schema/{CFG}.json", "missing"),
        (f"acts/{act}", "missing"),
    ]

    write_schema(tmp_path)
    (tmp_path / "acts").mkdir()
    (tmp_path / "acts" / act).write_bytes(note)
    report = check(tmp_path)
    assert report.findings == []
    assert f"entry 0: schema {CFG} from here on" in report.notices

    for folder, name in (("acts", act), ("schema", f"{CFG}.json")):
        path = tmp_path / folder / name
        whole = path.read_bytes()
        path.write_bytes(whole + b" ")
        assert [each.where for each in check(tmp_path).findings] == [f"{folder}/{name}"]
        path.write_bytes(whole)


@pytest.mark.parametrize(
    "schema",
    [
        b"nonsense",
        b"[]",
        b"{}",
        b'{"members":1}',
        b'{"members":{},"forms":{"v":1}}',
        b'{"members":{},"forms":{"v":{"type":"odd"}}}',
    ],
)
def test_a_schema_of_another_form_is_a_finding(tmp_path: Path, schema: bytes) -> None:
    """Leaves can't be compared with it, so it must not pass for one."""
    write_tree(tmp_path, [leaf(cfg=write_schema(tmp_path, schema))])
    (found,) = check(tmp_path).findings

    assert found.reason == "is no schema that a leaf can be compared with"


def test_a_dropped_member_is_a_finding(tmp_path: Path) -> None:
    """A leaf that has not the members of the schema it names is found."""
    schema = json.dumps({"members": dict.fromkeys([*MEMBERS, "agency"], "")}).encode()
    write_tree(tmp_path, [leaf(cfg=write_schema(tmp_path, schema))])
    report = check(tmp_path)

    assert [each.reason for each in report.findings] == [
        "a leaf with other members than its schema: agency"
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("v", 2),
        ("v", True),
        ("v", "1"),
        ("ev", "party"),
        ("ev", ["act"]),
        ("n", 3),
        ("n", -1),
        ("policy", "0" * 63),
        ("policy", 0),
        ("db", "Jane Doe"),
    ],
)
def test_a_member_outside_its_form_is_a_finding(
    tmp_path: Path, name: str, value: object
) -> None:
    """Each leaf is compared with types and closed lists, the last one too."""
    write_tree(tmp_path, [leaf(), leaf(), leaf(**{name: value})])
    (found, *_) = check(tmp_path).findings

    assert (found.index, found.reason) == (
        2,
        f"{name} is not what its schema allows",
    )


def test_every_type_of_a_schema(tmp_path: Path) -> None:
    """Words and digests as the gateway's own schema names them."""
    forms = Forms.parse(
        json.dumps(
            {
                "members": dict.fromkeys("abc"),
                "forms": {
                    "a": {"type": "words"},
                    "b": {"type": "digest"},
                    "c": {"type": "word-or-empty"},
                },
            }
        ).encode()
    )
    assert forms is not None
    good = {"a": ["x", "us-federal.23.20.d"], "b": "0" * 64, "c": ""}
    for _ in range(2):
        assert forms.fault(good) == ""
    for bad in ({"a": ["x y"]}, {"a": "x"}, {"b": ""}, {"c": "\u00e9"}):
        assert forms.fault({**good, **bad})
    for number in range(5000):
        assert forms.fault({**good, "c": f"w{number}"}) == ""
    write_tree(tmp_path, [leaf(cfg="")])
    assert [each.reason for each in check(tmp_path).findings] == ["names no schema"]
    schemas = Schemas(FolderSource(tmp_path))
    (tmp_path / "schema" / f"{'0' * 64}.json").write_bytes(SCHEMA)
    assert schemas.of("0" * 64) is None
