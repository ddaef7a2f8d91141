"""The connections of one source: a few, opened when needed, ended when left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from connectors.contract import Limits
from connectors.errors import Fault, SourceUnavailable
from connectors.postgres.session import Session

__all__ = ["Pool"]

_LIFE_S = 1800.0
"""How long a connection is used: after a failover or a change of addresses the last
of the old ones is gone after this."""


class Pool:
    """Lends connections, the last used first, and waits fairly when all are out.

    psycopg's own pool opens connections behind its caller's back and tries again
    until the caller's time is up, so that a wrong certificate and a slow server look
    alike; and it waits for what a caller left behind.
    """

    def __init__(
        self,
        *,
        source: str,
        limits: Limits,
        open_session: Callable[[float], Awaitable[Session]],
        monotonic: Callable[[], float],
    ) -> None:
        """Take what opens a connection by a monotonic instant."""
        self._source = source
        self._limits = limits
        self._open = open_session
        self._monotonic = monotonic
        self._places = asyncio.Semaphore(limits.connections)
        self._idle: list[Session] = []
        self._lent: set[Session] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    async def take(self, *, ends_at: float) -> Session:
        """Lend a connection, waiting in line for one until a monotonic instant.

        Raises:
            SourceUnavailable: none was free in time, none can be opened, or closed.
        """
        await self._place(ends_at)
        try:
            self._refuse_if_closed()
            session = self._from_idle() or await self._open(ends_at)
        except BaseException:
            self._places.release()
            raise
        self._lent.add(session)
        if self._closed:  # while it was being opened
            self._back(session)
            self._refuse_if_closed()
        return session

    def give(self, session: Session) -> None:
        """Take a connection back; what it left behind is ended, and nobody waits."""
        if session.wire.broken or session.wire.settled:
            self._back(session)
            return
        task = asyncio.get_running_loop().create_task(self._end(session))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def drop_idle(self) -> None:
        """Close what is idle: another of them was seen to be dead."""
        for session in self._idle:
            session.wire.close()
        self._idle.clear()

    async def close(self) -> None:
        """End what runs and close every connection; whoever waits is refused."""
        self._closed = True
        self.drop_idle()
        running = [s for s in self._lent if not (s.wire.broken or s.wire.settled)]
        async with asyncio.TaskGroup() as group:
            for session in running:
                group.create_task(self._break_off(session))
        for session in self._lent:
            session.wire.close()
        await asyncio.gather(*self._ending)

    async def _place(self, ends_at: float) -> None:
        """Wait for a place among those that may be connected."""
        self._refuse_if_closed()
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(max(0.0, ends_at - self._monotonic())):
                await self._places.acquire()
        except TimeoutError:
            raise SourceUnavailable(self._source, Fault.BUSY) from None

    def _from_idle(self) -> Session | None:
        """Return the connection used last that is still good."""
        while self._idle:
            session = self._idle.pop()
            if not session.wire.broken and self._young(session):
                session.used = True
                return session
            session.wire.close()
        return None

    def _young(self, session: Session) -> bool:
        return self._monotonic() - session.opened < _LIFE_S

    async def _end(self, session: Session) -> None:
        """End what runs; after ``grace_s`` the connection is given up instead."""
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._limits.grace_s, self._give_up, session)
        try:
            await session.settle()
        except SourceUnavailable:
            session.wire.close()
        finally:
            timer.cancel()
            self._back(session)

    def _give_up(self, session: Session) -> None:
        """Close a connection that does not end, and those that share its way."""
        if session in self._lent:
            self.drop_idle()
        self._back(session)

    async def _break_off(self, session: Session) -> None:
        """Have the server end what runs, without waiting for it to say so."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.grace_s):
                await session.wire.break_off()

    def _back(self, session: Session) -> None:
        """Keep a connection that is good, close another, and let the next one in."""
        if session not in self._lent:
            return  # it was given up meanwhile
        self._lent.discard(session)
        if self._closed or session.wire.broken or not session.wire.settled:
            session.wire.close()
        else:
            self._idle.append(session)
        self._places.release()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise SourceUnavailable(self._source, Fault.CLOSED)
