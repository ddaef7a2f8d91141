"""Graceful stop: pages in flight finish, or are refused before they release."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.errors import Cause, Unavailable

__all__ = ["Flights"]


class Flights:
    """Counts exchanges in flight, bounds them, and waits for the last one."""

    def __init__(self, *, most: int) -> None:
        """Take the most exchanges that may be worked on or wait at once."""
        self._most = most
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def count(self) -> int:
        """How many are in flight."""
        return self._count

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold one place.

        Raises:
            Unavailable: overloaded, when there is none.
        """
        if self._count >= self._most:
            raise Unavailable(Cause.OVERLOADED, "too many exchanges at once")
        self._count += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self._idle.set()

    async def landed(self, *, within_s: float) -> bool:
        """Wait for all to end; False when some still run after the time given."""
        try:
            async with asyncio.timeout(within_s):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True
