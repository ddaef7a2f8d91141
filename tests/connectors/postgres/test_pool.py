"""Connections are few, opened with a reason when they fail, and given up when hung."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from connectors import Fault, Limits, SourceUnavailable
from connectors.postgres.pool import Pool
from connectors.postgres.session import Session, open_session
from connectors.postgres.wire import Command
from tests.connectors.postgres.conftest import SOON_S, Admin, running, until
from tests.services.postgres import READER, Server

pytestmark = pytest.mark.services

SLEEP = Command(b"/* of the pool */ SELECT pg_sleep(600)")
MakePool = Callable[..., Pool]


class Hands:
    """A clock that runs, and can be put forward."""

    ahead = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return time.monotonic() + self.ahead


@pytest.fixture
def hands() -> Hands:
    """A clock that can be put forward."""
    return Hands()


@pytest.fixture
async def pool(
    postgres: Server, database: str, hands: Hands
) -> AsyncIterator[MakePool]:
    """Return what makes a pool of real connections."""
    made: list[Pool] = []

    def make(*, connections: int = 1, grace_s: float = 5.0) -> Pool:
        """Make one."""
        limits = Limits(connections=connections, grace_s=grace_s)
        pool = Pool(
            source="jail",
            limits=limits,
            open_session=partial(
                open_session,
                postgres.as_role(READER, database),
                source="jail",
                limits=limits,
                monotonic=hands,
            ),
            monotonic=hands,
        )
        made.append(pool)
        return pool

    yield make
    for each in made:
        await each.close()


async def take(pool: Pool, *, within_s: float = SOON_S) -> Session:
    """Take a connection."""
    return await pool.take(ends_at=pool._monotonic() + within_s)


async def test_the_last_used_is_lent_again(pool: MakePool) -> None:
    """A connection that is given back is the next one lent, and known to be used."""
    made = pool(connections=2)
    first, second = await take(made), await take(made)
    assert not first.used
    made.give(first)
    made.give(second)

    again = await take(made)

    assert again is second
    assert again.used


async def test_no_more_than_the_limit(pool: MakePool) -> None:
    """Who gets none in time is told it is busy; who waited first gets the first."""
    made = pool()
    session = await take(made)
    with pytest.raises(SourceUnavailable) as caught:
        await take(made, within_s=0.02)
    waiting = [asyncio.ensure_future(take(made)) for _ in range(2)]
    await asyncio.sleep(0.01)
    made.give(session)
    first = await waiting[0]
    assert not waiting[1].done()
    made.give(first)
    made.give(await waiting[1])

    assert caught.value.fault is Fault.BUSY
    assert first is session


async def test_who_left_the_line_takes_nothing(pool: MakePool) -> None:
    """A caller that was cancelled while it waited leaves its place to others."""
    made = pool()
    session = await take(made)
    waiting = asyncio.ensure_future(take(made))
    await asyncio.sleep(0.01)
    waiting.cancel()
    made.give(session)

    assert await take(made) is session


async def test_a_place_is_free_after_a_failure(
    pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that did not come about takes nobody's place."""
    made = pool()

    async def fail(_ends_at: float) -> Session:
        """Fail."""
        raise SourceUnavailable("jail", Fault.UNTRUSTED)

    with monkeypatch.context() as patched:
        patched.setattr(made, "_open", fail)
        for _ in range(3):
            with pytest.raises(SourceUnavailable, match="untrusted"):
                await take(made)

    made.give(await take(made))


async def test_what_was_left_behind_is_ended(pool: MakePool, admin: Admin) -> None:
    """A connection comes back usable, its statement ended at the server."""
    made = pool()
    session = await take(made)
    with pytest.raises(SourceUnavailable):
        await session.ask(SLEEP, ends_at=time.monotonic() + 0.05)
    made.give(session)

    again = await take(made)

    assert again is session
    assert again.wire.settled
    assert await running(admin, "/* of the pool */%") == []


async def test_what_does_not_end_is_given_up(
    pool: MakePool, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the grace another takes its place; the request to cancel still goes out."""
    made = pool(grace_s=0.02)
    session = await take(made)
    cancel = session.wire.cancel

    async def slowly() -> None:
        """Cancel, over a way that is slow."""
        await asyncio.sleep(0.3)
        await cancel()

    monkeypatch.setattr(session.wire, "cancel", slowly)
    with pytest.raises(SourceUnavailable):
        await session.ask(SLEEP, ends_at=time.monotonic() + 0.05)
    made.give(session)

    other = await take(made)
    assert other is not session
    assert session.wire.broken
    made.give(other)

    async def ended() -> bool:
        """Look whether the server has ended it."""
        return not await running(admin, "/* of the pool */%")

    await until(ended)


async def test_one_the_server_closed_is_not_lent(pool: MakePool, admin: Admin) -> None:
    """An idle connection that was ended from outside is replaced before it is used."""
    made = pool()
    session = await take(made)
    made.give(session)
    pid = session.wire.backend
    await asyncio.to_thread(admin.execute, "SELECT pg_terminate_backend(%s)", (pid,))

    async def noticed() -> bool:
        """Look."""
        return session.wire.broken

    await until(noticed)

    assert await take(made) is not session


async def test_an_old_one_is_renewed(pool: MakePool, hands: Hands) -> None:
    """After half an hour another takes its place, so that moves are followed."""
    made = pool()
    session = await take(made)
    made.give(session)
    hands.ahead = 1801.0

    assert await take(made) is not session
    assert session.wire.broken


async def test_closing_ends_what_runs(pool: MakePool, admin: Admin) -> None:
    """At the server too; who works, waits or comes later is told it is closed."""
    made = pool()
    session = await take(made)

    async def closed(what: Callable[[], object]) -> None:
        """See that it is refused as closed."""
        with pytest.raises(SourceUnavailable) as caught:
            await what()  # type: ignore[misc]  # each is a coroutine
        assert caught.value.fault is Fault.CLOSED

    async with asyncio.TaskGroup() as group:
        group.create_task(
            closed(partial(session.ask, SLEEP, ends_at=time.monotonic() + SOON_S))
        )
        group.create_task(closed(partial(take, made)))
        await until(lambda: running(admin, "/* of the pool */%"))
        await made.close()
        made.give(session)
    await closed(partial(take, made))

    async def ended() -> bool:
        """Look whether the server has ended it."""
        return not await running(admin, "/* of the pool */%")

    await until(ended)


async def test_one_opened_while_closing_is_closed(pool: MakePool) -> None:
    """A connection that comes about too late is not lent and not left open."""
    made = pool()
    opening = made._open
    came: list[Session] = []

    async def late(ends_at: float) -> Session:
        """Open, and have the pool closed meanwhile."""
        came.append(await opening(ends_at))
        await made.close()
        return came[0]

    made._open = late
    with pytest.raises(SourceUnavailable, match="closed"):
        await take(made)

    assert came[0].wire.broken
