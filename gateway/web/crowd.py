"""What one certificate may cost: so many connections, so many refusals in a row.

A refusal costs little, but a turn of the loop answers every connection that has a
request. So past a few a second refusals are held back: that costs nothing but a timer,
and whoever sends one bad request after the other waits between them.
"""

from __future__ import annotations

import asyncio
from collections import Counter

from aiohttp import web

from gateway.clock import Clock
from gateway.errors import Unauthenticated
from gateway.identity import peer_certificate
from gateway.identity.buckets import Buckets, Rate

__all__ = ["CROWD", "Crowd"]

REFUSED = Rate.per_minute(60, burst=200)
"""Refusals of one certificate that are answered at once."""

HELD_S = 0.25
"""How long each further one is held back, in seconds."""


class Crowd:
    """Counts connections and refusals by certificate."""

    def __init__(self, *, most: int, clock: Clock) -> None:
        """Take the most connections of one certificate, and the clock."""
        self._most = most
        self._clock = clock
        self._open: Counter[bytes] = Counter()
        self._refused = Buckets()

    def came(self, transport: asyncio.BaseTransport) -> bytes | None:
        """Count a connection; return whose it is, or None when it is one too many."""
        whose = _whose(transport)
        if self._open[whose] >= self._most:
            return None
        self._open[whose] += 1
        return whose

    def went(self, whose: bytes) -> None:
        """Count a connection less."""
        self._open[whose] -= 1
        if not self._open[whose]:
            del self._open[whose]

    async def refused(self, transport: asyncio.BaseTransport | None) -> None:
        """Hold a refusal back when there were many before it."""
        now_ns = int(self._clock.monotonic() * 1e9)
        _, wait = self._refused.take([(_whose(transport), REFUSED)], now_ns=now_ns)
        if wait:
            await asyncio.sleep(HELD_S)


CROWD: web.AppKey[Crowd] = web.AppKey("crowd", Crowd)
"""Where an application keeps it."""


def _whose(transport: asyncio.BaseTransport | None) -> bytes:
    """Return the certificate of a connection; empty for one that has none to show."""
    try:
        return peer_certificate(transport) or b""
    except Unauthenticated:
        return b""
