"""Lanes are lent fairly, reused, and given up when they hang."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import Fault, Limits, SourceUnavailable
from connectors.sqlite.lane import Lane
from connectors.sqlite.pool import Pool
from connectors.sqlite.session import Session


@pytest.fixture
def opened() -> list[Lane]:
    """Return the lanes that were opened, in order."""
    return []


@pytest.fixture
def make_pool(tmp_path: Path, opened: list[Lane]) -> Callable[..., Pool]:
    """Return a function that makes a pool of so many lanes."""
    limits = Limits(grace_s=0.05)

    def lane() -> Lane:
        """Open a lane to nothing."""
        session = Session(
            source="s",
            path=tmp_path / "none.db",
            limits=limits,
            monotonic=time.monotonic,
            trace=None,
        )
        opened.append(Lane(session, name="lane"))
        return opened[-1]

    def make(connections: int) -> Pool:
        """Make a pool."""
        return Pool(
            source="s",
            limits=Limits(connections=connections, grace_s=0.05),
            open_lane=lane,
            monotonic=time.monotonic,
        )

    return make


def soon(seconds: float = 5) -> float:
    """Return a monotonic instant."""
    return time.monotonic() + seconds


def hang(lane: Lane, release: threading.Event) -> None:
    """Let a lane work until it is released, for a caller that has left."""
    future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    lane.submit(release.wait, future, ends_at=soon())
    future.cancel()


async def test_the_last_used_first(
    make_pool: Callable[..., Pool], opened: list[Lane]
) -> None:
    """One caller at a time needs one lane."""
    pool = make_pool(3)
    for _ in range(5):
        pool.give(await pool.take(ends_at=soon()))

    assert len(opened) == 1
    await pool.close()


async def test_waiting_in_line(make_pool: Callable[..., Pool]) -> None:
    """Those who wait get the lane in the order they came."""
    pool = make_pool(1)
    lane = await pool.take(ends_at=soon())
    served: list[int] = []

    async def use(number: int) -> None:
        """Take and give back."""
        taken = await pool.take(ends_at=soon())
        served.append(number)
        pool.give(taken)

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(use(number))
        await asyncio.sleep(0.01)
        assert served == []
        pool.give(lane)

    assert served == [0, 1, 2, 3, 4]
    await pool.close()


async def test_no_lane_in_time(make_pool: Callable[..., Pool]) -> None:
    """Waiting ends at the deadline, and the line is not held up by who left."""
    pool = make_pool(1)
    lane = await pool.take(ends_at=soon())
    with pytest.raises(SourceUnavailable) as caught:
        await pool.take(ends_at=soon(0.02))
    assert caught.value.fault is Fault.BUSY
    pool.give(lane)

    assert await pool.take(ends_at=soon()) is lane
    pool.give(lane)
    await pool.close()


async def test_a_lane_handed_to_somebody_who_left(
    make_pool: Callable[..., Pool],
) -> None:
    """A hand-over that meets a cancellation goes on to the next in line."""
    pool = make_pool(1)
    lane = await pool.take(ends_at=soon())

    async with asyncio.TaskGroup() as group:
        leaving = group.create_task(pool.take(ends_at=soon()))
        staying = group.create_task(pool.take(ends_at=soon()))
        await asyncio.sleep(0)
        pool.give(lane)
        leaving.cancel()
        got = await staying

    assert leaving.cancelled()
    assert got is lane
    pool.give(lane)
    await pool.close()


async def test_a_cancelled_wait(make_pool: Callable[..., Pool]) -> None:
    """Who is cancelled while waiting is out of the line."""
    pool = make_pool(1)
    lane = await pool.take(ends_at=soon())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await pool.take(ends_at=soon())
    pool.give(lane)

    assert await pool.take(ends_at=soon()) is lane
    pool.give(lane)
    await pool.close()


async def test_a_lane_that_ends_in_time_comes_back(
    make_pool: Callable[..., Pool], opened: list[Lane]
) -> None:
    """A lane still ending something is waited for a moment."""
    pool = make_pool(1)
    lane = await pool.take(ends_at=soon())
    release = threading.Event()
    hang(lane, release)
    pool.give(lane)
    asyncio.get_running_loop().call_later(0.01, release.set)

    assert await pool.take(ends_at=soon()) is lane
    assert len(opened) == 1
    pool.give(lane)
    await pool.close()


async def test_a_lane_that_hangs_is_given_up(
    make_pool: Callable[..., Pool], opened: list[Lane]
) -> None:
    """After the grace another lane takes its place; the old thread ends by itself."""
    pool = make_pool(1)
    lane = await pool.take(ends_at=soon())
    release = threading.Event()
    hang(lane, release)
    pool.give(lane)
    start = time.monotonic()

    other = await pool.take(ends_at=soon())

    assert other is not lane
    assert time.monotonic() - start < 1
    pool.give(other)
    third = await pool.take(ends_at=soon())
    assert third is other
    release.set()
    await asyncio.to_thread(lane._thread.join, 5)
    await asyncio.sleep(0)
    assert not lane._thread.is_alive()
    assert not pool._given_up
    pool.give(third)
    await pool.close()
    assert len(opened) == 2


async def test_a_given_up_lane_with_nobody_in_line(
    make_pool: Callable[..., Pool], opened: list[Lane]
) -> None:
    """Its place is free again for whoever comes."""
    pool = make_pool(1)
    lane = await pool.take(ends_at=soon())
    release = threading.Event()
    hang(lane, release)
    pool.give(lane)
    await asyncio.sleep(0.1)

    pool.give(await pool.take(ends_at=soon()))

    assert len(opened) == 2
    release.set()
    await pool.close()


async def test_too_many_hang(
    make_pool: Callable[..., Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads are not started for ever: the source is gone, for those in line too."""
    monkeypatch.setattr("connectors.sqlite.pool._MOST_GIVEN_UP", 2)
    pool = make_pool(1)
    release = threading.Event()
    for _ in range(2):
        lane = await pool.take(ends_at=soon())
        hang(lane, release)
        pool.give(lane)
    with pytest.raises(SourceUnavailable) as waiting:
        await pool.take(ends_at=soon())
    with pytest.raises(SourceUnavailable) as coming:
        await pool.take(ends_at=soon())

    assert waiting.value.fault is coming.value.fault is Fault.GONE
    release.set()
    await pool.close()


async def test_closing(make_pool: Callable[..., Pool], opened: list[Lane]) -> None:
    """Closing refuses those in line and stops lanes, lent ones when they come back."""
    pool = make_pool(1)
    lane = await pool.take(ends_at=soon())

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(_fault(pool))
        await asyncio.sleep(0)
        await pool.close()

    assert waiting.result() is Fault.CLOSED
    pool.give(lane)
    await asyncio.to_thread(opened[0]._thread.join, 5)
    assert not opened[0]._thread.is_alive()
    assert await _fault(pool) is Fault.CLOSED


async def _fault(pool: Pool) -> Fault:
    """Return why no lane was lent."""
    with pytest.raises(SourceUnavailable) as caught:
        await pool.take(ends_at=soon())
    return caught.value.fault
