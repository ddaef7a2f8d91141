"""What a verifier brings to an export of chosen entries, and what the export says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audit.cli import main
from tests.audit.builders import GENESIS, KEYS, leaf, write_act, write_tree
from tests.audit.exported import ROSTER, again, alter, answer, pipe, places, verified


@pytest.fixture
def chosen(tmp_path: Path) -> Path:
    """Return an export of the refusal in a log of three entries."""
    return made(tmp_path, 3)


def made(
    folder: Path, size: int, name: str = "chosen", word: str = "refused", first: int = 1
) -> Path:
    """Write a log with a refusal in it, its keys, and an export of the refusal."""
    log = folder / f"{name}-log"
    leaves = [leaf(**write_act(log, GENESIS)), *(leaf(n=first) for _ in range(1, size))]
    leaves[1] = leaf(decision="refused")
    write_tree(log, leaves)
    keys = folder / "log.vkeys"
    keys.write_text("".join(f"{key.text}\n" for key in KEYS.verifiers))
    words = ["--vkey", str(keys), "--allow-unwitnessed", "--decision", word]
    assert main(["export", str(log), str(folder / name), *words]) == 0
    return folder / name


@pytest.mark.parametrize(
    ("size", "first", "outcome", "kind"),
    [
        (3, 1, 0, []),
        (2, 1, 2, []),
        (4, 1, 1, ["rolled-back"]),
        (3, 5, 1, ["split-view"]),
    ],
)
def test_a_checkpoint_that_was_kept_is_compared(
    chosen: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    size: int,
    first: int,
    outcome: int,
    kind: list[str],
) -> None:
    """Sizes and roots show what they can; what only the tree shows is left open."""
    kept = made(tmp_path, size, "kept", first=first) / "checkpoint"
    report = answer(capsys, chosen, "--since", str(kept))
    assert report["exit"] == outcome
    assert [each["kind"] for each in report["findings"]] == kind
    if outcome == 2:
        [said] = report["cannot_tell"]
        assert said.startswith("whether the log begins with the 2 entries of before")
    for name in ("entries.jsonl", "export.json"):
        pipe(chosen / name)
    report = answer(capsys, chosen, "--since", str(kept))
    assert [each["kind"] for each in report["findings"]] == kind


def test_what_was_kept_and_is_no_checkpoint(
    chosen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It answers nothing, as for a whole log."""
    (tmp_path / "kept").write_text("garbage")
    report = answer(capsys, chosen, "--since", str(tmp_path / "kept"))
    assert report["exit"] == 2
    assert report["cannot_tell"][0].startswith("the earlier checkpoint: ")


def test_what_only_the_whole_log_shows_is_not_passed_over(
    chosen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The roster that is expected, and what could be kept for the next time."""
    report = answer(capsys, chosen, "--roster", ROSTER)
    assert report["exit"] == 2
    assert report["cannot_tell"][0].startswith("with which roster the log begins: ")
    report = answer(capsys, chosen, "--keep", str(tmp_path / "kept"))
    assert report["exit"] == 2
    assert report["cannot_tell"][0].startswith("there is nothing to keep: ")
    assert not (tmp_path / "kept").exists()
    alter(chosen)
    assert verified(chosen, "--roster", ROSTER) == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"decision": ["released"]},
        {"decision": ["refused"], "from": "2199"},
        {"decision": ["refused"], "rules": ["none"]},
    ],
)
def test_lines_are_what_was_asked_for(
    chosen: Path, capsys: pytest.CaptureFixture[str], asked: dict[str, Any]
) -> None:
    """Refusals that are handed on as releases are found, though each is genuine."""
    says(chosen, asked)
    [found] = answer(capsys, chosen)["findings"]
    assert found["where"] == "entries.jsonl, line 1"
    assert found["reason"] == "is not what export.json says was asked for"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"decision": "refused"},
        {"decision": 7},
        {"decision": ["refused"], "name": ["x"]},
        {"decision": ["refused"], "from": 2026},
    ],
)
def test_what_was_asked_for_has_one_form(
    chosen: Path, capsys: pytest.CaptureFixture[str], asked: dict[str, Any]
) -> None:
    """Another is none that an export can have."""
    says(chosen, asked)
    [found] = answer(capsys, chosen)["findings"]
    said = "export-asked (what it says was asked for has not the form of a filter)"
    assert (found["where"], found["reason"]) == ("export.json", said)


def says(export: Path, asked: dict[str, Any]) -> None:
    """Let an export say that other entries were asked for."""
    path = export / "export.json"
    value = {**json.loads(path.read_bytes()), "asked": asked}
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")
    again(export)


def test_a_number_has_one_form(
    chosen: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that is equal and written otherwise is another word."""
    path = chosen / "export.json"
    path.write_bytes(path.read_bytes().replace(b'"exported": 1', b'"exported": 1.0'))
    again(chosen)
    assert places(answer(capsys, chosen)) == ["export.json"]
