"""A connection with one read-only transaction at a time, and how it comes about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from psycopg import AsyncConnection, OperationalError
from psycopg.conninfo import make_conninfo
from psycopg.pq.abc import PGresult

from connectors.contract import Limits
from connectors.errors import Fault, SourceTimeout, SourceUnavailable
from connectors.postgres.faults import fault_of_opening
from connectors.postgres.relation import DESCRIBE, Relation, quoted, relation_of
from connectors.postgres.server import PostgresServer
from connectors.postgres.statement import Rows, Wired
from connectors.postgres.wire import Command, Wire
from connectors.query import Row

__all__ = ["Session", "open_session"]

_TEXT_OID = 25

_LATER_MS = 100
"""The server's own clock on a statement runs out this much after ours: for when our
request to cancel does not arrive."""

_BEGIN = Command(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
_FORMS = ("DateStyle = 'ISO, YMD'", "TimeZone = 'UTC'")
"""How days and instants are written."""

_OURS = tuple(
    Command(f"SET {said}".encode())
    for said in ("default_transaction_read_only = on", *_FORMS)
)
"""Said once to a session that is ours alone."""

_LENT = tuple(Command(f"SET LOCAL {said}".encode()) for said in _FORMS)
"""Said in each transaction where a pooler lends the session to others as well."""

_COMMIT = Command(b"COMMIT")


class Session:
    """Reads on one connection; all reads between two ends see one state.

    ``pooled`` tells whether a pooler stands between us and the server; ``opened`` is
    when it was opened, ``used`` whether it had answered before it was last lent.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        source: str,
        limits: Limits,
        monotonic: Callable[[], float],
        trace: Callable[[str], None] | None = None,
    ) -> None:
        """Take a connection that is open."""
        self.wire = wire
        self.opened = monotonic()
        self.pooled = False
        self.used = False
        self._source = source
        self._limits = limits
        self._monotonic = monotonic
        self._trace = trace
        self._begun = False

    async def read(
        self, made: Wired, command: Command, *, ends_at: float, last: bool
    ) -> list[Row]:
        """Read in the transaction, which begins with the first and ends with the last.

        Raises:
            SourceUnavailable: nothing was read.
        """
        rows = Rows(made.loads, source=self._source, limits=self._limits)
        await self._trip(command._replace(receive=rows), ends_at=ends_at, last=last)
        return rows.rows

    async def describe(
        self, table: str, *, ends_at: float, last: bool = False
    ) -> Relation | None:
        """Return a table or view as it is now; None where there is none for us."""
        found: list[list[bytes | None]] = []

        def receive(result: PGresult) -> None:
            """Take the rows as they are."""
            found.extend(
                [result.get_value(row, column) for column in range(result.nfields)]
                for row in range(result.ntuples)
            )

        asked = Command(DESCRIBE, [quoted(table).encode()], [_TEXT_OID], receive)
        await self._trip(asked, ends_at=ends_at, last=last)
        most = self._limits.max_value_bytes + 1
        return relation_of(self._source, found, most=most) if found else None

    async def ask(self, command: Command, *, ends_at: float) -> None:
        """Read something small in a transaction of its own."""
        await self._trip(command, ends_at=ends_at, last=True)

    async def settle(self) -> None:
        """End what runs and leave the transaction; see :meth:`Wire.settle`."""
        await self.wire.settle()
        self._begun = False

    async def _trip(self, command: Command, *, ends_at: float, last: bool) -> None:
        """Send one read, with the transaction's beginning and end where they belong."""
        if self._trace is not None:
            self._trace(command.sql.decode())
        begin = () if self._begun else self._beginning(ends_at)
        end = (_COMMIT,) if last else ()
        self._begun = True
        await self.wire.trip([*begin, command, *end], ends_at=ends_at)
        self._begun = not last

    def _beginning(self, ends_at: float) -> tuple[Command, ...]:
        remaining = int((ends_at - self._monotonic()) * 1000)
        most = b"%d" % max(1, remaining + _LATER_MS)
        return (
            _BEGIN,
            *(_LENT if self.pooled else ()),
            Command(b"SET LOCAL statement_timeout = " + most),
            # Should this process hang between two reads, the snapshot is let go.
            Command(b"SET LOCAL idle_in_transaction_session_timeout = " + most),
        )


async def open_session(
    server: PostgresServer,
    ends_at: float,
    *,
    source: str,
    limits: Limits,
    monotonic: Callable[[], float],
    trace: Callable[[str], None] | None = None,
) -> Session:
    """Connect, and see whether it is the server itself or a pooler that answers.

    Raises:
        SourceTimeout: not by the monotonic instant.
        SourceUnavailable: with ``untrusted``, ``refused`` or ``gone``, and why.
    """
    try:
        async with asyncio.timeout(max(0.0, ends_at - monotonic())):
            connection = await _connect(server, source)
    except TimeoutError:
        raise SourceTimeout(source) from None
    except OperationalError as error:
        raise fault_of_opening(source, str(error)) from None
    wire = Wire(connection, source=source, monotonic=monotonic)
    session = Session(
        wire, source=source, limits=limits, monotonic=monotonic, trace=trace
    )
    try:
        await _look(session, ends_at)
    except BaseException:
        wire.close()
        raise
    return session


async def _connect(server: PostgresServer, source: str) -> AsyncConnection:
    told = server.parameters()
    if server.password is not None:
        try:
            told["password"] = await asyncio.to_thread(server.password)
        except ValueError:
            detail = "its password cannot be read"
            raise SourceUnavailable(source, Fault.REFUSED, detail) from None
    return await AsyncConnection.connect(make_conninfo("", **told), autocommit=True)


async def _look(session: Session, ends_at: float) -> None:
    """Tell a pooler by its process number, which is not that of who answers.

    A session that is ours alone is told once what holds for it, that nothing writes
    first of all. A pooler lends sessions to others, so nothing may be left on them.
    """
    answered: list[bytes | None] = []
    asked = Command(
        b"SELECT pg_catalog.pg_backend_pid()",
        receive=lambda result: answered.append(result.get_value(0, 0)),
    )
    await session.wire.trip([asked], ends_at=ends_at)
    session.pooled = answered != [b"%d" % session.wire.backend]
    if not session.pooled:
        await session.wire.trip(_OURS, ends_at=ends_at)
