"""The doctor's findings, printed, and the exit code of the worst."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from gateway.cli import looking
from gateway.cli.finding import Finding, Verdict, wrong

WELL = Finding(part="files", verdict=Verdict.WELL, sentence="fine")
WARNING = Finding(
    part="disk", verdict=Verdict.WARNING, sentence="nearly full", advice="add"
)
UNWITNESSED = Finding(part="log", verdict=Verdict.UNWITNESSED, sentence="alone")
WRONG = wrong("log", "broken", "mend it")


def looked(
    monkeypatch: pytest.MonkeyPatch, findings: list[Finding], *, allow: bool = False
) -> int:
    """Look with these findings and return the exit code."""

    async def examine(_path: Path) -> list[Finding]:
        return findings

    monkeypatch.setattr(looking, "examine", examine)
    with pytest.raises(typer.Exit) as caught:
        looking.look(Path("x"), allow_unwitnessed=allow, as_json=allow)
    return caught.value.exit_code


def test_the_worst_finding_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong before unwitnessed before well; a warning is well."""
    assert looked(monkeypatch, [WELL, WARNING]) == 0
    assert looked(monkeypatch, [WELL, UNWITNESSED]) == 3
    assert looked(monkeypatch, [WELL, UNWITNESSED], allow=True) == 0
    assert looked(monkeypatch, [UNWITNESSED, WRONG], allow=True) == 1


def test_people_and_programs_read_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lines for people, objects for programs."""
    looked(monkeypatch, [WELL, WRONG])
    assert capsys.readouterr().out == (
        "ok           files  fine\nWRONG        log    broken; mend it\n"
    )
    looked(monkeypatch, [UNWITNESSED], allow=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert row == {
        "part": "log",
        "verdict": "unwitnessed",
        "sentence": "alone",
        "advice": "",
    }
