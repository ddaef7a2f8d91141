"""``sallyport check``: what it asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import main


def test_check_passes_its_options_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file and the form of the answer."""
    seen: list[tuple[Path, bool, bool]] = []

    def keep(path: Path, *, everything: bool, as_json: bool) -> None:
        seen.append((path, everything, as_json))

    monkeypatch.setattr("gateway.cli.checking.check_files", keep)
    for option in ("--json", "--all"):
        assert CliRunner().invoke(main.app, ["check", option]).exit_code == 0
    path = Path("sallyport.yaml")
    assert seen == [(path, False, True), (path, True, False)]
