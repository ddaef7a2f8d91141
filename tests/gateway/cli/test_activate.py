"""``sallyport activate``: the command it makes."""

from __future__ import annotations

from typer.testing import CliRunner

from gateway.cli import main
from tests.gateway.cli.conftest import Sent


def test_activate_may_begin_the_log(sent: Sent) -> None:
    """Only this command begins a log where there is none."""
    words = ["activate", "--reason", "rollback", "--by", "R."]
    assert CliRunner().invoke(main.app, words).exit_code == 0
    (command,) = sent
    assert (command["command"], command["reason"]) == ("activate", "rollback")
    assert command["options"] == {"as_json": False, "create": True}
