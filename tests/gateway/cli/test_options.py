"""Options that commands share."""

from __future__ import annotations

import getpass

from gateway.cli.options import someone


def test_who_acts() -> None:
    """As given, else the user of this machine."""
    assert someone("R. Example") == "R. Example"
    assert someone("") == getpass.getuser()
