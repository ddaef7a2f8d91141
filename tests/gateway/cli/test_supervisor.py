"""What a service manager is told."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from gateway.cli.supervisor import READY, STOPPING, tell_supervisor


@pytest.mark.parametrize("abstract", [False, True])
def test_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, abstract: bool
) -> None:
    """One datagram a word, to a path or to a name of Linux's own."""
    place = f"@{tmp_path}" if abstract else str(tmp_path / "n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        try:
            listening.bind(f"\0{place[1:]}" if abstract else place)
        except OSError:
            pytest.skip("this system has no abstract names")
        listening.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", place)
        for word in (READY, STOPPING):
            tell_supervisor(word)
            assert listening.recv(64) == word.encode()


def test_nobody_has_to_listen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a service manager, or with one that is gone, nothing happens."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell_supervisor(READY)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    tell_supervisor(READY)
