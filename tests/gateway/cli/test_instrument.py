"""``sallyport instrument``: the commands it makes."""

from __future__ import annotations

from typer.testing import CliRunner

from gateway.cli import instrument
from tests.gateway.cli.conftest import Sent


def test_confirm(sent: Sent) -> None:
    """A digest and a person become one command."""
    words = ["confirm", "ab" * 32, "--by", "Clerk 7"]
    assert CliRunner().invoke(instrument.app, words).exit_code == 0
    (command,) = sent
    assert command["command"] == "instrument-confirm"
    assert (command["document"], command["by"]) == ("ab" * 32, "Clerk 7")
    assert command["state"] == "issuer_confirmed"


def test_somebody_must_be_named(sent: Sent) -> None:
    """A confirmation without --by is no confirmation."""
    assert CliRunner().invoke(instrument.app, ["confirm", "ab" * 32]).exit_code == 2
    assert sent == []
