"""Databases that the contract is tried on, and what is in them."""

from __future__ import annotations

import itertools
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

from connectors import Connector, Limits, Query, Table, open_connector
from tests.contracts.memory import MemoryConnector
from tests.services.postgres import READER, Server

SOON_S = 5.0
"""A deadline that is not reached on a busy machine."""

GRACE_S = 0.1
"""What the contract allows a connection to end what it ran."""

PEOPLE = Table(
    name="people",
    key=("id",),
    columns=(("name", "full_name"), ("zip", "zip code"), ("age", "age")),
)
EVENTS = Table(name="events", key=("case", "no"), columns=(("what", "what"),))
SLOW = Table(name="slow", key=("n",), columns=())
GONE = Table(name="gone", key=("id",), columns=())

ROWS: list[dict[str, Any]] = [
    {"id": "a1", "full_name": "Ann", "zip code": "60601", "age": 30, "sealed": 0},
    {"id": "b2", "full_name": "Bob", "zip code": "60602", "age": 40, "sealed": 0},
    {"id": "c3", "full_name": "ann", "zip code": "60601", "age": 50, "sealed": 0},
    {"id": "d4", "full_name": "A_n", "zip code": "60%", "age": None, "sealed": 0},
]
CASES: list[dict[str, Any]] = [
    {"case": case, "no": number, "what": f"{case}{number}"}
    for case, number in itertools.product(("x", "y", "z"), range(1, 6))
]


class Source(ABC):
    """A database that a test can change behind the connector's back."""

    connector: Connector

    def holds(self, text: str) -> bool:  # noqa: ARG002 - of most, whatever it is
        """Tell whether the database can hold a text at all."""
        return True

    def close(self) -> None:  # noqa: B027 - most hold nothing
        """Let go of what the test held."""

    @abstractmethod
    def replace(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put other rows in place, as somebody else would."""


class SqliteSource(Source):
    """A SQLite file in write-ahead mode, and a connection to change it."""

    def __init__(self, folder: Path) -> None:
        path = folder / "source.db"
        self.other = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False
        )
        self.other.executescript(
            """
            PRAGMA journal_mode = WAL;
            CREATE TABLE people (
              id TEXT, full_name TEXT COLLATE NOCASE, "zip code" TEXT, age INTEGER,
              sealed INTEGER
            );
            CREATE TABLE events ("case" TEXT, no INTEGER, what TEXT);
            CREATE VIEW slow AS
              WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)
              SELECT n FROM c WHERE n < 0;
            """
        )
        self.connector = open_connector(name="source", kind="sqlite", path=path)
        self.replace("people", ROWS)
        self.replace("events", CASES)

    def replace(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Delete all and insert, in one transaction."""
        other = self.other
        other.execute("BEGIN IMMEDIATE")
        other.execute(f'DELETE FROM "{table}"')  # noqa: S608 - the test's own names
        for row in rows:
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" * len(row))
            other.execute(
                f'INSERT INTO "{table}" ({names}) VALUES ({marks})',  # noqa: S608 - the test's own names
                tuple(row.values()),
            )
        other.execute("COMMIT")


class MemorySource(Source):
    """Rows in memory."""

    def __init__(self, _: Path) -> None:
        self.memory = MemoryConnector(
            name="source",
            tables={"people": ROWS, "events": CASES, "slow": []},
            limits=Limits(),
            monotonic=time.monotonic,
            slow_tables=frozenset({"slow"}),
        )
        self.connector = self.memory

    def replace(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put other rows in place."""
        self.memory.replace(table, rows)


class PostgresSource(Source):
    """A database of a real server over TLS, and a connection to change it."""

    def __init__(self, server: Server, database: str, _: Path) -> None:
        self.other = server.admin(database)
        self.connector = open_connector(
            name="source", kind="postgres", server=server.as_role(READER, database)
        )
        self.replace("people", ROWS)
        self.replace("events", CASES)

    def holds(self, text: str) -> bool:
        """PostgreSQL's text has no NUL."""
        return "\0" not in text

    def close(self) -> None:
        """Close the other connection."""
        self.other.close()

    def replace(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Delete all and insert, in one transaction."""
        with self.other.transaction(), self.other.cursor() as cursor:
            cursor.execute(psycopg.sql.SQL("DELETE FROM {}").format(_name(table)))
            for row in rows:
                insert = psycopg.sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                    _name(table),
                    psycopg.sql.SQL(", ").join(map(_name, row)),
                    psycopg.sql.SQL(", ").join([psycopg.sql.Placeholder()] * len(row)),
                )
                cursor.execute(insert, tuple(row.values()))


def _name(name: str) -> psycopg.sql.Identifier:
    return psycopg.sql.Identifier(name)


PEOPLE_IN_POSTGRES = f"""\
CREATE COLLATION nocase
  (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE people (
  id TEXT, full_name TEXT COLLATE nocase, "zip code" TEXT, age BIGINT, sealed INTEGER
);
CREATE TABLE events ("case" VARCHAR(9), no INTEGER, what TEXT);
CREATE VIEW slow AS SELECT 1 AS n FROM pg_sleep(600);
GRANT SELECT ON people, events, slow TO {READER};
"""  # noqa: S608 - the test's own names

Maker = Callable[[Path], Source]


async def read(source: Source, query: Query) -> list[tuple[Any, ...]]:
    """Read once, with time enough."""
    return list(await source.connector.select(query, deadline_s=SOON_S))
