"""``sallyport audit``: everything after it goes to the log's own commands."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from gateway.cli import main


def test_arguments_and_exit_code_pass_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Options are not read here, and the exit code is the log's."""
    seen: list[list[str]] = []

    def log_commands(arguments: list[str]) -> int:
        seen.append(arguments)
        return 3

    monkeypatch.setattr("audit.cli.main", log_commands)
    words = ["audit", "verify", "DIR", "--json", "-j", "2", "--help"]
    assert CliRunner().invoke(main.app, words).exit_code == 3
    assert seen == [words[1:]]
