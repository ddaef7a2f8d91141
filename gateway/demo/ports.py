"""Ports of this machine that nobody listens on."""

from __future__ import annotations

import socket
from contextlib import ExitStack

__all__ = ["free_ports"]

LOOPBACK = "127.0.0.1"


def free_ports(*wanted: int) -> tuple[int, ...]:
    """Return free loopback ports: the wanted ones, or others where they are taken.

    They are free now; nothing keeps them so. Who is beaten to one is told by the
    operating system when it listens.
    """
    with ExitStack() as stack:
        return tuple(_bound(stack, port) for port in wanted)


def _bound(stack: ExitStack, port: int) -> int:
    """Bind a port, or any other, until the stack is left; return its number."""
    listener = stack.enter_context(socket.socket())
    try:
        listener.bind((LOOPBACK, port))
    except OSError:
        listener.bind((LOOPBACK, 0))
    number: int = listener.getsockname()[1]
    return number
