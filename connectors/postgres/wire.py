"""One connection to PostgreSQL: several statements in one trip, and none left behind.

psycopg opens, verifies, cancels and closes the connection. Statements go straight to
libpq (``psycopg.pq``) in its pipeline mode (PostgreSQL's manual, 34.5): a transaction,
its settings, one read and its end are one trip, which psycopg's own pipeline makes at
more than twice the cost. Whoever waits is let go at once when time or patience is up;
what then still runs is ended by :meth:`Wire.settle`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from psycopg import AsyncConnection, OperationalError
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from connectors.errors import ConnectorError, Fault, SourceTimeout, SourceUnavailable
from connectors.postgres.faults import fault_of_result

__all__ = ["Command", "Receive", "Wire"]

Receive: TypeAlias = "Callable[[PGresult], None]"
"""Takes some rows of an answer."""

_CHUNK = 64
"""Rows that libpq holds before they are looked at."""

_CANCEL_S = 5.0
"""How long a request to cancel may take; the connection is given up long before."""

_ROWS = frozenset({ExecStatus.TUPLES_OK, ExecStatus.TUPLES_CHUNK})


class Command(NamedTuple):
    """A statement with its bound values as text, and their types."""

    sql: bytes
    values: Sequence[bytes | None] = ()
    types: Sequence[int] = ()
    receive: Receive | None = None


class Wire:
    """A connection whose socket the event loop watches; one trip at a time."""

    def __init__(
        self,
        connection: AsyncConnection[Any],
        *,
        source: str,
        monotonic: Callable[[], float],
    ) -> None:
        """Take an open connection; to be called on the loop that will use it."""
        self._connection = connection
        self._pq = connection.pgconn
        self._source = source
        self._monotonic = monotonic
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None
        self._owed = 0
        self._broken = False
        self._closed = False
        self._pq.enter_pipeline_mode()
        self._socket = self._pq.socket
        self._loop.add_reader(self._socket, self._readable)

    @property
    def backend(self) -> int:
        """The server process that the other side says it is."""
        return self._pq.backend_pid

    @property
    def encrypted(self) -> bool:
        """Whether TLS protects the connection."""
        return self._pq.ssl_in_use

    @property
    def broken(self) -> bool:
        """Whether nothing more can be sent."""
        return self._broken

    @property
    def settled(self) -> bool:
        """Whether nothing runs, nothing is to be read, and no transaction is open."""
        return not self._owed and self._status is TransactionStatus.IDLE

    @property
    def _status(self) -> TransactionStatus:
        return TransactionStatus(self._pq.transaction_status)

    async def trip(self, commands: Sequence[Command], *, ends_at: float) -> None:
        """Send statements together and read all their answers, in order.

        The first that fails ends the trip: the server does not run what follows.

        Raises:
            SourceTimeout: the monotonic instant passed; the trip is not settled.
            SourceUnavailable: the first error of the server, or a broken connection.
        """
        timer = self._loop.call_later(ends_at - self._monotonic(), self._late)
        try:
            await self._send(commands)
            error = await self._answers(commands)
        except OperationalError:
            raise self._broke() from None
        finally:
            timer.cancel()
        if error is not None:
            raise error

    async def settle(self) -> None:
        """End what runs, read what is left, and leave the transaction.

        Raises:
            SourceUnavailable: the connection is of no more use.
        """
        if self._owed:
            await self.cancel()
        try:
            while self._owed:
                # What they say was said to whoever waited, or nobody wants to know.
                await self._answers(())
        except OperationalError:
            raise self._broke() from None
        if self._status is not TransactionStatus.IDLE:
            ends_at = self._monotonic() + _CANCEL_S
            await self.trip([Command(b"ROLLBACK")], ends_at=ends_at)

    async def cancel(self) -> None:
        """Ask the server to end what runs; its answer is still to be read."""
        with contextlib.suppress(OperationalError):
            await self._connection.cancel_safe(timeout=_CANCEL_S)

    async def break_off(self) -> None:
        """Let go whoever waits, and have the server end what runs."""
        self._closed = True
        self._tell(SourceUnavailable(self._source, Fault.CLOSED))
        await self.cancel()

    def close(self) -> None:
        """Close the connection; whoever waits is told so. Never raises."""
        self._closed = True
        self._tell(self._broke())
        self._pq.finish()

    async def _send(self, commands: Sequence[Command]) -> None:
        for command in commands:
            self._pq.send_query_params(command.sql, command.values, command.types)
        self._pq.pipeline_sync()
        self._owed += 1
        while self._pq.flush():
            await self._writable()

    async def _answers(self, commands: Sequence[Command]) -> ConnectorError | None:
        """Read until the server has answered everything of one trip."""
        pq, error, place = self._pq, None, 0
        receive = self._taker(commands, place)
        while True:
            while pq.is_busy():
                await self._wait()
            if pq.status == ConnStatus.BAD:
                raise self._broke()
            result = pq.get_result()
            if result is None:
                place += 1
                receive = self._taker(commands, place)
                continue
            status = result.status
            if status == ExecStatus.PIPELINE_SYNC:
                self._owed -= 1
                return error
            if status == ExecStatus.FATAL_ERROR:
                error = error or fault_of_result(self._source, result)
            # The last portion, and the answer of no rows, are empty.
            elif receive is not None and status in _ROWS and result.ntuples:
                receive(result)

    def _taker(self, commands: Sequence[Command], place: int) -> Receive | None:
        """Return who takes the rows of the next answer; they then come in portions."""
        receive = commands[place].receive if place < len(commands) else None
        if receive is not None:
            self._pq.set_chunked_rows_mode(_CHUNK)
        return receive

    async def _wait(self) -> None:
        if self._broken:
            raise self._broke()
        self._waiter = waiter = self._loop.create_future()
        try:
            await waiter
        finally:
            self._waiter = None
            if waiter.done() and not waiter.cancelled():
                waiter.exception()  # seen, also when who waited was cancelled

    async def _writable(self) -> None:
        """Wait until the socket takes more; meanwhile what comes is read."""
        self._loop.add_writer(self._socket, self._tell, None)
        try:
            await self._wait()
        finally:
            self._loop.remove_writer(self._socket)

    def _readable(self) -> None:
        """Take what came; wake whoever waits when it is a whole result."""
        try:
            self._pq.consume_input()
            busy = self._pq.is_busy()
        except OperationalError:
            self._tell(self._broke())
            return
        if self._pq.status == ConnStatus.BAD:
            self._tell(self._broke())
        elif not busy:
            self._tell(None)

    def _late(self) -> None:
        self._tell(SourceTimeout(self._source))

    def _tell(self, error: ConnectorError | None) -> None:
        """Wake whoever waits."""
        waiter = self._waiter
        if waiter is None or waiter.done():
            return
        if error is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(error)

    def _broke(self) -> SourceUnavailable:
        """Stop watching the socket, which libpq may have closed; say why it is over."""
        if not self._broken:
            self._broken = True
            self._loop.remove_reader(self._socket)
        if self._closed:
            return SourceUnavailable(self._source, Fault.CLOSED)
        return SourceUnavailable(self._source, Fault.GONE, "the connection broke")
