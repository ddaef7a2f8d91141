"""State on a server: within its deadline, healed by itself, named when it is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import trustme
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from connectors import PostgresServer
from gateway.errors import Cause, Unavailable
from gateway.state import Database, StateRefused
from gateway.state.server import Deadline, server_engine
from tests.services.postgres import KEEPER, Server

pytestmark = pytest.mark.services

ONE = text("SELECT 1")


@pytest.fixture
async def on_postgres(on_server: PostgresServer) -> AsyncIterator[Database]:
    """The state database of a server."""
    opened = await Database.open(on_server, timeout_s=5.0)
    yield opened
    await opened.close()


def backend(connection: Connection) -> int:
    """Return the server process that works for us."""
    found: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    return found


async def unavailable(database: Database) -> str:
    """Return why it is unavailable."""
    with pytest.raises(Unavailable) as caught:
        await database.ping()
    assert caught.value.cause is Cause.STATE_UNAVAILABLE
    return caught.value.detail


async def test_a_restart_between_two_is_not_noticed(
    on_postgres: Database, postgres: Server
) -> None:
    """The next piece of work finds a new connection, and what was committed."""
    mark = text("CREATE TABLE mark (at int)")
    await on_postgres.run(lambda connection: connection.execute(mark))

    await asyncio.to_thread(postgres.stop)
    await asyncio.to_thread(postgres.start)

    found = await on_postgres.run(
        lambda c: c.execute(text("SELECT count(*) FROM mark")).scalar_one()
    )
    assert found == 0


async def test_while_it_is_down_it_is_unavailable(
    on_postgres: Database, postgres: Server
) -> None:
    """Each piece of work is refused by name at once; with the server it heals."""
    await asyncio.to_thread(postgres.stop)
    try:
        assert await unavailable(on_postgres) == "gone (nobody listens there)"
    finally:
        await asyncio.to_thread(postgres.start)

    await on_postgres.ping()


async def test_a_server_that_hangs_is_unavailable_in_time(
    on_server: PostgresServer,
) -> None:
    """A connection that says nothing is given up at the deadline, and replaced."""
    database = await Database.open(on_server, timeout_s=1.0)
    stopped = await database.run(backend)
    os.kill(stopped, signal.SIGSTOP)
    started = threading.Event()

    def late(connection: Connection) -> None:
        """Work on whichever connection answers."""
        started.set()
        connection.execute(ONE)

    try:
        # The hung one is noticed when it is tried; another does the work.
        await database.run(late)
        other = await database.run(backend)
    finally:
        os.kill(stopped, signal.SIGCONT)
    await database.close()

    assert started.is_set()
    assert other != stopped


async def test_work_that_hangs_ends_with_the_deadline(
    on_server: PostgresServer,
) -> None:
    """A server that falls silent in the middle of work frees the thread in time."""
    database = await Database.open(on_server, timeout_s=1.0)

    def work(connection: Connection) -> None:
        """Have the server stop before it answers."""
        os.kill(backend(connection), signal.SIGSTOP)
        connection.execute(ONE)

    stopped = await database.run(backend)
    began = time.monotonic()
    try:
        with pytest.raises(Unavailable) as caught:
            await database.run(work)
        await database.ping()
    finally:
        os.kill(stopped, signal.SIGCONT)
    await database.close()

    assert caught.value.cause is Cause.STATE_UNAVAILABLE
    assert caught.value.detail == OperationalError.__name__
    # Twice the deadline each at most, on a machine that has other work.
    assert time.monotonic() - began < 10.0


async def test_a_statement_is_bounded_at_the_server(
    on_server: PostgresServer,
) -> None:
    """What takes too long is ended where it runs, and leaves nothing."""
    database = await Database.open(on_server, timeout_s=0.2)

    with pytest.raises(Unavailable):
        await database.run(lambda c: c.execute(text("SELECT pg_sleep(60)")))
    settings = await database.run(
        lambda c: [
            c.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("statement_timeout", "transaction_isolation")
        ]
    )
    await database.close()

    assert settings == ["200ms", "serializable"]


async def test_a_commit_is_durable(
    on_postgres: Database, postgres: Server, on_server: PostgresServer
) -> None:
    """Where the server is told not to wait for its disk, our commits wait."""
    name = on_server.database

    def said(connection: Connection) -> object:
        """Ask what holds for this transaction."""
        return connection.execute(text("SHOW synchronous_commit")).scalar_one()

    def lax(value: str) -> None:
        """Set what new connections begin with, and end the old ones."""
        with postgres.admin() as admin:
            admin.execute(f"ALTER DATABASE {name} SET synchronous_commit = {value}")
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s",
                (name,),
            )

    found = []
    for value in ("off", "remote_apply"):
        await asyncio.to_thread(lax, value)
        found.append(await on_postgres.run(said))

    assert found == ["on", "remote_apply"]


async def test_two_processes_at_the_same_rows_both_get_through(
    on_server: PostgresServer,
) -> None:
    """Each reads, adds one and writes; what the other undid it does anew."""
    here, there = [await Database.open(on_server, timeout_s=10.0) for _ in range(2)]
    await here.run(lambda c: c.execute(text("CREATE TABLE tally (n int)")))
    await here.run(lambda c: c.execute(text("INSERT INTO tally VALUES (0)")))

    def add(connection: Connection) -> None:
        n = connection.execute(text("SELECT n FROM tally")).scalar_one()
        time.sleep(0.01)
        connection.execute(text("UPDATE tally SET n = :n"), {"n": n + 1})

    each = [database.run(add) for database in (here, there) for _ in range(5)]
    await asyncio.gather(*each)
    total = await there.run(
        lambda c: c.execute(text("SELECT n FROM tally")).scalar_one()
    )
    for database in (here, there):
        await database.close()

    assert total == 10


async def test_what_fails_by_itself_is_not_done_for_ever(on_postgres: Database) -> None:
    """A row that is there stays there, however often it is tried."""
    tries = 0

    def twice(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        connection.execute(text("CREATE TEMPORARY TABLE once (n int PRIMARY KEY)"))
        connection.execute(text("INSERT INTO once VALUES (1), (1)"))

    with pytest.raises(Unavailable) as caught:
        await on_postgres.run(twice)

    assert (caught.value.detail, tries) == ("IntegrityError", 12)


async def test_two_that_make_the_tables_at_once_both_open(postgres: Server) -> None:
    """Those of a first start, or of a new version."""
    with postgres.database(owner=KEEPER) as name:
        empty = postgres.as_role(KEEPER, name)
        both = await asyncio.gather(
            *(Database.open(empty, timeout_s=20.0) for _ in range(2))
        )
        for database in both:
            await database.ping()
            await database.close()


async def test_who_it_is_not_is_said(on_server: PostgresServer) -> None:
    """Wrong name, authority, password: refused by name, before anything is told."""
    others = {
        "untrusted (its certificate is another's)": replace(
            on_server, host="localhost"
        ),
        "refused (authentication failed)": replace(on_server, password=lambda: "wrong"),
        "its password cannot be read": replace(on_server, password=_none),
    }
    for detail, server in others.items():
        with pytest.raises(Unavailable) as caught:
            await Database.open(server, timeout_s=5.0)
        assert caught.value.detail == detail


def _none() -> str:
    raise ValueError("no file")


async def test_another_authority_is_refused(
    on_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A certificate that the configured authority did not sign is not believed."""
    other = tmp_path_factory.mktemp("other") / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(other))

    with pytest.raises(Unavailable, match="its certificate is not verified"):
        await Database.open(replace(on_server, ca_file=other), timeout_s=5.0)


def test_without_the_driver_it_is_one_sentence(
    on_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing extra is named, with what installs it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(StateRefused, match=r"sallyport-gateway\[postgres\]"):
        server_engine(on_server, Deadline(seconds=1.0))
