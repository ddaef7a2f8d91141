"""``sallyport activate``: the command it makes."""

from __future__ import annotations

from typer.testing import CliRunner

from gateway.cli import main
from tests.gateway.cli.conftest import Sent


def test_activate_drafts_an_act(sent: Sent) -> None:
    """One person asks for it; nothing is put into force by it."""
    words = ["activate", "--reason", "rollback", "--words", "As before."]
    assert CliRunner().invoke(main.app, words).exit_code == 0
    assert sent == [
        {
            "command": "draft-activation",
            "reason": "rollback",
            "expires": "",
            "words": "As before.",
            "options": {"out": None, "as_json": False},
        }
    ]
