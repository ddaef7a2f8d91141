"""Telling systemd that a service is ready (sd_notify(3)); elsewhere nothing happens."""

from __future__ import annotations

import contextlib
import os
import socket

__all__ = ["tell"]


def tell(state: str) -> None:
    """Send one state, such as ``READY=1``, to who waits for it."""
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where.startswith(("/", "@")):
        return
    address = "\0" + where[1:] if where.startswith("@") else where
    with (
        contextlib.suppress(OSError),  # who waits for nothing is told nothing
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as one,
    ):
        one.connect(address)
        one.sendall(state.encode())
