"""``sallyport doctor``: what it asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import main


def test_doctor_passes_its_options_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether unwitnessed is well enough is the caller's to say."""
    seen: list[tuple[bool, bool]] = []

    def keep(_path: Path, *, allow_unwitnessed: bool, as_json: bool) -> None:
        seen.append((allow_unwitnessed, as_json))

    monkeypatch.setattr("gateway.cli.looking.look", keep)
    for words in (["doctor"], ["doctor", "--allow-unwitnessed", "--json"]):
        assert CliRunner().invoke(main.app, words).exit_code == 0
    assert seen == [(False, False), (True, True)]
