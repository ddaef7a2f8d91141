"""``sallyport check``: what it asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import main


def test_check_passes_its_options_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file and the form of the answer."""
    seen: list[tuple[Path, bool]] = []

    def keep(path: Path, *, as_json: bool) -> None:
        seen.append((path, as_json))

    monkeypatch.setattr("gateway.cli.checking.check_files", keep)
    assert CliRunner().invoke(main.app, ["check", "--json"]).exit_code == 0
    assert seen == [(Path("sallyport.yaml"), True)]
