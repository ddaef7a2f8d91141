"""Several statements in one trip; what is left behind is ended, and nothing hangs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from connectors import Fault, SourceTimeout, SourceUnavailable
from connectors.postgres.wire import Command, Wire
from tests.connectors.postgres.conftest import SOON_S, Admin, running, until
from tests.services.postgres import READER, Server

pytestmark = pytest.mark.services

SLEEP = Command(b"/* of the wire */ SELECT pg_sleep(600)")


@pytest.fixture
async def wire(postgres: Server, database: str) -> AsyncIterator[Wire]:
    """One connection."""
    server = postgres.as_role(READER, database)
    assert server.password is not None
    told = {**server.parameters(), "password": server.password()}
    connection = await psycopg.AsyncConnection.connect(
        psycopg.conninfo.make_conninfo("", **told), autocommit=True
    )
    made = Wire(connection, source="jail", monotonic=time.monotonic)
    yield made
    made.close()


def soon() -> float:
    """Return an instant that is not reached."""
    return time.monotonic() + SOON_S


async def cells(wire: Wire, sql: bytes, *values: bytes) -> list[Any]:
    """Return the first column of an answer."""
    found: list[Any] = []
    asked = Command(
        sql,
        values,
        [25] * len(values),
        lambda result: found.extend(
            result.get_value(row, 0) for row in range(result.ntuples)
        ),
    )
    await wire.trip([asked], ends_at=soon())
    return found


async def test_several_in_one_trip(wire: Wire) -> None:
    """Answers come in order, each to who wants it; the end is settled."""
    found: list[object] = []

    def into(name: str) -> Command:
        """Return a statement that says a name, and who takes it."""
        return Command(
            b"SELECT $1",
            [name.encode()],
            [25],
            lambda result: found.append(result.get_value(0, 0)),
        )

    await wire.trip(
        [Command(b"BEGIN"), into("a"), Command(b"SELECT 1"), into("b")], ends_at=soon()
    )
    assert not wire.settled
    await wire.trip([into("c"), Command(b"COMMIT")], ends_at=soon())

    assert found == [b"a", b"b", b"c"]
    assert wire.settled


async def test_the_first_error_is_told(wire: Wire) -> None:
    """What follows an error is not run; settling leaves its transaction."""
    trip = [Command(b"BEGIN"), Command(b"SELECT nothing"), Command(b"SELECT 1/0")]

    with pytest.raises(SourceUnavailable) as caught:
        await wire.trip(trip, ends_at=soon())

    assert caught.value.fault is Fault.SCHEMA
    assert "UndefinedColumn" in caught.value.detail
    before = wire.settled
    await wire.settle()
    assert (before, wire.settled) == (False, True)
    assert await cells(wire, b"SELECT 1") == [b"1"]


async def test_late_and_settled(wire: Wire, admin: Admin) -> None:
    """Past the instant whoever waits is free; settling ends it at the server."""
    with pytest.raises(SourceTimeout):
        await wire.trip([Command(b"BEGIN"), SLEEP], ends_at=time.monotonic() + 0.05)
    assert not wire.settled

    await wire.settle()

    assert await running(admin, "/* of the wire */%") == []
    assert await cells(wire, b"SELECT 1") == [b"1"]


async def test_a_late_cancel_hits_nobody_else(wire: Wire) -> None:
    """Asked to cancel what has ended by itself, the next statement is not ended."""
    for _ in range(50):
        trip = asyncio.ensure_future(wire.trip([Command(b"SELECT 1")], ends_at=soon()))
        await asyncio.sleep(0)
        trip.cancel()
        with pytest.raises(asyncio.CancelledError):
            await trip
        await wire.settle()
        assert await cells(wire, b"SELECT $1", b"mine") == [b"mine"]


async def test_who_takes_rows_may_refuse_them(wire: Wire) -> None:
    """An error of who takes the rows goes up; the rest of a long answer is ended."""

    def refuse(_: object) -> None:
        """Take nothing."""
        raise SourceUnavailable("jail", Fault.TOO_LARGE)

    endless = Command(b"SELECT generate_series(1, 1000000000)", receive=refuse)
    with pytest.raises(SourceUnavailable, match="too-large"):
        await wire.trip([endless], ends_at=soon())
    await wire.settle()

    assert await cells(wire, b"SELECT 1") == [b"1"]


async def test_more_is_sent_than_a_socket_takes(wire: Wire) -> None:
    """Values larger than every buffer arrive, in one trip."""
    large = b"x" * 30_000_000

    assert await cells(wire, b"SELECT length($1)", large) == [b"30000000"]


@pytest.mark.parametrize("idle", [True, False])
async def test_the_server_ends_the_connection(
    wire: Wire, admin: Admin, *, idle: bool
) -> None:
    """Noticed at once, waiting or not; from then on everything is refused."""
    (pid,) = await cells(wire, b"SELECT pg_backend_pid()")

    async def end() -> None:
        """End it as an administrator would."""
        await asyncio.to_thread(
            admin.execute, "SELECT pg_terminate_backend(%s)", (int(pid),)
        )

    async def broken() -> bool:
        """Look, without touching it."""
        return wire.broken

    if idle:
        await end()
    else:
        async with asyncio.TaskGroup() as group:
            group.create_task(_gone(wire, SLEEP))
            await until(lambda: running(admin, "/* of the wire */%"))
            await end()

    await until(broken)
    await _gone(wire, Command(b"SELECT 1"))
    with pytest.raises(SourceUnavailable):
        await cells(wire, b"SELECT 1")


async def _gone(wire: Wire, command: Command) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        await wire.trip([command], ends_at=soon())
    assert caught.value.fault is Fault.GONE


async def test_closing_tells_who_waits(wire: Wire, admin: Admin) -> None:
    """Whoever waits when it is closed is told so; closing again does nothing."""

    async def wait() -> None:
        """Wait for something that does not come."""
        with pytest.raises(SourceUnavailable) as caught:
            await wire.trip([SLEEP], ends_at=soon())
        assert caught.value.fault is Fault.CLOSED

    async with asyncio.TaskGroup() as group:
        group.create_task(wait())
        await until(lambda: running(admin, "/* of the wire */%"))
        await wire.break_off()
    wire.close()
    wire.close()

    assert wire.broken
    await until(lambda: _over(admin))


async def _over(admin: Admin) -> bool:
    """Tell whether the server has ended it."""
    return not await running(admin, "/* of the wire */%")
