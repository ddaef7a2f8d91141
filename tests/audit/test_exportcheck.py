"""Exports that were altered by somebody who wants the verifier to stop, or to nod."""

from __future__ import annotations

import json
import os
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.cli import main
from audit.exportcheck import ExportCheck
from audit.report import Outcome, Report
from audit.verify import verify
from tests.audit.builders import GENESIS, KEYS, leaf, write_act, write_tree
from tests.audit.exported import again, alter, answer, pipe, places
from tests.audit.tampered import TRUST


@pytest.fixture(params=["", "refused"])
def export(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Return an export of a log, and one of chosen entries."""
    log, keys = tmp_path / "log", tmp_path / "log.vkeys"
    leaves = [leaf(**write_act(log, GENESIS)), leaf(decision="refused"), leaf()]
    write_tree(log, leaves)
    keys.write_text("".join(f"{key.text}\n" for key in KEYS.verifiers))
    chosen = ["--decision", request.param] if request.param else []
    words = ["--vkey", str(keys), "--allow-unwitnessed", *chosen]
    assert main(["export", str(log), str(tmp_path / "export"), *words]) == 0
    return tmp_path / "export"


def checked(export: Path) -> Report:
    """Verify an export."""
    return ExportCheck(
        root=export, trust=TRUST, tree=lambda source: verify(source, TRUST)
    ).run()


def test_without_its_entries_an_export_shows_nothing(export: Path) -> None:
    """Who takes them away takes the digests along: that is not all that was signed."""
    for name in ("entries.jsonl", "SHA256SUMS"):
        (export / name).unlink()
    report = checked(export)
    assert report.outcome() is Outcome.CANNOT_TELL
    assert report.doubts == ["entries.jsonl: No such file or directory"]


@pytest.mark.parametrize("name", ["entries.jsonl", "export.json", "SHA256SUMS"])
def test_a_pipe_in_an_export_is_not_waited_for(export: Path, name: str) -> None:
    """Nobody will ever write to it."""
    (export / name).unlink()
    os.mkfifo(export / name)
    report = checked(export)
    assert report.outcome() is Outcome.CANNOT_TELL
    assert f"{name}: not a regular file" in report.doubts


def test_a_file_of_zeros_is_not_taken_for_one_line(export: Path) -> None:
    """It may be larger than any memory; a line may not."""
    (export / "SHA256SUMS").unlink()
    with (export / "entries.jsonl").open("r+b") as file:
        file.truncate(0)
        file.truncate(100_000_000)
    tracemalloc.start()
    [first, *_] = checked(export).findings
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert first.where.startswith("entries.jsonl")
    assert most < 50_000_000


# --- what is gone or can't be read -----------------------------------------------


def renamed(path: Path) -> None:
    """Give a file the name of another system's."""
    path.rename(path.with_name("Export.json"))


def folder(path: Path) -> None:
    """Put a folder in a file's place."""
    path.unlink()
    path.mkdir()


def loop(path: Path) -> None:
    """Put a link to itself in a file's place."""
    path.unlink()
    path.symlink_to(path.name)


@pytest.mark.parametrize("away", [Path.unlink, renamed, folder, pipe, loop])
def test_lines_are_compared_though_an_export_does_not_say_what_it_is(
    export: Path, away: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Who takes ``export.json`` away makes no log of it, whose lines nobody reads."""
    away(export / "export.json")
    again(export)
    report = answer(capsys, export)
    assert (report["exit"], places(report)) == (2, [])
    assert report["cannot_tell"][0].startswith("export.json: ")
    alter(export)
    again(export)
    report = answer(capsys, export)
    assert (report["exit"], set(places(report))) == (1, {"entries.jsonl"})


def test_digests_alone_are_what_is_left_of_an_export(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What they name and is gone is said."""
    for name in ("export.json", "entries.jsonl"):
        (export / name).unlink()
    assert places(answer(capsys, export)) == ["entries.jsonl", "export.json"]


@pytest.mark.parametrize("away", [folder, pipe, loop])
def test_lines_are_compared_though_digests_can_not_be_read(
    export: Path, away: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """One shows damage, the other what was altered: none hides the other."""
    alter(export)
    away(export / "SHA256SUMS")
    report = answer(capsys, export)
    assert (report["exit"], set(places(report))) == (1, {"entries.jsonl"})
    assert report["cannot_tell"][0].startswith("SHA256SUMS: ")


def test_a_link_that_leads_nowhere_hides_nothing(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named, as any file that nobody named; what was altered is found."""
    for name in ("acts/odd", "odd"):
        (export / name).symlink_to(Path(name).name)
    report = answer(capsys, export)
    assert (report["exit"], places(report)) == (0, [])
    assert "acts/odd: SHA256SUMS does not name this file" in report["notices"]
    alter(export)
    assert set(places(answer(capsys, export))) == {"entries.jsonl"}


def test_each_file_is_compared_with_its_digest(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Though one before it can't be read; none outside the folder is looked at."""
    sums = export / "SHA256SUMS"
    for name in ("../log.vkeys", "/etc/hostname"):
        sums.write_bytes(b"%b  %b\n" % (b"0" * 64, name.encode()) + sums.read_bytes())
    lines = sorted(sums.read_bytes().splitlines(True), key=lambda line: line[64:])
    sums.write_bytes(b"".join(lines))
    pipe(export / "README.txt")
    (export / "verify.html").write_text("It holds")
    report = answer(capsys, export)
    reasons = {each["where"]: each["reason"] for each in report["findings"]}
    assert reasons == {
        "../log.vkeys": "missing",
        "/etc/hostname": "missing",
        "verify.html": "its bytes are not those that SHA256SUMS names",
    }
    assert report["cannot_tell"] == ["README.txt: not a regular file"]


def test_lines_beside_entries_that_can_not_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of the other bundles are compared."""
    log, export = tmp_path / "log", tmp_path / "export"
    leaves = [leaf(**write_act(log, GENESIS)), *(leaf() for _ in range(599))]
    leaves[550] = leaf(decision="refused")
    write_tree(log, leaves)
    keys = tmp_path / "log.vkeys"
    keys.write_text("".join(f"{key.text}\n" for key in KEYS.verifiers))
    words = ["--vkey", str(keys), "--allow-unwitnessed"]
    assert main(["export", str(log), str(export), *words]) == 0
    pipe(export / "tile/entries/001")
    report = answer(capsys, export)
    assert (report["exit"], places(report)) == (2, [])
    assert report["cannot_tell"] == ["tile/entries/001: not a regular file"]
    alter(export)
    again(export)
    report = answer(capsys, export)
    [found] = report["findings"]
    assert (found["where"], found["index"]) == ("entries.jsonl", 550)


# --- another log inside ------------------------------------------------------------


def test_a_log_that_was_put_into_an_export_is_not_taken_for_it(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An older one, signed as well, lies in ``live`` as a store's own would."""
    write_tree(tmp_path / "older", [leaf(**write_act(tmp_path / "older", GENESIS))])
    for place in (export, tmp_path / "log"):
        shutil.copytree(tmp_path / "older", place / "live")
    assert answer(capsys, export)["entries"] == 3
    assert answer(capsys, export, "--tree-only")["entries"] == 3
    assert answer(capsys, tmp_path / "log")["entries"] == 3
    words = ["--vkey", str(tmp_path / "log.vkeys"), "--json"]
    assert main(["counts", str(tmp_path / "log"), *words]) == 0
    assert json.loads(capsys.readouterr().out)["entries"] == 3


def test_that_digests_are_missing_is_said_once(export: Path) -> None:
    """Not of each file that they then do not name."""
    (export / "SHA256SUMS").unlink()
    report = checked(export)
    assert report.outcome() is Outcome.UNWITNESSED
    [said] = [each for each in report.notices if "SHA256SUMS" in each]
    assert said.startswith("SHA256SUMS: missing; ")
