"""``sallyport rotate-keys``: what its words mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import main


def test_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, a reason, a person; this user where none is named."""
    found: list[tuple[object, ...]] = []

    def keep(path: Path, folder: Path, *, reason: str, by: str, as_json: bool) -> None:
        found.append((path, folder, reason, bool(by), as_json))

    monkeypatch.setattr("gateway.cli.rotating.carry_through", keep)
    runner = CliRunner()
    assert runner.invoke(main.app, ["rotate-keys", "new"]).exit_code == 0
    assert runner.invoke(main.app, ["rotate-keys"]).exit_code == 2
    assert found == [(Path("sallyport.yaml"), Path("new"), "scheduled", True, False)]
