"""From a source's settings to a connector."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from connectors.contract import Connector, Limits
from connectors.errors import DriverMissing, InvalidQuery
from connectors.postgres.server import PostgresServer

__all__ = ["KINDS", "driver_problem", "open_connector"]

KINDS = ("sqlite", "postgres")
"""Kinds of source that can be opened."""

_LEAST_LIBPQ = 170_000
"""The first libpq that cancels over TLS and gives rows in portions."""


def open_connector(
    *,
    name: str,
    kind: str,
    path: Path | None = None,
    server: PostgresServer | None = None,
    limits: Limits | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    trace: Callable[[str], None] | None = None,
) -> Connector:
    """Return a connector; nothing is opened until it is first used.

    Args:
        name: the source's name, in errors.
        kind: one of :data:`KINDS`.
        path: of a SQLite file.
        server: of a PostgreSQL database.
        limits: what it may cost.
        monotonic: the clock of deadlines.
        trace: told of each statement, for tests.

    Raises:
        InvalidQuery: for a kind that is not one of them, or without its place.
        DriverMissing: what the kind needs is not installed.
    """
    # Imported here: the SQL compiler takes a third of a second to load.
    if kind == "sqlite" and path is not None:
        from connectors.sqlite import SqliteConnector  # noqa: PLC0415 - as said above

        return SqliteConnector(
            name=name,
            path=path,
            limits=limits or Limits(),
            monotonic=monotonic,
            trace=trace,
        )
    if kind == "postgres" and server is not None:
        if problem := driver_problem(kind):
            raise DriverMissing(problem)
        from connectors.postgres.connector import (  # noqa: PLC0415 - as said above
            PostgresConnector,
        )

        return PostgresConnector(
            name=name,
            server=server,
            limits=limits or Limits(),
            monotonic=monotonic,
            trace=trace,
        )
    raise InvalidQuery(f"no such kind of source; one of {', '.join(KINDS)}")


def driver_problem(kind: str) -> str:
    """Say in one sentence what a kind of source lacks here; empty if nothing."""
    if kind != "postgres":
        return ""
    try:
        from psycopg import pq  # noqa: PLC0415 - only where it is configured
    except ImportError:
        return "PostgreSQL needs the extra: pip install 'sallyport-gateway[postgres]'"
    if pq.version() < _LEAST_LIBPQ:
        return f"PostgreSQL needs libpq 17 or later; here is {pq.version()}"
    return ""
