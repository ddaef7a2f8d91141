"""Telling the service manager how far a start or a stop is.

systemd's protocol (sd_notify(3)): one datagram to the socket that ``NOTIFY_SOCKET``
names. Without that variable nobody waits to be told.
"""

from __future__ import annotations

import contextlib
import os
import socket

__all__ = ["READY", "STOPPING", "tell_supervisor"]

READY = "READY=1"
STOPPING = "STOPPING=1"


def tell_supervisor(word: str) -> None:
    """Tell it, if there is one; a service is not ended by nobody listening."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place:
        return
    # A leading @ stands for the byte of Linux's abstract names.
    address = f"\0{place[1:]}" if place.startswith("@") else place
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling,
    ):
        telling.connect(address)
        telling.send(word.encode())
