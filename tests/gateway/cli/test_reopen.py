"""``sallyport reopen``: the command it makes."""

from __future__ import annotations

from typer.testing import CliRunner

from gateway.cli import main
from tests.gateway.cli.conftest import Sent


def test_reason_and_person_become_one_command(sent: Sent) -> None:
    """Why and who, by default resolved and this machine's user."""
    words = ["reopen", "--by", "R.", "--reason", "mistake", "--json"]
    assert CliRunner().invoke(main.app, words).exit_code == 0
    assert CliRunner().invoke(main.app, ["reopen"]).exit_code == 0
    assert sent[0] == {
        "command": "reopen",
        "reason": "mistake",
        "by": "R.",
        "options": {"as_json": True},
    }
    assert sent[1]["reason"] == "resolved"
    assert sent[1]["by"]
