"""Expiry: first its entry, then its row; and what happens when either fails."""

from __future__ import annotations

import asyncio
import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from gateway.errors import Cause, Unavailable
from gateway.state import (
    ArchiveRows,
    Database,
    Review,
    Reviews,
    ReviewState,
    Tasks,
    expire,
    expire_forever,
    forget_old,
)
from tests.gateway.state.conftest import Hands
from tests.gateway.state.test_reviews import EXCHANGE, recorded


@pytest.fixture
def reviews(database: Database, clock: Hands) -> Reviews:
    """A queue whose requests are due in an hour."""
    return Reviews(database=database, key=b"k" * 32, clock=clock, due_ms=3_600_000)


async def test_the_entry_comes_before_the_row(reviews: Reviews, clock: Hands) -> None:
    """While the entry is being written the row still waits."""
    await recorded(reviews)
    clock.advance(3600)
    states: list[str] = []

    async def entry(review: Review) -> None:
        found = await reviews.show(review.exchange)
        assert found is not None
        states.append(str(found.state))

    assert await expire(reviews, entry) == 1
    assert states == ["waiting"]
    found = await reviews.show(EXCHANGE)
    assert found is not None
    assert found.state is ReviewState.EXPIRED


async def test_without_an_entry_nothing_expires(reviews: Reviews, clock: Hands) -> None:
    """A log that cannot write keeps the review waiting."""
    await recorded(reviews)
    clock.advance(3600)

    async def entry(_review: Review) -> None:
        raise Unavailable(Cause.LOG_UNAVAILABLE)

    with pytest.raises(Unavailable):
        await expire(reviews, entry)
    assert await reviews.waiting() == 1


async def test_more_than_one_batch(reviews: Reviews, clock: Hands) -> None:
    """Everything overdue expires, however much it is."""
    for number in range(120):
        await recorded(reviews, f"{number:032x}")
    clock.advance(3600)

    async def entry(_review: Review) -> None:
        """Write nothing."""

    assert await expire(reviews, entry) == 120
    assert await reviews.waiting() == 0


async def test_the_loop_heals_by_itself(reviews: Reviews, clock: Hands) -> None:
    """After the log comes back the next round expires what waited."""
    await recorded(reviews)
    clock.advance(3600)
    failures = 2
    written = asyncio.Event()

    async def entry(_review: Review) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise Unavailable(Cause.LOG_UNAVAILABLE)
        written.set()

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        loop = group.create_task(expire_forever(reviews, entry, every_s=0.01))
        await written.wait()
        await reviews.waiting()  # the thread is in order: the row was closed before
        loop.cancel()
    assert await reviews.waiting() == 0


async def test_retention_reaches_every_table(
    reviews: Reviews, database: Database, clock: Hands
) -> None:
    """Old rows of every kind go, young ones stay."""
    archive = ArchiveRows(database=database)
    tasks = Tasks(database=database, clock=clock)
    await recorded(reviews)
    await reviews.close(EXCHANGE, ReviewState.DENIED)
    await archive.put(day=20261123, question=b"q", sealed=b"s", outcome="refused")

    async def forget() -> int:
        return await forget_old(
            reviews=reviews,
            tasks=tasks,
            archive=archive,
            clock=clock,
            zone=ZoneInfo("UTC"),
            reviews_days=10,
            tasks_days=10,
            archive_days=20,
        )

    assert await forget() == 0
    clock.advance(11 * 86_400)
    assert await forget() == 1
    clock.advance(10 * 86_400)
    assert await forget() == 1


@pytest.mark.parametrize(("zone", "kept"), [("America/Chicago", 1), ("UTC", 0)])
async def test_days_of_the_archive_are_those_of_the_law(
    reviews: Reviews, database: Database, clock: Hands, zone: str, kept: int
) -> None:
    """In the evening, when it is tomorrow elsewhere, today's are a day younger."""
    archive = ArchiveRows(database=database)
    evening = dt.datetime(2026, 11, 30, 20, tzinfo=ZoneInfo("America/Chicago"))
    clock.advance(int(evening.timestamp()) - clock.now_ms() // 1000)
    await archive.put(day=20261110, question=b"q", sealed=b"s", outcome="refused")

    gone = await forget_old(
        reviews=reviews,
        tasks=Tasks(database=database, clock=clock),
        archive=archive,
        clock=clock,
        zone=ZoneInfo(zone),
        reviews_days=10,
        tasks_days=10,
        archive_days=20,
    )

    assert gone == 1 - kept
