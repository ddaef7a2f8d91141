"""Connections that are kept open, each lent to one thread at a time."""

from __future__ import annotations

import contextlib
import os
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from audit.postgres.server import Server, Session, error_of, lost

__all__ = ["Links"]

T = TypeVar("T")


class Links:
    """Lends connections to one server in one role; a child process has its own."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._idle: deque[Session] = deque()
        self._process = os.getpid()
        # Who reads a log once holds its source and nothing else: what it leaves open
        # ends with it.
        weakref.finalize(self, _close, self._idle, self._process)

    @property
    def timeout_s(self) -> float:
        """The longest wait for one piece of work."""
        return self._server.timeout_s

    @contextlib.contextmanager
    def lend(self) -> Iterator[Session]:
        """Lend a connection for one piece of work, which has to end in time.

        One that broke, or is in the middle of a transaction, is not kept.

        Raises:
            LogUnavailable: there is none to be had.
        """
        session = self._taken()
        session.ends_at = time.monotonic() + self._server.timeout_s
        session.unsure = False
        try:
            yield session
        finally:
            if session.info.transaction_status is TransactionStatus.IDLE:
                self._idle.append(session)
            else:
                session.close()

    def ask(self, question: Callable[[Session], T]) -> T:
        """Ask something that may be asked twice, for it is: of a server that went.

        Raises:
            LogError: as :func:`audit.postgres.server.error_of` says.
        """
        try:
            try:
                with self.lend() as session:
                    return question(session)
            except (psycopg.Error, OSError) as error:
                if not lost(error):
                    raise
            self.close()  # the others that were kept are as old
            with self.lend() as session:
                return question(session)
        except (psycopg.Error, OSError) as error:
            raise error_of(error) from None

    def rows(self, query: LiteralString, *arguments: object) -> list[tuple[Any, ...]]:
        """Return what a query gives; the errors of :meth:`ask`."""
        return self.ask(
            lambda session: session.execute(query, arguments, binary=True).fetchall()
        )

    def row(self, query: LiteralString, *arguments: object) -> tuple[Any, ...] | None:
        """Return the one row that a query gives, if it gives any."""
        return next(iter(self.rows(query, *arguments)), None)

    def _taken(self) -> Session:
        if self._process != os.getpid():  # our parent's go on being its own
            self._idle, self._process = deque(), os.getpid()
        while self._idle:
            with contextlib.suppress(IndexError):
                session = self._idle.pop()
                if not session.closed:
                    return session
        return self._server.connect()

    def close(self) -> None:
        """Close what is idle."""
        _close(self._idle, self._process)


def _close(idle: deque[Session], process: int) -> None:
    """Close connections, each in the process that opened it."""
    while process == os.getpid() and idle:
        idle.pop().close()
