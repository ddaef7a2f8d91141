"""``sallyport cutoff``: the commands it makes."""

from __future__ import annotations

from typer.testing import CliRunner

from gateway.cli import cutoff
from tests.gateway.cli.conftest import Sent


def test_add(sent: Sent) -> None:
    """Scope, name, reason and person become one command."""
    words = ["add", "agency", "ice", "--by", "R.", "--reason", "legal_order", "--json"]
    assert CliRunner().invoke(cutoff.app, words).exit_code == 0
    assert sent == [
        {
            "command": "cutoff-add",
            "scope": "agency",
            "name": "ice",
            "reason": "legal_order",
            "by": "R.",
            "options": {"as_json": True},
        }
    ]


def test_add_names_this_user_by_default(sent: Sent) -> None:
    """Without --by the machine's user is named."""
    assert CliRunner().invoke(cutoff.app, ["add", "all"]).exit_code == 0
    assert sent[0]["by"]
    assert sent[0]["name"] == ""


def test_list_and_lift(sent: Sent) -> None:
    """The list has no arguments; a lift is drafted by its number."""
    assert CliRunner().invoke(cutoff.app, ["list"]).exit_code == 0
    assert CliRunner().invoke(cutoff.app, ["lift", "3"]).exit_code == 0
    assert CliRunner().invoke(cutoff.app, ["lift", "three"]).exit_code == 2
    assert [command["command"] for command in sent] == ["cutoff-list", "draft-lift"]
    assert sent[1]["number"] == 3
