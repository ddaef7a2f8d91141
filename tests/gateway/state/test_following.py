"""A log that several processes write: each reads the others' acts, and only those."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from gateway.acts import ActOutOfOrder
from gateway.state import ActsCache, AskedRows, Database, catch_up, follow, replay
from gateway.state.asked import Row
from tests.gateway.state.test_acts import log
from tests.gateway.state.test_replay import (
    Shelf,
    cache,
    cut_off,
    event_of,
    exchange,
    started,
)

pytestmark = pytest.mark.fault("state-restored")


class Shared(Shelf):
    """A log that others write too."""

    stale = 0
    """How many entries it does not know of when it is not asked anew."""

    @property
    def shared(self) -> bool:
        """Others write it too."""
        return True

    @property
    def size(self) -> int:
        """How many entries there are, as far as is known."""
        return len(self.leaves_) - self.stale


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again at once, in these tests."""
    monkeypatch.setattr(replay, "_OTHERS_S", 0.05)


def add(shelf: Shelf, acts: ActsCache) -> None:
    """Have another process cut somebody off."""
    shelf.add(cut_off(acts.in_force))


async def test_acts_of_others_are_in_force(database: Database) -> None:
    """Whatever came between, and once."""
    shelf, here = Shared(0), cache(database)
    await catch_up(shelf, here)
    add(shelf, here)
    shelf.leaves_ += [exchange()] * 3

    found = await follow(shelf, here)
    again = await follow(shelf, here)

    assert [each.index for each in found] == [6]
    assert again == ()
    assert [each.name for each in here.in_force.cutoffs] == ["x0"]
    assert here.log_size == len(shelf.leaves_) == 10


async def test_what_is_no_act_moves_the_mark_in_memory_only(database: Database) -> None:
    """The state is written once a minute, not each time that one looks."""
    shelf, here = Shared(0), cache(database)
    await catch_up(shelf, here)
    shelf.leaves_ += [exchange()] * 3

    await follow(shelf, here)
    before = cache(database)
    await before.load()
    await here.mark(here.log_size)
    after = cache(database)
    await after.load()

    assert (here.log_size, before.log_size, after.log_size) == (9, 6, 9)


async def test_an_act_that_does_not_count_is_not_passed_over(
    database: Database,
) -> None:
    """Nothing of it is taken, and the next look finds it again."""
    shelf, here = Shared(1), cache(database)
    await catch_up(shelf, here)
    shelf.add(log(1)[2].act)

    for _ in range(2):
        with pytest.raises(ActOutOfOrder, match="entry 9"):
            await follow(shelf, here)
    assert here.log_size == 9


async def test_who_has_read_less_does_not_undo_what_is_stored(
    database: Database,
) -> None:
    """Two processes store in any order; the one that knows more stands."""
    shelf, here, there = Shared(0), cache(database), cache(database)
    await catch_up(shelf, here)
    await catch_up(shelf, there)
    add(shelf, there)
    await follow(shelf, there)
    await here.extend((), log_size=6)

    fresh = cache(database)
    assert await fresh.load()
    assert (fresh.log_size, len(fresh.in_force.cutoffs)) == (7, 1)


async def test_both_may_store_the_same_act(database: Database) -> None:
    """Who wrote it and who heard of it store one row."""
    shelf, here, there = Shared(0), cache(database), cache(database)
    await catch_up(shelf, here)
    await catch_up(shelf, there)
    add(shelf, here)
    await follow(shelf, here)
    await follow(shelf, there)

    fresh = cache(database)
    assert await fresh.load()
    assert fresh.events == here.events == there.events


@pytest.mark.usefixtures("soon")
async def test_a_state_that_others_write_right_now_is_not_an_older_copy(
    database: Database,
) -> None:
    """A process that starts sees an entry before the state hears of it."""
    shelf, there = Shared(0), cache(database)
    await catch_up(shelf, there)
    shelf.add(started(there.in_force))
    event = event_of(shelf, None)
    shelf.leaves_ += [exchange()] * 2

    async def store() -> None:
        await asyncio.sleep(0.02)
        await there.extend([event], log_size=len(shelf.leaves_))

    here = cache(database)
    _, caught_up = await asyncio.gather(store(), catch_up(shelf, here))

    assert not caught_up.behind
    assert here.events[-1] == event


@pytest.mark.usefixtures("soon")
async def test_one_that_nobody_writes_is(database: Database) -> None:
    """It is looked at five times more, and then it is an older copy."""
    shelf = Shared(0)
    there = cache(database)
    await catch_up(shelf, there)
    shelf.add(started(there.in_force))
    shelf.leaves_ += [exchange()] * 2

    assert (await catch_up(shelf, cache(database))).behind


async def test_the_log_is_asked_how_long_it_is(database: Database) -> None:
    """What others added since it was opened does not look like a log put back."""
    shelf = Shared(1)
    await catch_up(shelf, cache(database))
    shelf.stale = 4

    assert (await catch_up(shelf, cache(database))).entries == 0


A: Row = ("dhs_immigration", b"person-a", b"way-of-1", 739_736, b"rest-1-2rest-2-2")
B: Row = ("state_local", b"person-a", b"way-of-1", 739_737, None)
NOW_MS = 1_795_000_000_000


async def test_what_others_asked_is_read_once(database: Database) -> None:
    """Who looks again is told what is new, whoever wrote it."""
    here, there = AskedRows(database=database), AskedRows(database=database)
    await there.put([A], now_ms=NOW_MS)
    first, turn = await here.after(None, since=0)
    same, still = await here.after(turn, since=0)
    await there.put([B], now_ms=NOW_MS)
    second, last = await here.after(turn, since=0)

    assert (first, same, second) == ([A], [], [B])
    assert NOW_MS <= turn == still < last


async def test_a_state_put_back_is_read_whole(database: Database) -> None:
    """Where there are fewer turns than were known, all of it is read again."""
    here = AskedRows(database=database)
    await here.put([A], now_ms=NOW_MS)
    _, turn = await here.after(None, since=0)
    await database.run(lambda c: c.execute(text("UPDATE asked SET turn = 3")))

    assert await here.after(turn, since=0) == ([A], 3)
