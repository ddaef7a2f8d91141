"""``sallyport review``: the commands it makes."""

from __future__ import annotations

from typer.testing import CliRunner

from gateway.cli import review
from tests.gateway.cli.conftest import Sent


def test_list_and_show(sent: Sent) -> None:
    """Waiting ones by default; one by its exchange."""
    assert CliRunner().invoke(review.app, ["list"]).exit_code == 0
    assert CliRunner().invoke(review.app, ["list", "--state", "all"]).exit_code == 0
    assert CliRunner().invoke(review.app, ["show", "ab" * 16]).exit_code == 0
    assert [command.get("state") for command in sent] == ["waiting", "all", None]
    assert sent[2]["exchange"] == "ab" * 16
