"""One mangler over every format: what is altered is refused, or means the same.

Each format has a function that reads bytes as its strictest reader does and returns
what they mean. Whatever is done to them, that function raises an error of this package
or returns the same meaning.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.addcheckpoint import AddCheckpoint, read_answer, read_size
from audit.batch import receipts_of
from audit.bundle import read_archive, revision
from audit.checkpoint import (
    Checkpoint,
    cosignature_line,
    open_checkpoint,
    sign_checkpoint,
)
from audit.errors import AuditError, ProofInvalid
from audit.evidence import ANOTHER, Evidence, judge
from audit.exportfile import Line
from audit.keyfiles import Auditor
from audit.merkle import leaf_hash, root_and_paths, verify_inclusion
from audit.note import Note, sign_note
from audit.policyfile import Policy
from audit.proof import Proof
from audit.reading import FolderSource
from audit.receipt import Receipt
from audit.report import Outcome
from audit.sealing import SealedRecord
from audit.signer import SeedSigner
from audit.tiles import Tile
from audit.verify import Trust, verify
from audit.vkey import COSIGNATURE, MLDSA44, Verifier
from tests.audit.builders import AUDITOR, KEYS, LOG_KEY, ORIGIN, write_tree

LEAVES = [b"entry %d" % number for number in range(5)]
HASHES = tuple(map(leaf_hash, LEAVES))
ROOT, PATHS = root_and_paths(HASHES)
HEAD = Checkpoint(origin=ORIGIN, size=5, root=ROOT)
WITNESSES = [
    SeedSigner(name="w.example/1", kind=COSIGNATURE, seed=b"\x11" * 32),
    SeedSigner(name="w.example/2", kind=MLDSA44, seed=b"\x12" * 32),
]
LINES = "".join(cosignature_line(HEAD.text, each, 7) for each in WITNESSES)
SIGNED = sign_checkpoint(
    HEAD, log=KEYS.log, time=KEYS.time, mldsa=KEYS.mldsa, seconds=7
)
PLAIN = sign_checkpoint(HEAD, log=KEYS.log, time=KEYS.time, seconds=7)
COSIGNERS = [each.verifier for each in WITNESSES]
RECEIPT = receipts_of(0, 7, HASHES, origin=ORIGIN, signer=KEYS.receipt)[3]


def note(data: bytes) -> object:
    """Read a note; what it means is its text and who signed it."""
    found = Note.parse(data)
    if not found.verified(KEYS.verifiers[:1]):
        raise ProofInvalid("nobody known signed it")
    return found.text


def checkpoint(data: bytes) -> object:
    """Read a checkpoint with every key at hand."""
    found = open_checkpoint(data, [*KEYS.verifiers, *COSIGNERS])
    if found.times.keys() != {*KEYS.verifiers[2:], *COSIGNERS}:
        raise ProofInvalid("a cosigner's line is gone")
    return (found.checkpoint, found.times)


def proof(data: bytes) -> object:
    """Read a proof of one leaf; nobody signs what is extra in it."""
    read = Proof.parse(data)
    opened = read.check(LEAVES[3], KEYS.verifiers)
    return (read.index, opened.checkpoint, opened.times)


def receipt(data: bytes) -> object:
    """Read a receipt and check what it promises."""
    read = Receipt.from_json(data)
    return (read, read.statement(KEYS.verifiers))


def request(data: bytes) -> object:
    """Read a witness's request; its checkpoint must hold, its proof is not tried."""
    read = AddCheckpoint.parse(data)
    found = open_checkpoint(read.checkpoint, KEYS.verifiers)
    if (read.old, read.proof) != (3, HASHES[:2]):
        raise ProofInvalid("a proof that does not lead to the root")
    return found.checkpoint


def answer(data: bytes) -> object:
    """Read a witness's answer."""
    lines, found = read_answer(data, PLAIN, COSIGNERS)
    if len(found.times) < len(COSIGNERS):
        raise ProofInvalid("a line is gone")
    return lines


def archive(data: bytes) -> object:
    """Read a policy archive; what it means is the revision, which the log names."""
    files = read_archive(gzip.compress(data))
    if revision(files) != revision({"a.rego": b"package a", "b.json": b"{}"}):
        raise ProofInvalid("another revision")
    return files


def tar() -> bytes:
    """Return a small archive, not compressed: its checksum would catch everything."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as out:
        for name, data in (("a.rego", b"package a"), ("b.json", b"{}")):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
    return raw.getvalue()[:2560]


def sealed(data: bytes) -> object:
    """Read a sealed record; the leaf names the digest of each part."""
    found = SealedRecord.parse(data)
    if found.parts != (b"one", b"", b"three") or found.epoch != bytes(16):
        raise ProofInvalid("not the digests that the leaf names")
    return found


def evidence(data: bytes) -> object:
    """Read evidence; what it means is what it shows."""
    read = Evidence.parse(data)
    report = judge(read, KEYS.verifiers)
    if not report.findings:
        raise ProofInvalid("it shows nothing")
    return (read.claim, read.receipt, [each.text for each in report.findings])


def exported(data: bytes) -> object:
    """Read a line of an export and follow its path to the root."""
    line = Line.parse(data)
    verify_inclusion(leaf_hash(line.data), line.index, 5, line.path or (), ROOT)
    return line


SWAPPED = Evidence(
    claim=ANOTHER,
    receipt=receipts_of(3, 7, HASHES[:1], origin=ORIGIN, signer=KEYS.receipt)[0],
    checkpoint=PLAIN,
    leaf_hash=HASHES[3],
    path=PATHS[3],
)

FORMATS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "note": (sign_note("two\n\nlines\n", [KEYS.log]), note),
    "checkpoint": (SIGNED + LINES.encode(), checkpoint),
    "proof": (
        Proof(index=3, path=PATHS[3], checkpoint=PLAIN, extra=b"more").pack(),
        proof,
    ),
    "receipt": (json.dumps(RECEIPT.to_json()).encode(), receipt),
    "evidence": (SWAPPED.pack(), evidence),
    "line of an export": (
        Line(index=3, data=LEAVES[3], path=PATHS[3]).pack(),
        exported,
    ),
    "witness request": (
        AddCheckpoint(old=3, proof=HASHES[:2], checkpoint=SIGNED).pack(),
        request,
    ),
    "witness answer": (LINES.encode(), answer),
    "public key": (
        KEYS.log.verifier.text.encode(),
        lambda data: Verifier.parse(data.decode("utf-8", "surrogateescape")),
    ),
    "private key": (
        LOG_KEY.secret_text.encode(),
        lambda data: (
            SeedSigner.parse(data.decode("utf-8", "surrogateescape")).secret_text
        ),
    ),
    "auditor's key": (
        AUDITOR.auditor.text.encode(),
        lambda data: Auditor.parse(data.decode("utf-8", "surrogateescape")),
    ),
    "policy archive": (tar(), archive),
    "sealed record": (
        SealedRecord(epoch=bytes(16), parts=(b"one", b"", b"three")).pack(),
        sealed,
    ),
}
"""Each format's bytes and its strictest reader."""

_STEP = 61
"""In the long lines of ML-DSA, and in zeros, one byte in so many is tried."""


def places(data: bytes) -> Iterator[int]:
    """Yield every byte's place, of ML-DSA's long lines and of zeros only some."""
    for at in range(len(data)):
        line = data[data.rfind(b"\n", 0, at) + 1 :].partition(b"\n")[0]
        filler = not any(data[max(0, at - 8) : at + 8])
        if (len(line) < 1000 and not filler) or at % _STEP == 0:
            yield at


def edits(data: bytes) -> Iterator[bytes]:
    """Yield the bytes with each place altered, and left out, doubled or cut off."""
    for at in places(data):
        before, byte, after = data[:at], data[at : at + 1], data[at + 1 :]
        yield before + bytes([byte[0] ^ (1 << at % 8)]) + after
        yield (before + after, before + byte + byte + after, before)[at % 3]
    yield from (data + b"\n", data + b"\x00", data + data, b"\xef\xbb\xbf" + data)


def same_or_refused(
    data: bytes, read: Callable[[bytes], object], meaning: object
) -> None:
    """Fail unless bytes are refused by name or mean what they meant."""
    try:
        found = read(data)
    except AuditError:
        return
    assert found == meaning, data


@pytest.mark.parametrize("name", FORMATS)
def test_each_byte_is_refused_or_means_the_same(name: str) -> None:
    """Altered, left out, doubled or cut off at any byte: no other meaning, no crash."""
    data, read = FORMATS[name]
    meaning = read(data)
    for edited in edits(data):
        same_or_refused(edited, read, meaning)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25)
@given(data=st.data())
def test_pieces_moved_about_are_refused_or_mean_the_same(
    name: str, data: st.DataObject
) -> None:
    """Pieces repeated, moved or replaced by any bytes: no other meaning, no crash."""
    whole, read = FORMATS[name]
    first, second, third = sorted(
        data.draw(st.integers(0, len(whole))) for _ in range(3)
    )
    piece = whole[first:second]
    between = data.draw(st.one_of(st.just(piece), st.binary(max_size=20)))
    edited = whole[:first] + whole[second:third] + between + whole[third:]
    same_or_refused(edited, read, read(whole))


def test_each_byte_of_a_tree_is_found(tmp_path: Path) -> None:
    """Any edit of any file of a small tree is tampering, or nobody can tell."""
    write_tree(tmp_path, LEAVES)
    trust = Trust(keys=KEYS.verifiers)
    for path in sorted(tmp_path.rglob("tile/**/*")):
        if not path.is_file():
            continue
        whole = path.read_bytes()
        for edited in edits(whole):
            path.write_bytes(edited)
            report = verify(FolderSource(tmp_path), trust, leaves=False)
            assert report.outcome() is Outcome.TAMPERED, (path, edited)
        path.write_bytes(whole)
    assert verify(FolderSource(tmp_path), trust, leaves=False).outcome() == 3


SECOND = SeedSigner(name="w", kind=COSIGNATURE, seed=bytes(32)).verifier
POLICY = (
    f"log {KEYS.log.verifier.text} https://log.example/\n# a remark\n"
    f"witness one {COSIGNERS[0].text}\nwitness two {SECOND.text}\n"
    "group both 2 one two\nquorum both\n"
).encode()


def test_a_policy_is_read_or_refused_by_name() -> None:
    """It is the verifier's own and not signed: nothing raw escapes, that is all."""
    meant = Policy.parse(POLICY)
    for edited in edits(POLICY):
        try:
            found = Policy.parse(edited)
        except AuditError:
            continue
        # No single edit names a key that was not named before.
        assert set(found.logs) <= set(meant.logs)
        assert set(found.cosigners) <= set(meant.cosigners)


@given(st.text(alphabet="tile/entrsx.p0123456789", max_size=40))
def test_a_tile_has_one_path(text: str) -> None:
    """What reads as a tile's path is that tile's one path."""
    try:
        tile = Tile.parse(text)
    except AuditError:
        return
    assert tile.path == text


@pytest.mark.parametrize("path", ["tile/0/x001/234.p/17", "tile/entries/x999/000"])
def test_each_letter_of_a_path_counts(path: str) -> None:
    """A path that was altered is another tile's, or none's."""
    for edited in edits(path.encode()):
        try:
            tile = Tile.parse(edited.decode("utf-8", "surrogateescape"))
        except AuditError:
            continue
        assert tile.path.encode() == edited


@given(st.binary(max_size=30))
def test_a_size_is_a_number_and_a_newline(data: bytes) -> None:
    """What a witness says it has, or a named error."""
    try:
        size = read_size(data)
    except AuditError:
        return
    assert data == b"%d\n" % size
