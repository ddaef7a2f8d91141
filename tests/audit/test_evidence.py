"""Evidence of a broken promise: it shows it offline, or it shows nothing."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from audit.batch import receipts_of
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.cli import main
from audit.errors import Malformed
from audit.evidence import ANOTHER, MISSING, Evidence, judge
from audit.merkle import leaf_hash, root_and_paths
from audit.receipt import Receipt
from audit.report import Outcome
from audit.signer import SeedSigner
from tests.audit.builders import KEYS, ORIGIN, write_tree

LEAVES = [b"entry %d" % number for number in range(5)]
ROOT, PATHS = root_and_paths([leaf_hash(leaf) for leaf in LEAVES])
SIGNED_S = 1000


def receipt(index: int, leaf: bytes, ms: int = 0) -> Receipt:
    """Return the receipt of a batch of one."""
    found = receipts_of(
        index, ms, (leaf_hash(leaf),), origin=ORIGIN, signer=KEYS.receipt
    )
    return found[0]


def signed(origin: str = ORIGIN, seconds: int = SIGNED_S) -> bytes:
    """Return the checkpoint of the five leaves."""
    head = Checkpoint(origin=origin, size=5, root=ROOT)
    return sign_checkpoint(head, log=KEYS.log, time=KEYS.time, seconds=seconds)


GONE = Evidence(claim=MISSING, receipt=receipt(7, b"x"), checkpoint=signed())
MOVED = dataclasses.replace(GONE.receipt, index=8)
SWAPPED = Evidence(
    claim=ANOTHER,
    receipt=receipt(3, b"x"),
    checkpoint=signed(),
    leaf_hash=leaf_hash(LEAVES[3]),
    path=PATHS[3],
)


@pytest.mark.parametrize("evidence", [GONE, SWAPPED])
def test_what_it_shows(evidence: Evidence) -> None:
    """Each kind reads back and is a finding against the log."""
    assert Evidence.parse(evidence.pack()) == evidence
    report = judge(evidence, KEYS.verifiers)

    assert report.outcome() is Outcome.TAMPERED
    assert report.findings[0].index == evidence.receipt.index


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (dataclasses.replace(GONE, receipt=receipt(4, b"x")), "covers the index"),
        (
            dataclasses.replace(GONE, receipt=receipt(7, b"x", ms=940_000)),
            "within the promised delay",
        ),
        (dataclasses.replace(GONE, claim=ANOTHER), "not in a tree of 5"),
        (
            dataclasses.replace(SWAPPED, receipt=receipt(3, LEAVES[3])),
            "the one that was promised",
        ),
        (dataclasses.replace(SWAPPED, path=PATHS[2]), "does not lead to the root"),
        (dataclasses.replace(GONE, checkpoint=signed()[:-9] + b"AAAAAAA=\n"), ""),
        (dataclasses.replace(GONE, checkpoint=b"\xed\xa0\x80"), "note-utf8"),
        (
            dataclasses.replace(
                GONE, receipt=dataclasses.replace(GONE.receipt, index=8)
            ),
            "not in the signed batch",
        ),
    ],
)
def test_what_shows_nothing(evidence: Evidence, said: str) -> None:
    """A claim that does not hold says nothing about the log: exit 2, never 1."""
    report = judge(evidence, KEYS.verifiers)

    assert report.outcome() is Outcome.CANNOT_TELL
    assert said in report.doubts[0]


def test_without_the_keys_nothing_is_shown() -> None:
    """No time key, no receipt key, another log's checkpoint."""
    log, receipts, time = KEYS.verifiers[:3]
    for keys in ([log, receipts], [log, time], []):
        assert judge(GONE, keys).outcome() is Outcome.CANNOT_TELL
    other = SeedSigner.generate("other.example")
    head = Checkpoint(origin="other.example", size=5, root=ROOT)
    foreign = sign_checkpoint(head, log=other, time=None, seconds=1)
    mixed = dataclasses.replace(GONE, checkpoint=foreign)
    report = judge(mixed, [*KEYS.verifiers, other.verifier])
    assert "two logs" in report.doubts[0]


def changed(**members: object) -> bytes:
    """Return evidence with some members changed."""
    return json.dumps({**json.loads(SWAPPED.pack()), **members}).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "evidence-json"),
        (b"[" * 100_000, "evidence-json"),
        (b"[]", "evidence-json"),
        (SWAPPED.pack().decode().encode("utf-16"), "evidence-json"),
        (SWAPPED.pack().replace(b"{", b'{"claim": "missing", ', 1), "evidence-json"),
        (SWAPPED.pack().replace(b'"index"', b'"index": 4, "index"'), "evidence-json"),
        (changed(schema="x"), "evidence-json"),
        (changed(more=1), "evidence-members"),
        (changed(checkpoint=1), "evidence-members"),
        (changed(claim="lost"), "evidence-claim"),
        (changed(claim=[]), "evidence-claim"),
        (changed(path=1), "evidence-hash"),
        (changed(path=["AAAA"]), "evidence-hash"),
        (changed(path=[1]), "evidence-hash"),
        (changed(path=["AAAA"] * 64), "evidence-hash"),
        (changed(leaf_hash="!"), "evidence-hash"),
        (changed(receipt={}), "receipt-schema"),
    ],
)
def test_each_malformation_has_its_name(data: bytes, reason: str) -> None:
    """What is no evidence says why."""
    with pytest.raises(Malformed) as caught:
        Evidence.parse(data)
    assert caught.value.reason == reason


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A broken promise leaves a file, and the file shows it to a stranger."""
    tree, keys = tmp_path / "tree", tmp_path / "keys"
    write_tree(tree, LEAVES, seconds=SIGNED_S)
    KEYS.write(keys)
    trust = ["--vkey", str(keys / "log.vkeys"), "--json"]
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(receipt(3, b"x").to_json()))

    assert main(["check-receipt", str(path), str(tree), *trust]) == 1
    assert json.loads(capsys.readouterr().out)["evidence"] == "receipt.evidence.json"
    shown = tmp_path / "receipt.evidence.json"
    assert main(["verify-evidence", str(shown), *trust]) == 1
    assert main(["verify-evidence", str(shown), "--json"]) == 2
    path.write_text(json.dumps(receipt(9, b"x").to_json()))
    named = ["--evidence", str(tmp_path / "named")]
    assert main(["check-receipt", str(path), str(tree), *named, *trust]) == 1
    assert Evidence.parse((tmp_path / "named").read_bytes()).claim == MISSING
    path.write_text(json.dumps(receipt(3, LEAVES[3]).to_json()))
    shown.unlink()
    assert main(["check-receipt", str(path), str(tree), *trust]) == 3
    assert not shown.exists()


def test_evidence_that_cannot_be_written_keeps_no_verdict_unsaid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The promise is broken all the same; that the file is missing is said too."""
    write_tree(tmp_path / "tree", LEAVES, seconds=SIGNED_S)
    KEYS.write(tmp_path / "keys")
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(receipt(3, b"x").to_json()))
    words = ["check-receipt", str(path), str(tmp_path / "tree")]
    words += ["--vkey", str(tmp_path / "keys" / "log.vkeys"), "--evidence"]
    assert main([*words, str(tmp_path / "nowhere" / "proof")]) == 1
    said = capsys.readouterr().out
    assert "TAMPERED  tree, entry 3: promise broken" in said
    assert "proof could not be written: No such file or directory" in said


def test_evidence_never_replaces_the_receipt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may be the only one: the names are compared before anything is read."""
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(receipt(3, b"x").to_json()))
    (tmp_path / "link").symlink_to("receipt.json")
    before = path.read_bytes()
    words = ["check-receipt", str(path), str(tmp_path), "--evidence"]
    for name in ("receipt.json", "link"):
        assert main([*words, str(tmp_path / name)]) == 2
        assert "names the receipt itself" in capsys.readouterr().err
    assert path.read_bytes() == before
