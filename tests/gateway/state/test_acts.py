"""The cached acts: sealed as a whole, so that no row can come or go unseen."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from gateway.acts import ActEvent, ActOutOfOrder, ActsInForce
from gateway.errors import Unavailable
from gateway.state import ActsCache, Database, StateRefused
from gateway.state import acts as state_acts
from tests.gateway.county import (
    GENESIS,
    ORIGIN,
    activated,
    cut,
    lifted,
    signed,
)

KEY = b"k" * 32


def log(cutoffs: int) -> list[ActEvent]:
    """Return genesis, an activation, and some cut-offs, with gaps between."""
    in_force = ActsInForce()
    events: list[ActEvent] = []
    for place in range(cutoffs + 2):
        act = GENESIS if place == 0 else activated(in_force)
        if place > 1:
            act = cut(in_force, f"a{place - 2}")
        event = ActEvent(index=place * 3, at_ms=place, act=act)
        in_force = in_force.after(event)
        events.append(event)
    return events


def cache(database: Database, *, key: bytes = KEY, origin: str = ORIGIN) -> ActsCache:
    """Return a cache that has read nothing yet."""
    return ActsCache(database=database, key=key, origin=origin)


async def test_an_empty_database_fits(database: Database) -> None:
    """Nothing stored is nothing read, and not an alteration."""
    fresh = cache(database)
    assert await fresh.load()
    assert (fresh.log_size, fresh.events) == (0, ())


async def test_what_was_stored_is_in_force_again(database: Database) -> None:
    """Acts stored in parts come back whole, with how far the log was read."""
    first = cache(database)
    events = log(3)
    await first.load()
    await first.extend(events[:2], log_size=4)
    await first.extend(events[2:], log_size=13)
    await first.mark(20)
    await first.mark(5)
    second = cache(database)
    assert await second.load()
    assert second.log_size == 20
    assert second.events == tuple(events)
    assert second.in_force == first.in_force
    assert len(second.in_force.cutoffs) == 3
    await second.extend([], log_size=21)
    assert await cache(database).load()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM acts WHERE entry = 9",
        "DELETE FROM acts",
        "UPDATE acts SET at_ms = 9 WHERE entry = 3",
        "UPDATE acts SET entry = 10 WHERE entry = 9",
        "UPDATE acts SET note = :wrong WHERE entry = 9",
        "UPDATE seal SET log_size = 4",
        "UPDATE seal SET log_size = 40",
        "UPDATE seal SET mac = :wrong",
        "INSERT INTO acts SELECT 99, at_ms, note FROM acts WHERE entry = 9",
        "DELETE FROM seal",
    ],
)
async def test_any_alteration_is_seen(database: Database, change: str) -> None:
    """A cut-off deleted, edited or moved by hand makes the cache worthless."""
    stored = cache(database)
    await stored.load()
    await stored.extend(log(2), log_size=13)

    def alter(connection: Connection) -> None:
        bound = {"wrong": b"\0"} if ":wrong" in change else {}
        connection.execute(text(change), bound)

    await database.run(alter)
    assert not await cache(database).load()


async def test_another_key_sees_an_alteration(database: Database) -> None:
    """A state database put beside another key is not believed."""
    stored = cache(database)
    await stored.extend(log(0), log_size=4)
    assert not await cache(database, key=b"l" * 32).load()


@pytest.mark.parametrize("people", [(), ("officer-1",), ("officer-1", "officer-1")])
async def test_a_well_sealed_act_that_nobody_signed_does_not_hold(
    database: Database, people: tuple[str, ...]
) -> None:
    """Who holds the seal's key can seal a lift, and can't sign it for two people."""
    events, stored = log(1), cache(database)
    await stored.extend(events, log_size=9)
    statement = lifted(stored.in_force, 0).statement
    forged = ActEvent(index=12, at_ms=9, act=signed(statement, *people))
    # What the operator's own program would do, with the key that lies there.
    stored.in_force = ActsInForce()
    stored._events = (*stored._events, forged)
    stored._chain = state_acts._chained(stored._chain, [state_acts._row(forged)])
    await stored.extend([], log_size=13)
    again = cache(database)
    assert not await again.load()
    assert again.in_force == ActsInForce()


async def test_another_log_is_refused(database: Database) -> None:
    """State that belongs to another log is not silently replaced."""
    await cache(database).extend(log(0), log_size=4)
    with pytest.raises(StateRefused, match="belongs to the log"):
        await cache(database, origin="other.example/log").load()


async def test_an_act_out_of_order_changes_nothing(database: Database) -> None:
    """An act that cannot follow is refused before anything is stored."""
    stored = cache(database)
    events = log(2)
    await stored.extend(events[:2], log_size=4)
    with pytest.raises(ActOutOfOrder):
        await stored.extend(events[3:], log_size=20)
    assert stored.log_size == 4
    again = cache(database)
    assert await again.load()
    assert again.events == tuple(events[:2])


async def test_an_act_holds_although_it_cannot_be_stored(database: Database) -> None:
    """The log has it: it is in force, and stored with the next one."""
    stored = cache(database)
    events = log(2)
    await stored.extend(events[:2], log_size=4)

    def rename(old: str, new: str) -> None:
        pass

    await database.run(lambda c: c.execute(text("ALTER TABLE seal RENAME TO away")))
    with pytest.raises(Unavailable):
        await stored.extend(events[2:3], log_size=7)
    assert len(stored.in_force.cutoffs) == 1
    await database.run(lambda c: c.execute(text("ALTER TABLE away RENAME TO seal")))
    await stored.extend(events[3:], log_size=10)
    again = cache(database)
    assert await again.load()
    assert again.events == tuple(events)


async def test_a_commit_nobody_heard_of_is_no_conflict(database: Database) -> None:
    """Rows that are there already are written again, not collided with."""
    stored, twin = cache(database), cache(database)
    events = log(1)
    await stored.extend(events, log_size=7)
    await twin.extend(events, log_size=7)
    assert await cache(database).load()
