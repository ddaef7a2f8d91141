"""Connections that are kept open, each lent to one thread at a time."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from collections.abc import Iterator

import psycopg
from psycopg.pq import TransactionStatus

from audit.postgres.server import Server, Session, error_of

__all__ = ["Links"]


class Links:
    """Lends connections to one server in one role; a child process has its own."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._idle: deque[Session] = deque()
        self._process = os.getpid()

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

    @contextlib.contextmanager
    def asked(self) -> Iterator[Session]:
        """Lend a connection for a question; its failures are the log's errors.

        Raises:
            LogError: as :func:`audit.postgres.server.error_of` says.
        """
        try:
            with self.lend() as session:
                yield session
        except (psycopg.Error, OSError) as error:
            raise error_of(error) from None

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
        while self._idle:
            self._idle.pop().close()
