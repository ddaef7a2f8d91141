"""The bodies that logs and witnesses exchange, and every malformation by its name."""

from __future__ import annotations

import pytest

from audit.addcheckpoint import AddCheckpoint, joined, read_answer, read_size
from audit.checkpoint import Checkpoint, cosignature_line, sign_checkpoint
from audit.errors import Malformed, ProofInvalid
from audit.note import sign_note
from audit.signer import SeedSigner
from audit.vkey import COSIGNATURE, MLDSA44
from tests.audit.builders import KEYS, ORIGIN

HEAD = Checkpoint(origin=ORIGIN, size=7, root=bytes(32))
SIGNED = sign_checkpoint(HEAD, log=KEYS.log, time=None, seconds=0)
FIRST = SeedSigner(name="w.example/1", kind=COSIGNATURE, seed=b"\x01" * 32)
SECOND = SeedSigner(name="w.example/2", kind=MLDSA44, seed=b"\x02" * 32)
KNOWN = [FIRST.verifier, SECOND.verifier]


def line(signer: SeedSigner, head: Checkpoint = HEAD, at: int = 5) -> bytes:
    """Return a witness's line."""
    return cosignature_line(head.text, signer, at).encode()


def test_a_request_is_as_the_specification_has_it() -> None:
    """Old size, hashes, an empty line, the checkpoint as it is."""
    asked = AddCheckpoint(old=3, proof=(bytes(32),), checkpoint=SIGNED)

    assert asked.pack() == (
        b"old 3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" + SIGNED
    )
    assert AddCheckpoint.parse(asked.pack()) == asked
    empty = AddCheckpoint(old=0, proof=(), checkpoint=SIGNED)
    assert empty.pack() == b"old 0\n\n" + SIGNED
    assert AddCheckpoint.parse(empty.pack()) == empty


HASH = b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "add-lines"),
        (b"old 3\n", "add-lines"),
        (b"new 3\n\n" + SIGNED, "add-lines"),
        (b"old 3\xff\n\n" + SIGNED, "add-lines"),
        (b"old 03\n\n" + SIGNED, "add-old"),
        (b"old -3\n\n" + SIGNED, "add-old"),
        (b"old 3\nAAAA\n\n" + SIGNED, "add-hash"),
        (b"old 3\n!\n\n" + SIGNED, "add-hash"),
        (b"old 3\n" + HASH * 64 + b"\n" + SIGNED, "add-too-many"),
        (bytes(1_000_001), "add-too-long"),
    ],
)
def test_each_bad_request_has_its_name(body: bytes, reason: str) -> None:
    """What is no request says why."""
    with pytest.raises(Malformed) as caught:
        AddCheckpoint.parse(body)
    assert caught.value.reason == reason


def test_sixty_three_hashes_are_read() -> None:
    """As many as a tree of 2^63 entries needs."""
    body = b"old 3\n" + HASH * 63 + b"\n" + SIGNED

    assert len(AddCheckpoint.parse(body).proof) == 63


def test_of_an_answer_the_known_lines_are_kept() -> None:
    """Each once; lines of others are passed by; a bad one of a known key refuses."""
    other = SeedSigner.generate("other.example", COSIGNATURE)
    first, second = line(FIRST), line(SECOND)
    body = first + line(other) + second + first
    lines, said = read_answer(body, SIGNED, KNOWN)

    assert lines == first + second
    assert said.times == {FIRST.verifier: 5, SECOND.verifier: 5}
    assert read_answer(line(other), SIGNED, KNOWN)[0] == b""
    elsewhere = Checkpoint(origin=ORIGIN, size=8, root=bytes(32))
    with pytest.raises(ProofInvalid):
        read_answer(line(FIRST, elsewhere), SIGNED, KNOWN)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "note-no-signatures"),
        (b"no line\n", "note-line"),
        (line(FIRST)[:-1], "note-no-signatures"),
        (line(FIRST) + b"\n" + line(FIRST), "note-line"),
        (bytes(1_000_001), "answer-too-long"),
    ],
)
def test_each_bad_answer_has_its_name(body: bytes, reason: str) -> None:
    """What is no answer says why."""
    with pytest.raises(Malformed) as caught:
        read_answer(body, SIGNED, KNOWN)
    assert caught.value.reason == reason


@pytest.mark.parametrize("body", [b"", b"7", b"07\n", b"7\n\n", b"7 \n", b"\xff\n"])
def test_a_size_is_one_number(body: bytes) -> None:
    """Whatever else comes with a 409 is not believed."""
    assert read_size(b"7\n") == 7
    with pytest.raises(Malformed, match="answer-size"):
        read_size(body)


def test_lines_are_added_to_what_is_kept() -> None:
    """The log's own signature stays as it was; nothing is there twice."""
    both = joined(SIGNED + line(FIRST), SIGNED + line(SECOND))

    assert both == SIGNED + line(FIRST) + both.removeprefix(SIGNED + line(FIRST))
    assert joined(both, SIGNED) == both
    with pytest.raises(Malformed, match="note-texts-differ"):
        joined(SIGNED, sign_note("x\n", [KEYS.log]))
