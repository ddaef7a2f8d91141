"""A database with one table of each kind of trouble, and connectors to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors import Limits, PostgresServer
from connectors.postgres.connector import PostgresConnector
from tests.services.pooler import run_pooler
from tests.services.postgres import READER, Server

SOON_S = 10.0
"""A deadline that is not reached on a busy machine."""

TABLES = f"""\
CREATE COLLATION folded
  (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION english (provider = icu, locale = 'en');
CREATE EXTENSION citext;
CREATE DOMAIN plate AS varchar(8) CHECK (value <> '');
CREATE DOMAIN own_plate AS plate;
CREATE TYPE custody AS ENUM ('held', 'released');
CREATE TABLE people (id text PRIMARY KEY, name text, age int);
INSERT INTO people VALUES ('a1', 'Ann', 30), ('b2', 'Bob', 40);
CREATE TABLE texts (
  id text COLLATE english PRIMARY KEY, folded text COLLATE folded, cased citext,
  padded char(8), word custody, own own_plate, short varchar(9)
);
INSERT INTO texts VALUES
  ('a', 'Ann', 'Ann', 'Ann', 'held', 'AB1', 'Ann'),
  ('B', 'ANN', 'ANN', 'ANN', 'released', 'AB2', 'ANN');
CREATE VIEW never AS SELECT 1 AS n FROM pg_sleep(600);
CREATE SCHEMA "Odd.";
CREATE TABLE closed (id text, secret text);
CREATE VIEW narrow AS SELECT id FROM closed;
GRANT USAGE ON SCHEMA "Odd." TO {READER};
GRANT SELECT ON people, texts, never, narrow TO {READER};
"""  # noqa: S608 - the test's own names

Connect = Callable[..., PostgresConnector]
Admin = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def database(postgres: Server) -> Iterator[str]:
    """The database of a module's tests."""
    with postgres.database() as name:
        with postgres.admin(name) as admin:
            admin.execute(TABLES)
        yield name


@pytest.fixture(scope="module")
def admin(postgres: Server, database: str) -> Iterator[Admin]:
    """Somebody who may change the database and see who works in it."""
    with postgres.admin(database) as connection:
        yield connection


@pytest.fixture(scope="module")
def pooler(
    postgres: Server, database: str, require_tool: Callable[[str], Path]
) -> Iterator[PostgresServer]:
    """The same database through a real pooler that lends one session by transaction."""
    program = require_tool("pgbouncer")
    to = postgres.as_role(READER, database)
    with run_pooler(program, postgres, to) as through:
        yield through


@pytest.fixture(scope="module")
def plain(
    postgres: Server, database: str, require_tool: Callable[[str], Path]
) -> Iterator[PostgresServer]:
    """The same without TLS."""
    program = require_tool("pgbouncer")
    to = postgres.as_role(READER, database)
    with run_pooler(program, postgres, to, tls=False) as through:
        yield through


@pytest.fixture
async def connect(postgres: Server, database: str) -> AsyncIterator[Connect]:
    """Return what makes a connector, as the role that may only read by default."""
    made: list[PostgresConnector] = []

    def make(
        server: PostgresServer | None = None,
        *,
        role: str = READER,
        **bounds: Any,  # noqa: ANN401 - limits by name
    ) -> PostgresConnector:
        """Make one."""
        connector = PostgresConnector(
            name="jail",
            server=server or postgres.as_role(role, database),
            limits=Limits(**bounds),
            monotonic=time.monotonic,
        )
        made.append(connector)
        return connector

    yield make
    for connector in made:
        await connector.close()


def let_read(admin: Admin, *tables: str) -> None:
    """Let the role that may only read read these tables too."""
    grant = psycopg.sql.SQL("GRANT SELECT ON {} TO {}")
    for table in tables:
        name, role = map(psycopg.sql.Identifier, (table, READER))
        admin.execute(grant.format(name, role))


async def running(admin: Admin, like: str) -> list[str]:
    """Return the statements that run now and are like a pattern, as the server says."""

    def asked() -> list[str]:
        """Ask the server."""
        rows = admin.execute(
            "SELECT query FROM pg_stat_activity"
            " WHERE state = 'active' AND query LIKE %s AND pid <> pg_backend_pid()",
            (like,),
        )
        return [str(row[0]) for row in rows]

    return await asyncio.to_thread(asked)


async def until(asked: Callable[[], Any], *, within_s: float = SOON_S) -> float:
    """Wait until an answer is true; return how long that took, in seconds."""
    began = time.monotonic()
    while not await asked():
        assert time.monotonic() - began < within_s
        await asyncio.sleep(0.005)
    return time.monotonic() - began
