"""Full verification: what holds, and where it says that a copy was altered."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.checkpoint import cosignature_line
from audit.errors import SourceUnreadable
from audit.note import COSIGNATURE, MLDSA44
from audit.policyfile import Policy
from audit.reading import FolderSource
from audit.report import UNWITNESSED, Outcome
from audit.signer import SeedSigner
from audit.verify import Trust, verify
from tests.audit.builders import KEYS, ORIGIN, filled, leaf, write_tree
from tests.audit.verified import TRUST, check


def test_an_untouched_log_holds_and_is_unwitnessed(tmp_path: Path) -> None:
    """Nothing is found, the act is told, and exit 3 says who could lie."""
    filled(tmp_path / "store", 300)
    report = check(tmp_path / "store" / "live")

    assert report.findings == []
    assert report.outcome() is Outcome.UNWITNESSED
    assert report.outcome(allow_unwitnessed=True) is Outcome.OK
    assert report.lines()[-1] == UNWITNESSED
    assert report.facts["entries"] == 300
    said = (
        "entry 0: genesis 0, signed by clerk-1, counsel-1 and officer-1: a log begins"
    )
    assert any(each.startswith(said) for each in report.notices)


def test_every_flipped_byte_is_found_where_it_is(tmp_path: Path) -> None:
    """Each byte of each file of a small log, flipped: the file is named."""
    filled(tmp_path / "store", 3)
    live = tmp_path / "store" / "live"
    assert check(live).findings == []
    for path in sorted(live.rglob("*")):
        if path.is_file():
            name = path.relative_to(live).as_posix()
            whole = path.read_bytes()
            path.chmod(0o644)
            step = 7 if name.startswith(("tile/entries", "acts")) else 1
            for at in range(0, len(whole), step):
                flipped = bytearray(whole)
                flipped[at] ^= 1 << (at % 8)
                path.write_bytes(flipped)
                report = check(live)
                assert report.outcome() is Outcome.TAMPERED, (name, at)
                assert {each.where for each in report.findings} == {name}, (name, at)
            path.write_bytes(whole)
    assert check(live).findings == []


def test_files_that_no_entry_names_are_told(tmp_path: Path) -> None:
    """A stray file is no tampering, and no secret either."""
    write_tree(tmp_path, [leaf()])
    for name in ("index.html", "acts/x", ".checkpoint.new", "tile/.000.new"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    report = check(tmp_path)

    assert report.findings == []
    assert [each for each in report.notices if "no entry names" in each] == [
        "acts/x: no entry names this file",
        "index.html: no entry names this file",
    ]


# --- the checkpoint -------------------------------------------------------------


def test_without_a_checkpoint_or_a_key_nobody_can_tell(tmp_path: Path) -> None:
    """An empty folder is no log, and an unchecked signature no proof."""
    assert check(tmp_path).outcome() is Outcome.CANNOT_TELL
    write_tree(tmp_path, [leaf()])
    report = check(tmp_path, Trust())
    assert report.outcome() is Outcome.CANNOT_TELL
    assert report.findings == []


def test_the_log_key_alone_leaves_the_time_unchecked(tmp_path: Path) -> None:
    """With only the log's key the report says that the time was not checked."""
    write_tree(tmp_path, [leaf()])
    report = check(tmp_path, Trust(keys=KEYS.verifiers[:1]))

    assert report.findings == []
    assert "time was not checked" in report.notices[0]
    assert "signed_at_unix_s" not in report.facts


def test_a_log_of_another_key_is_refused(tmp_path: Path) -> None:
    """A checkpoint without the known key's signature is a finding."""
    write_tree(tmp_path, [leaf()])
    other = SeedSigner.generate(ORIGIN).verifier
    report = check(tmp_path, Trust(keys=[other]))

    assert [each.where for each in report.findings] == ["checkpoint"]


def test_what_could_not_be_read_says_nothing(tmp_path: Path) -> None:
    """A source that fails is exit 2."""

    class Failing(FolderSource):
        def read(self, path: str) -> bytes | None:
            raise SourceUnreadable(path)

    report = verify(Failing(tmp_path), TRUST)
    assert report.outcome() is Outcome.CANNOT_TELL


# --- an earlier checkpoint ----------------------------------------------------------


@pytest.mark.parametrize("before", [0, 1, 200, 256, 300, 512, 600])
def test_a_log_that_only_grew_continues_an_earlier_checkpoint(
    tmp_path: Path, before: int
) -> None:
    """A kept checkpoint of any earlier size is one of the same log."""
    leaves = [b"entry %d" % number for number in range(600)]
    write_tree(tmp_path / "old", leaves[:before])
    write_tree(tmp_path / "new", leaves)
    since = (tmp_path / "old" / "checkpoint").read_bytes()
    report = check(tmp_path / "new", since=since, leaves=False)

    assert report.findings == []
    assert report.facts["since_entries"] == before


def test_a_rewritten_or_shorter_log_does_not(tmp_path: Path) -> None:
    """A log signed anew with other entries, or with fewer, is found."""
    leaves = [b"entry %d" % number for number in range(600)]
    write_tree(tmp_path / "old", [b"other", *leaves[1:300]])
    write_tree(tmp_path / "new", leaves)
    write_tree(tmp_path / "long", [*leaves, b"more"])
    for name, reason in (("old", "not those signed before"), ("long", "had 601")):
        since = (tmp_path / name / "checkpoint").read_bytes()
        report = check(tmp_path / "new", since=since, leaves=False)
        assert reason in report.findings[0].reason
    report = check(tmp_path / "new", since=b"nonsense", leaves=False)
    assert report.outcome() is Outcome.CANNOT_TELL
    (tmp_path / "new" / "tile" / "0" / "002.p" / "88").write_bytes(b"")
    since = (tmp_path / "old" / "checkpoint").read_bytes()
    report = check(tmp_path / "new", since=since, leaves=False)
    assert [each.where for each in report.findings] == ["tile/0/002.p/88"]


# --- witnesses --------------------------------------------------------------


def test_a_quorum_of_witnesses_makes_it_witnessed(tmp_path: Path) -> None:
    """With the policy's quorum it is 0; without it 3; with a bad line 1."""
    checkpoint = write_tree(tmp_path, [leaf()])
    witness = SeedSigner.generate("witness.example/w1", COSIGNATURE)
    policy = Policy.parse(
        b"log %b\nwitness w1 %b\nquorum w1\n"
        % (KEYS.log.verifier.text.encode(), witness.verifier.text.encode())
    )
    trust = Trust(keys=KEYS.verifiers, policy=policy)
    assert check(tmp_path, trust).outcome() is Outcome.UNWITNESSED

    path = tmp_path / "checkpoint"
    path.write_bytes(
        path.read_bytes() + cosignature_line(checkpoint.text, witness, 5).encode()
    )
    report = check(tmp_path, trust)
    assert report.outcome() is Outcome.OK
    assert UNWITNESSED not in report.lines()
    assert report.to_json()["outcome"] == "ok"

    bad = cosignature_line(checkpoint.text + "x\n", witness, 5).encode()
    path.write_bytes(path.read_bytes() + bad)
    assert check(tmp_path, trust).outcome() is Outcome.TAMPERED


def test_the_log_itself_is_no_witness(tmp_path: Path) -> None:
    """Neither its own time key, nor a line that says no time, makes a quorum."""
    checkpoint = write_tree(tmp_path, [leaf()])
    outside = SeedSigner.generate("witness.example/w1", MLDSA44)
    path = tmp_path / "checkpoint"
    line = cosignature_line(checkpoint.text, outside, 0).encode()
    path.write_bytes(path.read_bytes() + line)
    for key in (KEYS.time.verifier, KEYS.verifiers[3], outside.verifier):
        text = f"witness w1 {key.text}\nquorum w1\n"
        trust = Trust(keys=KEYS.verifiers, policy=Policy.parse(text.encode()))
        assert check(tmp_path, trust).outcome() is Outcome.UNWITNESSED


@pytest.mark.usefixtures("old_library")
def test_a_library_without_mldsa_checks_the_rest(tmp_path: Path) -> None:
    """It says which line it can't tell about, and finds what Ed25519 finds."""
    write_tree(tmp_path, [leaf(), leaf()])
    report = check(tmp_path)
    assert report.outcome() is Outcome.CANNOT_TELL
    assert "this cryptography has none" in report.doubts[0]
    assert check(tmp_path, Trust(keys=KEYS.verifiers[:3])).outcome() == 3

    bundle = tmp_path / "tile" / "entries" / "000.p" / "2"
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"x")
    assert check(tmp_path).outcome() is Outcome.TAMPERED
