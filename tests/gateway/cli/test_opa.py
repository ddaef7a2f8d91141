"""``sallyport opa``: what it is given goes to its work."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import main


def test_the_folder_has_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default the files go into opa/, beside the configuration."""
    done: list[tuple[Path, Path, bool]] = []

    def keep(path: Path, out: Path, *, as_json: bool) -> None:
        done.append((path, out, as_json))

    monkeypatch.setattr("gateway.cli.opa_files.write_files", keep)
    assert CliRunner().invoke(main.app, ["opa", "config"]).exit_code == 0
    words = ["opa", "config", "-c", "c.yaml", "-o", "there", "--json"]
    assert CliRunner().invoke(main.app, words).exit_code == 0
    assert done == [
        (Path("sallyport.yaml"), Path("opa"), False),
        (Path("c.yaml"), Path("there"), True),
    ]
