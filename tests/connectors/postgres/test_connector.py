"""What the contract says of no other connector: what the server sees of this one."""

from __future__ import annotations

import asyncio
from functools import partial

import psycopg
import pytest

from connectors import (
    Fault,
    PostgresServer,
    Query,
    SourceTimeout,
    SourceUnavailable,
    Table,
    open_connector,
)
from tests.connectors.postgres.conftest import (
    SOON_S,
    Admin,
    Connect,
    let_read,
    running,
    until,
)
from tests.services.postgres import READER, Server

pytestmark = pytest.mark.services

PEOPLE = Table(name="people", key=("id",), columns=(("name", "name"), ("age", "age")))
NEVER = Table(name="never", key=("n",), columns=())


async def execute(admin: Admin, statement: str) -> None:
    """Change something behind the connector's back."""
    await asyncio.to_thread(admin.execute, statement)


async def nobody(admin: Admin, exchange: str) -> bool:
    """Tell whether the server runs nothing of an exchange any more."""
    return not await running(admin, f"/* sallyport:{exchange} */%")


async def test_a_deadline_ends_the_statement_at_the_server(
    connect: Connect, admin: Admin
) -> None:
    """The server runs it, shows whose it is, and soon after the deadline does not."""
    connector = connect()
    query = Query(table=NEVER, exchange="late")
    await connector.schema("never", deadline_s=SOON_S)

    async def late() -> None:
        """Ask for what does not come."""
        with pytest.raises(SourceTimeout):
            await connector.select(query, deadline_s=1.0)

    async with asyncio.TaskGroup() as group:
        group.create_task(late())
        await until(lambda: running(admin, "/* sallyport:late */ SELECT %"))

    await until(lambda: nobody(admin, "late"))
    assert len(await connector.select(Query(table=PEOPLE), deadline_s=SOON_S)) == 2


async def test_a_cancelled_caller_ends_the_statement_at_the_server(
    connect: Connect, admin: Admin
) -> None:
    """Whoever asked has left: the server stops, and the connection goes on."""
    connector = connect(connections=1)
    query = Query(table=NEVER, exchange="left")
    asking = asyncio.ensure_future(connector.select(query, deadline_s=60))
    await until(lambda: running(admin, "/* sallyport:left */%"))

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    await until(lambda: nobody(admin, "left"))
    assert len(await connector.select(Query(table=PEOPLE), deadline_s=SOON_S)) == 2


async def test_the_server_s_log_names_the_exchange(
    connect: Connect, admin: Admin, postgres: Server, database: str
) -> None:
    """Each statement is in the server's log with its exchange, and without values."""
    await execute(admin, f"ALTER DATABASE {database} SET log_statement = 'all'")
    await execute(admin, f"ALTER DATABASE {database} SET log_parameter_max_length = 0")
    connector = connect()
    query = Query(
        table=PEOPLE,
        columns=("age",),
        filters=(("name", "CANARY"),),
        exchange="3f2504e04f8911d39a0c",
    )

    await connector.select(query, deadline_s=SOON_S)

    said = await asyncio.to_thread(postgres.log.read_text)
    lines = [line for line in said.splitlines() if "sallyport:3f2504e04f8911d3" in line]
    await execute(admin, f"ALTER DATABASE {database} RESET ALL")
    assert len(lines) == 1
    assert "/* sallyport:3f2504e04f8911d39a0c */ SELECT" in lines[0]
    assert "CANARY" not in said


async def test_only_what_is_asked_for_is_selected(
    postgres: Server, database: str
) -> None:
    """No statement names a column that the query does not."""
    sent: list[str] = []
    connector = open_connector(
        name="jail",
        kind="postgres",
        server=postgres.as_role(READER, database),
        trace=sent.append,
    )
    query = Query(table=PEOPLE, columns=("age",))

    await connector.select(query, deadline_s=SOON_S)
    await connector.close()

    (asked,) = [text for text in sent if '"people"' in text]
    assert '"age"' in asked
    assert '"name"' not in asked


async def test_one_that_breaks_as_it_is_used_is_replaced(
    connect: Connect, admin: Admin
) -> None:
    """A kept connection that turns out to be gone when it is used: asked once more."""
    connector = connect(connections=1)
    query = Query(table=PEOPLE, columns=("name",))
    before = await connector.select(query, deadline_s=SOON_S)
    (kept,) = connector._pool._idle
    # As if the news of its end came only with the next statement.
    kept.wire._loop.remove_reader(kept.wire._socket)
    await execute(admin, f"SELECT pg_terminate_backend({kept.wire.backend})")
    await until(partial(_gone, admin, kept.wire.backend))
    kept.wire._loop.add_reader(kept.wire._socket, kept.wire._readable)

    assert await connector.select(query, deadline_s=SOON_S) == before
    assert kept.wire.broken


async def _gone(admin: Admin, pid: int) -> bool:
    rows = await asyncio.to_thread(
        lambda: admin.execute(
            "SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,)
        ).fetchall()
    )
    return not rows


async def test_a_table_that_changed_is_looked_at_anew(
    connect: Connect, admin: Admin
) -> None:
    """After a statement that no longer fits the table, the next one does."""
    await execute(
        admin,
        "CREATE TABLE turned (id text, n text); INSERT INTO turned VALUES ('a', '7')",
    )
    await asyncio.to_thread(let_read, admin, "turned")
    connector = connect()
    table = Table(name="turned", key=("id",), columns=(("n", "n"), ("m", "m")))
    query = Query(table=table, columns=("n",), filters=(("n", 7),))
    assert await connector.select(query, deadline_s=SOON_S) == [("a", "7")]
    await execute(
        admin,
        "ALTER TABLE turned ALTER n TYPE int USING n::int, ADD m text",
    )

    with pytest.raises(SourceUnavailable) as caught:
        await connector.select(query, deadline_s=SOON_S)

    assert caught.value.fault is Fault.SCHEMA
    assert await connector.select(query, deadline_s=SOON_S) == [("a", 7)]
    new = Query(table=table, columns=("m",))
    assert await connector.select(new, deadline_s=SOON_S) == [("a", None)]


async def test_a_table_that_comes_later(connect: Connect, admin: Admin) -> None:
    """What was not there is not remembered as missing; what is gone is forgotten."""
    connector = connect()
    query = Query(table=Table(name="later", key=("id",), columns=()))
    with pytest.raises(SourceUnavailable, match="no such table"):
        await connector.select(query, deadline_s=SOON_S)

    await execute(
        admin, f"CREATE TABLE later (id text); GRANT SELECT ON later TO {READER}"
    )
    assert await connector.select(query, deadline_s=SOON_S) == []
    await execute(admin, "DROP TABLE later")
    assert await connector.schema("later", deadline_s=SOON_S) == ()


async def test_a_snapshot_left_open_is_let_go(connect: Connect, admin: Admin) -> None:
    """Leaving a snapshot without a last read leaves no transaction at the server."""
    connector = connect()
    async with connector.snapshot(deadline_s=SOON_S) as snapshot:
        await snapshot.select(Query(table=PEOPLE))

    async def idle() -> bool:
        """Look for a transaction of ours that waits."""
        rows = await asyncio.to_thread(
            lambda: admin.execute(
                "SELECT 1 FROM pg_stat_activity"
                " WHERE usename = %s AND state LIKE 'idle in transaction%%'",
                (READER,),
            ).fetchall()
        )
        return not rows

    await until(idle)


async def test_through_a_pooler(
    connect: Connect, pooler: PostgresServer, admin: Admin
) -> None:
    """Behind a pooler that lends one session to all, everything holds as without."""
    connectors = [connect(pooler, connections=2) for _ in range(2)]
    query = Query(table=PEOPLE, columns=("name",), keys=("a1",), exchange="pooled")

    rows = await asyncio.gather(
        *(c.select(query, deadline_s=SOON_S) for c in connectors * 20)
    )
    async with connectors[0].snapshot(deadline_s=SOON_S) as snapshot:
        first = await snapshot.select(query)
        await execute(admin, "UPDATE people SET name = 'Eve' WHERE id = 'a1'")
        second = await snapshot.select(query, last=True)
    after = await connectors[1].select(query, deadline_s=SOON_S)
    await execute(admin, "UPDATE people SET name = 'Ann' WHERE id = 'a1'")

    assert rows == [[("a1", "Ann")]] * 40
    assert first == second == [("a1", "Ann")]
    assert after == [("a1", "Eve")]


async def test_cancelling_through_a_pooler(
    connect: Connect, pooler: PostgresServer, admin: Admin
) -> None:
    """A statement is ended through the pooler too, and nobody else's is."""
    connector = connect(pooler, connections=2)
    for number in range(3):
        with pytest.raises((SourceTimeout, TimeoutError)):
            async with asyncio.timeout(0.3):
                await connector.select(
                    Query(table=NEVER, exchange=f"p{number}"), deadline_s=60
                )
        rows = await connector.select(Query(table=PEOPLE), deadline_s=SOON_S)
        assert len(rows) == 2
    assert await running(admin, "/* sallyport:p%") == []


async def test_nothing_stays_on_a_pooled_session(
    connect: Connect, pooler: PostgresServer
) -> None:
    """Whoever is lent the session after us finds it as it was: it may write."""
    connector = connect(pooler)
    await connector.select(Query(table=PEOPLE), deadline_s=SOON_S)
    assert pooler.password is not None
    told = {**pooler.parameters(), "password": pooler.password()}

    def settings() -> list[str]:
        """Ask as another client of the pooler, on the same session."""
        made = psycopg.conninfo.make_conninfo("", **told)
        with psycopg.connect(made, autocommit=True, prepare_threshold=None) as other:
            names = ("default_transaction_read_only", "statement_timeout")
            rows = [other.execute(f"SHOW {name}").fetchone() for name in names]
            return [str(row[0]) for row in rows if row is not None]

    assert await asyncio.to_thread(settings) == ["off", "0"]
