"""What one process counted, another knows; who cannot know counts nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.clock import day_in_zone
from gateway.errors import Cause, Limit, TooMany, Unavailable
from gateway.identity import AskedBefore, Limits
from gateway.identity.buckets import Rate
from gateway.recording.remembering import BELIEVED_S, Remembering
from gateway.state import AskedRows, Database
from tests.gateway.identity.world import CHICAGO, FixedClock

WIDE = Rate.per_minute(60_000, burst=60_000)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A state database."""
    opened = await Database.open(tmp_path / "state.db", timeout_s=5)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that the test moves."""
    return FixedClock()


def remembering(
    database: Database, clock: FixedClock, *, shared: bool = True
) -> tuple[Remembering, Limits]:
    """Return a process's memory with room for two people a day."""
    asked = AskedBefore(key=b"k" * 32, people=2, guesses=5)
    limits = Limits(
        client=WIDE, agency=WIDE, family=WIDE, asked=asked, clock=clock, zone=CHICAGO
    )
    bundle: Any = SimpleNamespace(revision="r", looks_at=lambda _: False)
    held = Remembering(
        asked=asked,
        store=AskedRows(database=database),
        bundle=lambda: bundle,
        days=30,
        clock=clock,
        zone=CHICAGO,
        shared=shared,
    )
    limits.rely(held.require)
    return held, limits


def ask(limits: Limits, name: str, clock: FixedClock) -> None:
    """Count one person."""
    day = day_in_zone(clock.now_ms(), CHICAGO)
    asked = limits.asked.look(
        [(("name", name),)], families=["f"], recipient="", way=["w"], day=day
    )
    limits.keep(asked, ordered=lambda: False)


async def test_what_one_counted_another_counts(
    database: Database, clock: FixedClock
) -> None:
    """Two people are the budget of both together, once each has written and read."""
    (here, mine), (there, theirs) = (remembering(database, clock) for _ in range(2))
    for held in (here, there):
        await held.load()
    ask(mine, "A", clock)
    await here.write()
    await there.write()
    ask(theirs, "A", clock)
    ask(theirs, "B", clock)
    await there.write()
    await here.write()

    for limits in (mine, theirs):
        with pytest.raises(TooMany) as caught:
            ask(limits, "C", clock)
        assert caught.value.limit is Limit.PEOPLE


async def test_who_cannot_know_what_others_counted_counts_nothing(
    database: Database, clock: FixedClock
) -> None:
    """Five seconds after the last reading; again as soon as it was read."""
    held, limits = remembering(database, clock)
    await held.load()
    clock.pass_s(BELIEVED_S)
    ask(limits, "A", clock)
    clock.pass_s(1)

    with pytest.raises(Unavailable) as caught:
        ask(limits, "B", clock)
    await held.write()
    ask(limits, "B", clock)

    assert caught.value.cause is Cause.STATE_UNAVAILABLE


async def test_who_is_alone_relies_on_nobody(
    database: Database, clock: FixedClock
) -> None:
    """A state that is gone costs one process no answer."""
    held, limits = remembering(database, clock, shared=False)
    await held.load()
    await database.close()
    clock.pass_s(100 * BELIEVED_S)
    ask(limits, "A", clock)
    await held.write()

    assert [row.family for row in limits.asked.unwritten()] == ["f"]
