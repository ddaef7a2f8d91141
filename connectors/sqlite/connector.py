"""The connector for SQLite files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from connectors.answer import verified
from connectors.breaker import Breaker
from connectors.compile import bind, statement_for
from connectors.contract import Limits
from connectors.errors import InvalidQuery, SourceTimeout
from connectors.query import LiveColumn, Query, Row, check
from connectors.sqlite.lane import Lane
from connectors.sqlite.pool import Pool
from connectors.sqlite.session import Session

__all__ = ["SqliteConnector"]

T = TypeVar("T")

_BACKSTOP_S = 0.025
"""SQLite looks at the deadline itself and can say more about why; this much later the
caller is let go where it cannot look, because it waits for the disk."""

_WATCH_S = 0.025
"""Between two looks at who must be let go. One timer for all: a timer for each
statement would cost a tenth of the statement."""


class SqliteConnector:
    """Reads one SQLite file; keeps the contract of :class:`connectors.Connector`.

    ``trace`` is called on the connection's thread with each statement SQLite really
    executes, values included: for tests, never for logs.
    """

    def __init__(
        self,
        *,
        name: str,
        path: Path,
        limits: Limits,
        monotonic: Callable[[], float],
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self.name = name
        self.breaker = Breaker(source=name, monotonic=monotonic)
        self._path = path
        self._limits = limits
        self.max_rows = limits.max_rows
        self._monotonic = monotonic
        self._trace = trace
        self._running: dict[Lane, asyncio.Future[Any]] = {}
        self._watched_on: asyncio.AbstractEventLoop | None = None
        self._pool = Pool(
            source=name, limits=limits, open_lane=self._lane, monotonic=monotonic
        )

    async def select(self, query: Query, *, deadline_s: float) -> Sequence[Row]:
        """Read once; see the contract."""
        check(query, max_rows=self.max_rows)
        statement = statement_for(query, "sqlite")
        values = bind(statement, query)
        rows: list[Row] = await self._alone(
            lambda session: session.rows(statement.sql, values), deadline_s
        )
        return verified(self.name, query, rows)

    @asynccontextmanager
    async def snapshot(self, *, deadline_s: float) -> AsyncIterator[_Snapshot]:
        """Open a snapshot; see the contract."""
        ends_at = self._monotonic() + deadline_s
        self.breaker.refuse_if_open()
        lane = await self._pool.take(ends_at=ends_at)
        snapshot = _Snapshot(self, lane, ends_at)
        try:
            yield snapshot
        finally:
            if snapshot.begun:
                # First in line on the lane's thread, so that nobody waits for it.
                lane.tell(lane.session.end)
            self._pool.give(lane)

    async def schema(self, table: str, *, deadline_s: float) -> tuple[LiveColumn, ...]:
        """Return the live columns; see the contract."""
        columns: tuple[LiveColumn, ...] = await self._alone(
            lambda session: session.columns(table), deadline_s
        )
        return columns

    async def ping(self, *, deadline_s: float) -> None:
        """Read the file's first page; see the contract."""
        await self._alone(
            lambda session: session.rows("SELECT 1 FROM sqlite_schema LIMIT 1", ()),
            deadline_s,
        )

    async def close(self) -> None:
        """End what runs; see the contract."""
        await self._pool.close()

    async def run(self, lane: Lane, work: Callable[[], T], ends_at: float) -> T:
        """Run work on a lane, ended at the source when time or the caller is up.

        Raises:
            SourceTimeout: the instant passed.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._running[lane] = future
        if self._watched_on is not loop:
            self._watched_on = loop
            loop.call_later(_WATCH_S, self._watch)
        lane.submit(work, future, ends_at=ends_at)
        try:
            return await future
        except asyncio.CancelledError:
            lane.session.interrupt()
            raise
        finally:
            del self._running[lane]

    async def _alone(self, work: Callable[[Session], T], deadline_s: float) -> T:
        """Run work on a lane of its own."""
        ends_at = self._monotonic() + deadline_s
        with self.breaker.guard():
            lane = await self._pool.take(ends_at=ends_at)
            try:
                return await self.run(lane, partial(work, lane.session), ends_at)
            finally:
                self._pool.give(lane)

    def _watch(self) -> None:
        """Let go those whose deadline has passed; again while anything runs."""
        now = self._monotonic()
        for lane, future in self._running.items():
            if now >= lane.session.ends_at + _BACKSTOP_S:
                lane.session.interrupt()
                if not future.done():
                    future.set_exception(SourceTimeout(self.name))
        self._watched_on = None
        if self._running:
            self._watched_on = asyncio.get_running_loop()
            self._watched_on.call_later(_WATCH_S, self._watch)

    def _lane(self) -> Lane:
        """Start a thread with a session."""
        session = Session(
            source=self.name,
            path=self._path,
            limits=self._limits,
            monotonic=self._monotonic,
            trace=self._trace,
        )
        return Lane(session, name=f"source-{self.name}")


class _Snapshot:
    """Reads of one transaction on one connection; ``begun`` while it may be open."""

    def __init__(self, connector: SqliteConnector, lane: Lane, ends_at: float) -> None:
        self._connector = connector
        self._lane = lane
        self._ends_at = ends_at
        self._over = False
        self.begun = False

    async def select(self, query: Query, *, last: bool = False) -> Sequence[Row]:
        """Read in this snapshot; see the contract."""
        connector, session = self._connector, self._lane.session
        if self._over:
            raise InvalidQuery("a read after the last of a snapshot")
        check(query, max_rows=connector.max_rows)
        statement = statement_for(query, "sqlite")
        values = bind(statement, query)

        # One statement sees one state by itself: alone it needs no transaction.
        alone = last and not self.begun

        def work() -> list[Row]:
            """Read, and leave the transaction in the same trip if this is the last."""
            rows = session.rows(statement.sql, values, begin=not alone)
            if last and not alone:
                session.end()
            return rows

        # Over until it succeeds: after a failure the transaction may be gone, and
        # another read would see another state.
        self.begun = self._over = True
        with connector.breaker.guard():
            rows = await connector.run(self._lane, work, self._ends_at)
        self.begun, self._over = not last, last
        return verified(connector.name, query, rows)
