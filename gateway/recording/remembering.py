"""Whom a family asked about survives a restart: written beside requests, every second.

What was asked in the last second before a kill is forgotten, and so is what was asked
while the state database could not be written: then a family has a few guesses more.
That is the price of not waiting for it before each answer.

Where several processes share the state, each reads every second what the others wrote.
So one counts what was asked of another at most two seconds later.

More than today is kept only while a rule in force looks at ``reasked_differently``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from zoneinfo import ZoneInfo

from gateway.clock import Clock, day_in_zone
from gateway.errors import Cause, Unavailable
from gateway.identity import REASKED, AskedBefore, AskedRow
from gateway.policy import Bundle
from gateway.state import AskedRows

__all__ = ["Remembering"]

INTERVAL_S = 1.0
"""How often what was asked is written, in seconds."""

BELIEVED_S = 5.0
"""How long the count is believed without the other processes', in seconds."""


class Remembering:
    """Keeps the memory of one process in the state database."""

    def __init__(
        self,
        *,
        asked: AskedBefore,
        store: AskedRows,
        bundle: Callable[[], Bundle],
        days: int,
        clock: Clock,
        zone: ZoneInfo,
        shared: bool = False,
    ) -> None:
        """Take the memory, its store, the bundle in force, and when days begin.

        ``days`` is how long ways of asking are kept, where a rule looks at them;
        ``shared`` says that other processes write there too.
        """
        self._asked = asked
        self._store = store
        self._bundle = bundle
        self._days = days
        self._revision = ""
        self._clock = clock
        self._zone = zone
        self._shared = shared
        self._turn: int | None = None
        self._read_at = 0.0
        self._forgotten = 0

    async def load(self) -> None:
        """Remember what was stored.

        Raises:
            Unavailable: state-unavailable.
        """
        self._follow()
        asked_at, oldest = self._clock.monotonic(), self._asked.oldest(self._day)
        rows, self._turn = await self._store.after(self._turn, since=oldest)
        self._asked.load((AskedRow(*row) for row in rows), day=self._day)
        self._read_at = asked_at

    def require(self) -> None:
        """Refuse while it is not known what other processes counted, if there are any.

        Raises:
            Unavailable: state-unavailable.
        """
        late_s = self._clock.monotonic() - self._read_at
        if self._shared and late_s > BELIEVED_S:
            raise Unavailable(Cause.STATE_UNAVAILABLE, "what was asked was not read")

    async def write(self) -> None:
        """Store what is new and delete what is too old; what fails is done again."""
        self._follow()
        rows = self._asked.unwritten()
        try:
            await self._store.put(rows, now_ms=self._clock.now_ms())
            if self._shared:
                await self.load()
            before = self._asked.forget(day=self._day)
            if before > self._forgotten:
                await self._store.forget(before=before)
                self._forgotten = before
        except Unavailable:
            self._asked.again(rows)

    async def run(self) -> None:
        """Write every second, until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            await self.write()

    def _follow(self) -> None:
        """Keep as long as the law in force needs it."""
        bundle = self._bundle()
        if bundle.revision != self._revision:
            self._revision = bundle.revision
            self._asked.days = self._days if bundle.looks_at(REASKED) else 0

    @property
    def _day(self) -> int:
        return day_in_zone(self._clock.now_ms(), self._zone)
