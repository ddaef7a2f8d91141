"""Telling systemd, over a real socket of its kind."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from audit.witness.systemd import tell


def test_a_state_is_sent_to_who_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By path, or by a name that lies in no folder."""
    name = f"\0sallyport-{tmp_path.name}"
    for address in (str(tmp_path / "n"), name):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as waiting:
            waiting.bind(address)
            waiting.settimeout(5)
            monkeypatch.setenv("NOTIFY_SOCKET", address.replace("\0", "@"))
            tell("READY=1")
            assert waiting.recv(100) == b"READY=1"


@pytest.mark.parametrize("where", ["", "nowhere", "/not/there"])
def test_elsewhere_nothing_happens(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits: nobody is told, and nothing fails."""
    monkeypatch.setenv("NOTIFY_SOCKET", where)
    tell("READY=1")
