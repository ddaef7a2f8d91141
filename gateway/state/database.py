"""The state database: one worker thread, one transaction for each piece of work.

SQLAlchemy Core writes the SQL. What only SQLite needs is in :func:`_for_sqlite`, what
only a server needs in :mod:`gateway.state.server`.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import SingletonThreadPool

from connectors import PostgresServer
from gateway.errors import Cause, Unavailable
from gateway.state.migrate import migrate
from gateway.state.server import Deadline, server_engine

__all__ = ["Database"]

T = TypeVar("T")

_AGAIN = frozenset({"40001", "40P01", "23505", "42P07", "42701"})
"""What a server says when two processes met: a serialization failure, a deadlock, a
row, a table or a column that the other one has just made.
"""

_PAUSE_S = 0.005

_TRIES = 12
"""How often a piece of work is done before what stands in its way is its own fault."""


class Database:
    """Runs work on the state database, in order, off the event loop."""

    def __init__(self, *, engine: Engine, timeout_s: float, deadline: Deadline) -> None:
        """Take the engine; :meth:`open` is the usual way here."""
        self._engine = engine
        self._deadline = deadline
        # Twice: first the database's own wait for its lock, then ours for the thread.
        self._timeout_s = timeout_s * 2
        self._closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="state")

    @classmethod
    async def open(cls, place: Path | PostgresServer, *, timeout_s: float) -> Database:
        """Open a database and migrate it: on a server, or a SQLite file.

        A file that is not there is created with mode 0600.

        Raises:
            StateRefused: when a newer version of the gateway wrote it, or the driver
                of the server is not installed.
            Unavailable: state-unavailable, when it cannot be opened.
        """
        deadline = Deadline(seconds=timeout_s)
        # SQLAlchemy looks at the path while it makes an engine: not on the loop.
        engine = await asyncio.to_thread(_engine, place, deadline)
        database = cls(engine=engine, timeout_s=timeout_s, deadline=deadline)
        try:
            if isinstance(place, Path):
                await database._off_loop(lambda: _create_private(place))
            await database.run(migrate)
        except Unavailable as error:
            await database.close()
            where = f"{place}: " if isinstance(place, Path) else ""
            raise Unavailable(error.cause, f"{where}{error.detail}") from error
        except BaseException:
            await database.close()
            raise
        return database

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run work in one transaction; committed when this returns.

        It may be run more than once, each time as if it had not been before.

        Raises:
            Unavailable: state-unavailable, when the database is gone, locked, full
                or late. The transaction may then have been committed or not.
        """
        return await self._off_loop(lambda: self._transaction(work))

    async def ping(self) -> None:
        """Ask the database something.

        Raises:
            Unavailable: state-unavailable.
        """
        await self.run(lambda connection: connection.exec_driver_sql("SELECT 1"))

    async def close(self) -> None:
        """Close the connection and end the thread; a second time does nothing."""
        if self._closed:
            return
        self._closed = True
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown(wait=False)

    def _transaction(self, work: Callable[[Connection], T]) -> T:
        """Do the work; again where another process was at the same rows.

        The server then has undone all of it, so it may be done anew.
        """
        self._deadline.begin()
        for left in reversed(range(_TRIES)):
            try:
                with self._engine.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                state = getattr(error.orig, "sqlstate", None)
                if state not in _AGAIN or self._deadline.passed or not left:
                    raise
                time.sleep(_PAUSE_S)
        raise AssertionError  # the last try returned or raised

    async def _off_loop(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await loop.run_in_executor(self._thread, work)
        except (SQLAlchemyError, OSError, RuntimeError) as error:
            # TimeoutError is an OSError; RuntimeError is a thread that was ended.
            raise Unavailable(Cause.STATE_UNAVAILABLE, _fault(error)) from error


def _fault(error: Exception) -> str:
    """Return what went wrong; the text of a database's error can hold values."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    code = getattr(getattr(error, "orig", None), "sqlite_errorname", None)
    return code or type(error).__name__


def _create_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _engine(place: Path | PostgresServer, deadline: Deadline) -> Engine:
    if isinstance(place, Path):
        return _sqlite_engine(place, deadline.seconds)
    return server_engine(place, deadline)


def _sqlite_engine(path: Path, timeout_s: float) -> Engine:
    engine = create_engine(
        f"sqlite+pysqlite:///{path}",
        poolclass=SingletonThreadPool,
        connect_args={"timeout": timeout_s},
        hide_parameters=True,
    )
    _for_sqlite(engine)
    return engine


def _for_sqlite(engine: Engine) -> None:
    """Make SQLite durable and its transactions real (the driver begins too late)."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's own
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
