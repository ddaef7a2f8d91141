"""The connector for PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Self

from connectors.answer import verified
from connectors.breaker import Breaker
from connectors.compile import statement_for
from connectors.contract import Limits
from connectors.errors import Fault, InvalidQuery, SourceUnavailable
from connectors.postgres.pool import Pool
from connectors.postgres.relation import Relation
from connectors.postgres.server import PostgresServer
from connectors.postgres.session import Session, open_session
from connectors.postgres.statement import text_of, values_of, wired
from connectors.postgres.wire import Command
from connectors.query import LiveColumn, Query, Row, check

__all__ = ["PostgresConnector"]


class PostgresConnector:
    """Reads one database; keeps the contract of :class:`connectors.Connector`.

    Each read is in a read-only transaction that sees one state of the database, and
    carries its exchange's id as a comment. No statement is prepared at the server: a
    text that differs each time would gain nothing, and behind a pooler nobody knows
    on which session it would be. ``trace`` is called with each statement, values left
    out: for tests, never for logs.
    """

    def __init__(
        self,
        *,
        name: str,
        server: PostgresServer,
        limits: Limits,
        monotonic: Callable[[], float],
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self.name = name
        self.breaker = Breaker(source=name, monotonic=monotonic)
        self.max_rows = limits.max_rows
        self._monotonic = monotonic
        self._relations: dict[str, Relation] = {}
        self._pool = Pool(
            source=name,
            limits=limits,
            open_session=partial(
                open_session,
                server,
                source=name,
                limits=limits,
                monotonic=monotonic,
                trace=trace,
            ),
            monotonic=monotonic,
        )

    async def select(self, query: Query, *, deadline_s: float) -> Sequence[Row]:
        """Read once; see the contract."""
        async with self.snapshot(deadline_s=deadline_s) as snapshot:
            return await snapshot.select(query, last=True)

    def snapshot(self, *, deadline_s: float) -> _Snapshot:
        """Return a snapshot to be entered; see the contract."""
        return _Snapshot(self, deadline_s)

    async def schema(self, table: str, *, deadline_s: float) -> tuple[LiveColumn, ...]:
        """Return the live columns; see the contract."""
        ends_at = self._monotonic() + deadline_s
        with self.breaker.guard():
            async with self._lent(ends_at) as session:
                relation = await session.describe(table, ends_at=ends_at, last=True)
        if relation is None:
            self._relations.pop(table, None)
            return ()
        self._relations[table] = relation
        return relation.live

    async def ping(self, *, deadline_s: float) -> None:
        """Have the server answer; see the contract."""
        await self.ask(Command(b"SELECT 1"), deadline_s=deadline_s)

    async def close(self) -> None:
        """End what runs; see the contract."""
        await self._pool.close()

    async def ask(self, command: Command, *, deadline_s: float) -> Session:
        """Read something about the server itself; return the connection, given back.

        Raises:
            SourceUnavailable: it did not say.
        """
        ends_at = self._monotonic() + deadline_s
        with self.breaker.guard():
            async with self._lent(ends_at) as session:
                await session.ask(command, ends_at=ends_at)
        return session

    def begin(self, deadline_s: float) -> float:
        """Return the monotonic instant by which a snapshot has to end.

        Raises:
            SourceUnavailable: with ``breaker``.
        """
        self.breaker.refuse_if_open()
        return self._monotonic() + deadline_s

    def give(self, session: Session) -> None:
        """Take a snapshot's connection back."""
        self._pool.give(session)

    async def read_first(
        self, snapshot: _Snapshot, query: Query, *, last: bool
    ) -> list[Row]:
        """Take a connection and read; once more if an idle one turns out to be gone.

        A server that was restarted has closed the connections that we kept. Nothing
        was read on such a one, so a fresh one may be asked.
        """
        try:
            return await self._taken_and_read(snapshot, query, last=last)
        except SourceUnavailable as error:
            session = snapshot.session
            stale = session is not None and session.used and session.wire.broken
            if session is None or not stale or error.fault is not Fault.GONE:
                raise
        snapshot.session = None
        self._pool.give(session)
        self._pool.drop_idle()
        return await self._taken_and_read(snapshot, query, last=last)

    async def read(
        self, session: Session, query: Query, *, ends_at: float, last: bool
    ) -> list[Row]:
        """Read on a connection.

        Raises:
            InvalidQuery: for a column the table does not map, or too many keys.
            SourceUnavailable: nothing was read.
        """
        name = query.table.name
        try:
            relation = await self._relation(session, name, ends_at)
            statement = statement_for(query, relation)
            made = wired(statement, relation)
            command = Command(
                text_of(made, query), values_of(made, statement, query), made.types
            )
            return await session.read(made, command, ends_at=ends_at, last=last)
        except SourceUnavailable as error:
            if error.fault is Fault.SCHEMA:
                # The table may have changed: the next read looks at it anew.
                self._relations.pop(name, None)
            raise

    async def _relation(self, session: Session, table: str, ends_at: float) -> Relation:
        """Return a table or view as it was last seen, or look at it."""
        relation = self._relations.get(table)
        if relation is None:
            relation = await session.describe(table, ends_at=ends_at)
            if relation is None:
                detail = "no such table or view"
                raise SourceUnavailable(self.name, Fault.SCHEMA, detail)
            self._relations[table] = relation
        return relation

    async def _taken_and_read(
        self, snapshot: _Snapshot, query: Query, *, last: bool
    ) -> list[Row]:
        snapshot.session = await self._pool.take(ends_at=snapshot.ends_at)
        return await self.read(
            snapshot.session, query, ends_at=snapshot.ends_at, last=last
        )

    @asynccontextmanager
    async def _lent(self, ends_at: float) -> AsyncIterator[Session]:
        session = await self._pool.take(ends_at=ends_at)
        try:
            yield session
        finally:
            self._pool.give(session)


class _Snapshot:
    """Reads of one transaction on one connection, for the length of a block.

    The connection is taken with the first read, so that one count of the breaker
    covers both.
    """

    def __init__(self, connector: PostgresConnector, deadline_s: float) -> None:
        self._connector = connector
        self._deadline_s = deadline_s
        self._over = False
        self.ends_at = 0.0
        self.session: Session | None = None

    async def __aenter__(self) -> Self:
        """Begin, unless the source rests; a generator would cost a tenth of a read."""
        self.ends_at = self._connector.begin(self._deadline_s)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give the connection back; nobody waits for what is left to end."""
        if self.session is not None:
            self._connector.give(self.session)

    async def select(self, query: Query, *, last: bool = False) -> Sequence[Row]:
        """Read in this snapshot; see the contract."""
        connector = self._connector
        if self._over:
            raise InvalidQuery("a read after the last of a snapshot")
        check(query, max_rows=connector.max_rows)
        # Over until it succeeds: after a failure the transaction is gone, and another
        # read would see another state.
        self._over = True
        with connector.breaker.guard():
            if self.session is None:
                rows = await connector.read_first(self, query, last=last)
            else:
                rows = await connector.read(
                    self.session, query, ends_at=self.ends_at, last=last
                )
        self._over = last
        return verified(connector.name, query, rows)
