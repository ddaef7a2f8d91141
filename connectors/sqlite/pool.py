"""The lanes of one source: a few, opened when needed, given up when they hang."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from connectors.contract import Limits
from connectors.errors import Fault, SourceUnavailable
from connectors.sqlite.lane import Lane

__all__ = ["Pool"]

_MOST_GIVEN_UP = 16
"""Threads that may hang in the kernel before no more are started."""


class Pool:
    """Lends lanes, the last used first, and waits fairly when all are out."""

    def __init__(
        self,
        *,
        source: str,
        limits: Limits,
        open_lane: Callable[[], Lane],
        monotonic: Callable[[], float],
    ) -> None:
        self._source = source
        self._limits = limits
        self._open_lane = open_lane
        self._monotonic = monotonic
        self._idle: list[Lane] = []
        self._lent: set[Lane] = set()
        self._given_up: set[Lane] = set()
        self._waiting: deque[asyncio.Future[Lane]] = deque()
        self._closed = False

    async def take(self, *, ends_at: float) -> Lane:
        """Lend a lane, waiting in line for one until a monotonic instant.

        Raises:
            SourceUnavailable: none was free in time, too many hang, or closed.
        """
        if self._closed:
            raise SourceUnavailable(self._source, Fault.CLOSED)
        if self._idle:
            lane = self._idle.pop()
            self._lent.add(lane)
            return lane
        if len(self._lent) < self._limits.connections:
            return self._open()
        return await self._wait(ends_at)

    def give(self, lane: Lane) -> None:
        """Take a lane back; while it is ending something, for ``grace_s`` at most."""
        if not lane.busy:
            self._back(lane)
            return
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._limits.grace_s, self._give_up, lane)

        def ended() -> None:
            """Take it back: what it was ending has ended."""
            timer.cancel()
            self._back(lane)

        lane.when_idle(ended)

    async def close(self) -> None:
        """Stop every lane; whoever waits is refused."""
        self._closed = True
        for lane in (*self._idle, *self._lent):
            lane.stop()
        self._idle.clear()
        while (turn := self._next()) is not None:
            turn.set_exception(SourceUnavailable(self._source, Fault.CLOSED))

    def _open(self) -> Lane:
        """Open a lane, unless too many hang."""
        if len(self._given_up) >= _MOST_GIVEN_UP:
            raise SourceUnavailable(self._source, Fault.GONE, "too many hang")
        lane = self._open_lane()
        self._lent.add(lane)
        return lane

    async def _wait(self, ends_at: float) -> Lane:
        """Wait in line until a lane is handed over."""
        turn: asyncio.Future[Lane] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(max(0.0, ends_at - self._monotonic())):
                return await turn
        except TimeoutError:
            self._leave(turn)
            raise SourceUnavailable(self._source, Fault.BUSY) from None
        except asyncio.CancelledError:
            self._leave(turn)
            raise

    def _leave(self, turn: asyncio.Future[Lane]) -> None:
        """Leave the line; a lane that was handed over just now goes to the next."""
        if turn in self._waiting:
            self._waiting.remove(turn)
        elif turn.done() and not turn.cancelled() and turn.exception() is None:
            self._back(turn.result())

    def _next(self) -> asyncio.Future[Lane] | None:
        """Take the next one out of the line who still waits."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                return turn
        return None

    def _back(self, lane: Lane) -> None:
        """Hand a lane to the next in line, or put it where it belongs now."""
        self._given_up.discard(lane)
        if lane not in self._lent:
            return  # it had been given up, and has now ended after all
        if self._closed:
            self._lent.discard(lane)
            lane.stop()
        elif (turn := self._next()) is not None:
            turn.set_result(lane)
        else:
            self._lent.discard(lane)
            self._idle.append(lane)

    def _give_up(self, lane: Lane) -> None:
        """Discard a lane that did not end in time; its thread closes it if it ends."""
        self._lent.discard(lane)
        self._given_up.add(lane)
        lane.stop()
        if (turn := self._next()) is not None:
            try:
                turn.set_result(self._open())
            except SourceUnavailable as error:
                turn.set_exception(error)
