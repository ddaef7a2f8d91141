"""``sallyport instrument``: the commands it makes."""

from __future__ import annotations

from typer.testing import CliRunner

from gateway.cli import instrument
from tests.gateway.cli.conftest import Sent

DIGEST = "ab" * 32


def test_a_confirmation_is_drafted(sent: Sent) -> None:
    """Two people sign it, so nobody is named here."""
    words = ["confirm", DIGEST, "--words", "By telephone."]
    assert CliRunner().invoke(instrument.app, words).exit_code == 0
    (command,) = sent
    assert (command["command"], command["document"]) == ("draft-paper", DIGEST)
    assert command["words"] == "By telephone."


def test_anything_else_is_recorded(sent: Sent) -> None:
    """A digest, a state and a person become one command."""
    words = ["record", DIGEST, "revoked", "--by", "Clerk 7"]
    assert CliRunner().invoke(instrument.app, words).exit_code == 0
    (command,) = sent
    assert command["command"] == "instrument-record"
    assert (command["document"], command["by"]) == (DIGEST, "Clerk 7")
    assert command["state"] == "revoked"


def test_somebody_must_be_named(sent: Sent) -> None:
    """What is recorded without --by is recorded by nobody."""
    words = ["record", DIGEST, "revoked"]
    assert CliRunner().invoke(instrument.app, words).exit_code == 2
    assert sent == []
