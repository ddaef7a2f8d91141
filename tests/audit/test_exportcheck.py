"""Exports that were altered by somebody who wants the verifier to stop, or to nod."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from audit.cli import main
from audit.exportcheck import ExportCheck
from audit.report import Outcome, Report
from audit.verify import verify
from tests.audit.builders import GENESIS, KEYS, leaf, write_act, write_tree
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
