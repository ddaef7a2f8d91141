"""What a database server does or fails to do, and what that means to the log."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from audit import LogFailed, LogFull, LogUnavailable
from audit.errors import SourceUnreadable
from audit.postgres.charter import PostgresCharter
from audit.postgres.links import Links
from audit.postgres.server import error_of, server_at, sure
from tests.audit.kept import Database


@pytest.fixture
def links(log_database: Database) -> Iterator[Links]:
    """Connections of the auditor's role, which waits for a short time."""
    links = Links(log_database.server_of("auditor", timeout_s=0.3))
    yield links
    links.close()


def test_nothing_is_waited_for_longer_than_was_said(links: Links) -> None:
    """A statement that takes too long is broken off, and asked once more."""
    before = time.monotonic()
    with pytest.raises(LogUnavailable, match="no answer"):
        links.rows("SELECT pg_sleep(60)")
    assert time.monotonic() - before < 30
    assert links.rows("SELECT 1") == [(1,)]


def test_an_answer_that_drips_is_late_too(links: Links) -> None:
    """Something comes all the time, and never the end."""
    drip = (
        "DO $$ BEGIN FOR i IN 1..3000 LOOP RAISE NOTICE 'x';"
        " PERFORM pg_sleep(0.01); END LOOP; END $$"
    )
    before = time.monotonic()
    with pytest.raises(LogUnavailable, match="no answer"):
        links.ask(lambda session: session.execute(drip))
    assert time.monotonic() - before < 20
    assert links.rows("SELECT 1") == [(1,)]


def test_a_connection_that_was_closed_is_not_lent(links: Links) -> None:
    """Nor one that is in the middle of something."""
    with links.lend() as first:
        pass
    first.close()
    with links.lend() as second:
        second.execute("BEGIN")
    assert second.closed
    assert links.row("SELECT 2") == (2,)
    assert links.row("SELECT 1 WHERE false") is None


def test_a_child_process_has_connections_of_its_own(links: Links) -> None:
    """What its parent opened goes on being its parent's."""
    with links.lend() as parents:
        pass
    links._process = os.getpid() - 1
    with links.lend() as mine:
        assert mine is not parents
    parents.close()


def test_a_password_that_can_not_be_read_is_said(log_database: Database) -> None:
    """It heals when it can: files of secrets are replaced while a gateway runs."""

    def none() -> str:
        raise ValueError("no such file")

    server = replace(log_database.server_of("writer"), password=none)
    with pytest.raises(LogUnavailable, match="password cannot be read"):
        server.connect()
    with pytest.raises(LogUnavailable, match=r"cannot be reached: .*password"):
        replace(server, password=lambda: "another").connect()


def test_why_a_server_can_not_be_reached_is_said(log_database: Database) -> None:
    """The reason, not libpq's question after it."""
    server = log_database.server_of("writer", port=9)
    with pytest.raises(LogUnavailable, match=r"Connection refused$"):
        server.connect()


def test_a_role_that_may_not_begin_a_log_is_told(links: Links) -> None:
    """In the database's own words."""
    with pytest.raises(LogFailed, match="permission denied"):
        PostgresCharter(reads=links, writes=links).begin({"origin": "x", "keys": []})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(5, "broken"), LogUnavailable),
        (psycopg.errors.DiskFull("x"), LogFull),
        (psycopg.errors.ReadOnlySqlTransaction("x"), LogUnavailable),
        (psycopg.errors.IoError("x"), LogFailed),
        (psycopg.errors.DataCorrupted("x"), LogFailed),
    ],
)
def test_what_an_error_means(
    error: psycopg.Error | OSError, kind: type[Exception]
) -> None:
    """Heals or not; a disk that does not read or write never does."""
    assert type(error_of(error)) is kind


def test_a_server_elsewhere_proves_its_name() -> None:
    """Unless the address says otherwise."""
    far = server_at("postgresql://auditor@db.county.example/log")
    assert far.parameters["sslmode"] == "verify-full"
    assert far.parameters["sslrootcert"] == "system"
    said = server_at("postgresql://auditor@db.county.example/log?sslmode=require")
    assert said.parameters["sslmode"] == "require"
    assert "sslmode" not in server_at("postgresql://auditor@127.0.0.1/log").parameters
    with pytest.raises(SourceUnreadable, match="does not read"):
        server_at("postgresql://%%%")


def test_a_commit_without_the_standby_is_unsure(links: Links) -> None:
    """The server says so in a notice and then that all went well."""
    with links.lend() as session:
        sure(session)
        session.unsure = True
        with pytest.raises(psycopg.OperationalError, match="not waited for"):
            sure(session)
    with links.lend() as session:
        sure(session)


async def test_links_that_nobody_holds_close_by_themselves(
    log_database: Database,
) -> None:
    """Who reads a log once does not close what it read it by."""

    def read() -> psycopg.Connection[tuple[object, ...]]:
        links = Links(log_database.server_of("auditor"))
        with links.lend() as session:
            return session

    assert (await asyncio.to_thread(read)).closed
