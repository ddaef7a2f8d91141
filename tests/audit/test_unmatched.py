"""Filters that match nothing: a misspelt word is refused, and silence is explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit.cli import main
from audit.proven import Proven
from audit.reading import FolderSource
from audit.selection import DECISIONS, EVENTS
from audit.unmatched import unmatched
from gateway.answering.verdict import Verdict
from gateway.entries import leaf_schema
from tests.audit.builders import GENESIS, KEYS, leaf, write_act, write_tree

SAID = (
    "0 of 3 entries match; named here are agencies: '\\x1b', ice; datasets: dmv, jail\n"
)


@pytest.fixture
def log(tmp_path: Path) -> list[str]:
    """A log of three entries, one no JSON, and the options with its key."""
    named = [leaf(agency="ice", db="jail"), leaf(agency="\x1b", db="dmv"), b"\0"]
    write_tree(tmp_path / "log", named)
    (tmp_path / "log.vkeys").write_text(KEYS.log.verifier.text + "\n")
    return [str(tmp_path / "log"), "--vkey", str(tmp_path / "log.vkeys"), "-j", "1"]


def test_a_word_outside_a_closed_list_is_refused(
    log: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command that chooses names the nearest word; nothing is read or written."""
    target = tmp_path / "target"
    for command in (["show", *log], ["counts", *log], ["export", *log, str(target)]):
        assert main([*command, "--decision", "refussed"]) == 2
        assert "'refussed' is not one of: released, " in (
            said := " ".join(capsys.readouterr().err.split())
        )
        assert said.endswith("did you mean refused?")
        assert main([*command, "--event", "\x1b"]) == 2
        assert (
            "'\\x1b' is not one of: exchange, act, review, counts, start, stop\n"
            in (capsys.readouterr().err)
        )
    assert not target.exists()


def test_a_time_that_ends_before_it_begins_is_a_mistake(
    log: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A shorter time covers all that begins with it, so it is later than none."""
    swapped = ("--from", "2026-12", "--to", "2026-11-30")
    for command in (["show", *log], ["counts", *log], ["export", *log, str(tmp_path)]):
        assert main([*command, *swapped]) == 2
        said = capsys.readouterr().err
        assert said == "CANNOT TELL  --from 2026-12 is later than --to 2026-11-30\n"
    assert main(["show", *log, "--from", "2026-01-01T05Z", "--to", "2026"]) == 0


def test_where_nothing_matches_it_is_said(
    log: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """With what there is; output for programs stays what it was."""
    assert main(["show", *log, "--agency", "isce"]) == 0
    out, err = capsys.readouterr()
    assert (out, err[-len(SAID) :]) == ("", SAID)
    assert main(["counts", *log, "--agency", "isce", "--json"]) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)["counts"], err[-len(SAID) :]) == ([], SAID)


def test_no_empty_export_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would say that everything is there, and hold nothing."""
    folder = tmp_path / "log"
    named = [leaf(**write_act(folder, GENESIS)), leaf()]
    write_tree(folder, named)
    keys = tmp_path / "log.vkeys"
    keys.write_text("".join(f"{key.text}\n" for key in KEYS.verifiers))
    log = ["export", str(folder), str(tmp_path / "target"), "--vkey", str(keys)]
    assert main([*log, "-j", "1", "--dataset", "jial"]) == 2
    assert capsys.readouterr().err.endswith(
        "CANNOT TELL  0 of 2 entries match; named here are agencies: none; datasets:"
        " jail; nothing was exported\n"
    )
    assert {path.name for path in tmp_path.iterdir()} == {"log", "log.vkeys"}


def test_long_lists_are_cut_and_empty_ones_are_none(tmp_path: Path) -> None:
    """What is said fits on a screen."""
    many = [leaf(agency=f"a{n:02d}", db="") for n in range(42)]
    made = write_tree(tmp_path, many)
    proven = Proven.of(FolderSource(tmp_path), size=made.size, root=made.root)
    said = unmatched(proven)
    assert said.startswith("0 of 42 entries match; named here are agencies: a00, a01,")
    assert said.endswith(" a39, 2 more; datasets: none")


def test_the_closed_lists_are_those_that_are_written() -> None:
    """What the gateway writes may be asked for."""
    forms = json.loads(leaf_schema())["forms"]
    assert [*EVENTS] == forms["ev"]["in"]
    assert {*Verdict} <= {*DECISIONS}
