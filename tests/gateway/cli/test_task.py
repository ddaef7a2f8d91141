"""``sallyport task``: the commands it makes."""

from __future__ import annotations

from typer.testing import CliRunner

from gateway.cli import task
from tests.gateway.cli.conftest import Sent


def test_list(sent: Sent) -> None:
    """Open ones by default, others by their state."""
    assert CliRunner().invoke(task.app, ["list"]).exit_code == 0
    assert CliRunner().invoke(task.app, ["list", "--state", "done"]).exit_code == 0
    assert [command["command"] for command in sent] == ["task-list"] * 2
    assert [command["state"] for command in sent] == ["open", "done"]
