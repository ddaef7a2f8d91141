"""Offline proofs, and promises compared with the log."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from audit import LogKeys
from audit.batch import receipts_of
from audit.checkpoint import (
    Checkpoint,
    cosignature_line,
    open_checkpoint,
    sign_checkpoint,
    without_mldsa,
)
from audit.errors import (
    CannotTell,
    Malformed,
    ProofInvalid,
    SourceUnreadable,
)
from audit.evidence import Evidence, judge
from audit.merkle import (
    EMPTY_ROOT,
    inclusion_path,
    leaf_hash,
    root_from_path,
    root_of,
    verify_consistency,
)
from audit.note import b64encode
from audit.promise import check_receipt
from audit.proof import Proof, consistency, leaf_at, prove, stored_root
from audit.reading import FolderSource
from audit.receipt import Receipt
from audit.report import Outcome
from audit.signer import SeedSigner
from audit.verify import Trust
from audit.vkey import COSIGNATURE
from tests.audit.builders import KEYS, ORIGIN, write_tree

SIZE = 66_000
LEAVES = [b"entry %d" % number for number in range(SIZE)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
TRUST = Trust(keys=KEYS.verifiers)
SIGNED_S = 1_000


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tree of 66,000 entries."""
    folder = tmp_path_factory.mktemp("tree")
    write_tree(folder, LEAVES, seconds=SIGNED_S)
    return folder


def checkpoint(tree: Path) -> bytes:
    """Return the tree's checkpoint."""
    return (tree / "checkpoint").read_bytes()


@pytest.mark.parametrize("index", [0, 1, 255, 256, 65_535, 65_536, 65_792, SIZE - 1])
def test_a_proof_holds_without_the_log(tree: Path, index: int) -> None:
    """Any entry's proof reads back, holds, is small, and holds for no other."""
    source = FolderSource(tree)
    proof = prove(source, index, checkpoint(tree), SIZE)
    read = Proof.parse(proof.pack())

    assert read == proof
    assert leaf_at(source, index, SIZE) == LEAVES[index]
    assert read.check(LEAVES[index], KEYS.verifiers).checkpoint.size == SIZE
    assert len(proof.pack()) < 2048
    with pytest.raises(ProofInvalid):
        read.check(b"other", KEYS.verifiers)
    with pytest.raises(ProofInvalid):
        read.check(LEAVES[index], [SeedSigner.generate(ORIGIN).verifier])


EIGHTY_MILLION = 80_000_000


@pytest.mark.parametrize("index", [0, 41_234_567, EIGHTY_MILLION - 1])
def test_a_proof_at_eighty_million_entries_is_two_kilobytes(index: int) -> None:
    """With a witness's Ed25519 line, and a long name; ML-DSA lines add 3.3 KB each."""

    def subtree(level: int, place: int) -> bytes:
        return leaf_hash(b"subtree %d %d" % (level, place))

    path = inclusion_path(index, EIGHTY_MILLION, subtree)
    root = root_from_path(subtree(0, index), index, EIGHTY_MILLION, path)
    long = "records.some-county.example.gov/sallyport"
    keys = LogKeys.generate(long)
    head = Checkpoint(origin=long, size=EIGHTY_MILLION, root=root)
    note = sign_checkpoint(
        head, log=keys.log, time=keys.time, mldsa=keys.mldsa, seconds=1_795_424_400
    )
    witness = SeedSigner.generate("witness.oversight-board.example", COSIGNATURE)
    note += cosignature_line(head.text, witness, 1_795_424_400).encode()
    small = Proof(index=index, path=path, checkpoint=without_mldsa(note))
    whole = Proof(index=index, path=path, checkpoint=note)

    assert Proof.parse(small.pack()) == small
    assert open_checkpoint(note, [*keys.verifiers, witness.verifier]).times
    assert len(path) <= 27
    assert len(small.pack()) <= 2048
    # Dash, spaces, newline; base64 of key id, time and 2,420 bytes.
    assert len(whole.pack()) - len(small.pack()) == 6 + len(long) + 4 * (2432 // 3 + 1)


def test_a_proof_keeps_mldsa_lines_when_asked(tree: Path) -> None:
    """Then the log's ML-DSA line is checked; else nothing is said about it."""
    source = FolderSource(tree)
    whole = prove(source, 7, checkpoint(tree), SIZE, mldsa=True)
    small = prove(source, 7, checkpoint(tree), SIZE)

    assert whole.checkpoint == checkpoint(tree)
    assert KEYS.verifiers[3] in whole.check(LEAVES[7], KEYS.verifiers).times
    assert KEYS.verifiers[3] not in small.check(LEAVES[7], KEYS.verifiers).times


def test_extra_data_travels_along() -> None:
    """An application's own bytes may stand in the proof."""
    proof = Proof(index=1, path=(), checkpoint=b"x", extra=b"more")

    assert Proof.parse(proof.pack()) == proof


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "proof-head"),
        (b"c2sp.org/tlog-proof@v1\n" + bytes(1_000_000), "proof-too-long"),
        (b"\xff\n\n", "proof-utf8"),
        (b"c2sp.org/tlog-proof@v1", "proof-lines"),
        (b"c2sp.org/tlog-proof@v1\n\n", "proof-lines"),
        (b"c2sp.org/tlog-proof@v1\nextra AA==\n\n", "proof-lines"),
        (b"c2sp.org/tlog-proof@v1\nextra !\nindex 1\n\n", "proof-extra"),
        (b"c2sp.org/tlog-proof@v1\nindex 01\n\n", "proof-index"),
        (b"c2sp.org/tlog-proof@v1\nindex 1\n!\n\n", "proof-hash"),
        (b"c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\n", "proof-hash"),
        (
            b"c2sp.org/tlog-proof@v1\nindex 1\n"
            + (b64encode(bytes(32)).encode() + b"\n") * 64
            + b"\n",
            "proof-hash",
        ),
    ],
)
def test_each_malformation_has_its_name(data: bytes, reason: str) -> None:
    """What is no proof says why."""
    with pytest.raises(Malformed) as caught:
        Proof.parse(data)
    assert caught.value.reason == reason


def test_what_the_tree_has_not_is_refused(tree: Path, tmp_path: Path) -> None:
    """An index outside, a missing bundle, a missing tile."""
    source = FolderSource(tree)
    for index in (-1, SIZE):
        with pytest.raises(CannotTell, match="there is no entry"):
            leaf_at(source, index, SIZE)
    with pytest.raises(ProofInvalid, match="missing"):
        leaf_at(FolderSource(tmp_path), 0, SIZE)
    write_tree(tmp_path, [b"a"])
    (tmp_path / "tile" / "entries" / "000.p" / "1").write_bytes(b"\x00")
    with pytest.raises(ProofInvalid, match=r"000\.p/1: bundle-short"):
        leaf_at(FolderSource(tmp_path), 0, 1)
    shutil.rmtree(tmp_path / "tile")
    with pytest.raises(ProofInvalid, match="missing"):
        prove(FolderSource(tmp_path), 0, b"", SIZE)


@pytest.mark.parametrize("size", [1, 255, 256, 300, 65_536, 65_999])
def test_earlier_roots_and_consistency(tree: Path, size: int) -> None:
    """The tiles prove that each earlier tree is the start of this one."""
    source = FolderSource(tree)
    root = root_of(HASHES[:size])

    assert stored_root(source, SIZE, size) == root
    assert stored_root(source, SIZE, 0) == EMPTY_ROOT
    proof = consistency(source, size, SIZE)
    verify_consistency(size, SIZE, proof, root, root_of(HASHES))


# --- promises -------------------------------------------------------------------------


def receipt(index: int, leaf: bytes, ms: int = 0) -> Receipt:
    """Return a receipt of a batch of three, of which it is the second."""
    hashes = (leaf_hash(b"a"), leaf_hash(leaf), leaf_hash(b"b"))
    found = receipts_of(index - 1, ms, hashes, origin=ORIGIN, signer=KEYS.receipt)
    return found[1]


def outcome(one: Receipt, tree: Path, trust: Trust = TRUST) -> tuple[int, str]:
    """Return what checking a receipt comes to, and the first reason."""
    report, evidence = check_receipt(one, FolderSource(tree), trust)
    if evidence is not None:
        judged = judge(Evidence.parse(evidence.pack()), trust.all_keys)
        assert [each.reason for each in judged.findings] == [
            each.reason for each in report.findings
        ]
    reasons = [each.reason for each in report.findings] + report.doubts
    return int(report.outcome()), (reasons or [""])[0]


def test_a_kept_promise_is_unwitnessed(tree: Path) -> None:
    """The entry stands where it was promised."""
    assert outcome(receipt(700, LEAVES[700]), tree) == (3, "")


def test_another_entry_there_is_tampering_at_any_time(tree: Path) -> None:
    """The log signed both, so it broke its word."""
    code, reason = outcome(receipt(700, b"another"), tree)

    assert (code, "another entry" in reason) == (1, True)


def test_an_entry_in_no_checkpoint_depends_on_the_time(tree: Path) -> None:
    """Before the delay is over nobody can tell; after it, it is tampering."""
    late = 1000 * (SIGNED_S - 60)
    assert outcome(receipt(SIZE + 5, b"x", ms=late), tree)[0] == Outcome.CANNOT_TELL
    code, reason = outcome(receipt(SIZE + 5, b"x", ms=late - 1), tree)
    assert (code, "promised delay" in reason) == (1, True)
    # Without the time key nobody knows when the checkpoint was signed.
    timeless = Trust(keys=KEYS.verifiers[:2])
    assert outcome(receipt(SIZE + 5, b"x", ms=0), tree, timeless)[0] == 2


def test_what_is_long_due_is_not_to_be_waited_for(tree: Path) -> None:
    """By the reader's own clock, which proves nothing: it is exit 2 all the same."""
    one, source = receipt(SIZE + 5, b"x", ms=1000 * SIGNED_S), FolderSource(tree)
    due_ms = one.claimed_ms + 60_000
    timeless = Trust(keys=KEYS.verifiers[:2])
    for trust, now_ms, said in (
        (TRUST, due_ms, "ask again after 60 seconds"),
        (TRUST, due_ms + 90_000, "was due 90 seconds ago by the time of this machine"),
        (TRUST, due_ms + 90_000, "the log has stopped, or this is an old copy of it"),
        (timeless, due_ms + 90_000, "time key (log.vkeys) shows when"),
    ):
        report, _ = check_receipt(one, source, trust, now_ms=now_ms)
        assert report.outcome() is Outcome.CANNOT_TELL
        assert said in report.doubts[0]


def test_tiles_that_do_not_lead_to_the_root_are_tampering(
    tree: Path, tmp_path: Path
) -> None:
    """A log can't hide another entry behind altered tiles."""
    shutil.copytree(tree, tmp_path / "copy")
    path = tmp_path / "copy" / "tile" / "0" / "002"
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)
    one = receipt(513, LEAVES[513])

    assert outcome(one, tmp_path / "copy")[0] == 1
    path.unlink()
    assert outcome(one, tmp_path / "copy")[0] == 1


def test_what_is_no_receipt_of_this_log_is_said(tree: Path, tmp_path: Path) -> None:
    """A false signature is a finding; another log's receipt nobody can tell."""
    false = dataclasses.replace(receipt(7, LEAVES[7]), index=9)
    assert outcome(false, tree)[0] == 1
    other = SeedSigner.generate("other.example/receipt")
    foreign = receipts_of(
        0, 0, (leaf_hash(b"a"),), origin="other.example", signer=other
    )[0]
    both = Trust(keys=[*KEYS.verifiers, other.verifier])
    assert outcome(foreign, tree, both)[0] == 2
    assert outcome(receipt(7, LEAVES[7]), tmp_path)[0] == 2


def test_a_log_that_can_not_be_read_says_nothing(tmp_path: Path) -> None:
    """A source that fails is exit 2."""

    class Failing(FolderSource):
        def read(self, path: str) -> bytes | None:
            raise SourceUnreadable(path)

    report, _ = check_receipt(receipt(7, LEAVES[7]), Failing(tmp_path), TRUST)
    assert report.outcome() is Outcome.CANNOT_TELL
