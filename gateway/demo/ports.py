"""Ports of this machine that nobody listens on."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from contextlib import ExitStack, suppress

__all__ = ["free_ports"]

LOOPBACK = "127.0.0.1"
_STEP = 20
_BEYOND = 32_768
"""From here on systems take ports for whoever connects: such a one is soon gone."""


def free_ports(*wanted: int) -> tuple[int, ...]:
    """Return free loopback ports: the wanted ones, or others where they are taken.

    They are free now; nothing keeps them so. Who is beaten to one is told by the
    operating system when it listens.
    """
    with ExitStack() as stack:
        found: list[int] = []
        for place, port in enumerate(wanted):
            found.append(_taken(stack, port, wanted[place + 1 :]))
        return tuple(found)


def _taken(stack: ExitStack, wanted: int, later: Sequence[int]) -> int:
    """Listen at a port, or another, until the stack is left; return its number.

    Another is none of those that are wanted ``later``.
    """
    others = range(wanted + _STEP, _BEYOND, _STEP)
    for port in (wanted, *(port for port in others if port not in later)):
        with suppress(OSError):
            return _listening(stack, port)
    return _listening(stack, 0)


def _listening(stack: ExitStack, port: int) -> int:
    # As servers do: a port that only waits for old connections to die is free.
    listener = stack.enter_context(socket.create_server((LOOPBACK, port)))
    number: int = listener.getsockname()[1]
    return number
