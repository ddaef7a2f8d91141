"""Requests in flight are bounded, wait no longer than said, and are waited for."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import Cause, Unavailable
from gateway.places import Places
from gateway.stopping import Flights


def flights(*, queue: int = 2, longest_wait_s: float = 60.0) -> Flights:
    """Return flights with one ordinary place and one kept for danger."""
    places = Places(most=2, reserve=1, queue=queue)
    return Flights(places=places, longest_wait_s=longest_wait_s)


async def test_no_more_than_allowed_are_in_flight() -> None:
    """One too many is refused as overloaded, and takes no place."""
    few = flights(queue=0)

    async with few.one("a"):
        with pytest.raises(Unavailable) as caught:
            async with few.one("b"):
                pytest.fail("it was let in")
        async with few.one("b", exigent=True):
            assert few.count == 2

    assert caught.value.cause is Cause.OVERLOADED
    assert few.count == 0


async def test_who_waits_gets_the_place_that_comes_free() -> None:
    """A request that found no place is let in when another one ends."""
    few, order = flights(), list[str]()

    async def fly(name: str) -> None:
        async with few.one(name):
            order.append(name)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(fly(name))

    assert order == ["a", "b", "c"]
    assert (few.count, few.places.waiting) == (0, 0)


async def test_nobody_waits_longer_than_said() -> None:
    """After the longest wait it is overloaded, and the line is as before."""
    few = flights(longest_wait_s=0.01)

    async with few.one("a"):
        with pytest.raises(Unavailable) as caught:
            async with few.one("b"):
                pytest.fail("it was let in")
        assert few.places.waiting == 0
    async with few.one("b"):
        assert few.count == 1

    assert caught.value.cause is Cause.OVERLOADED


async def test_who_gives_up_takes_no_place() -> None:
    """A requester that leaves while it waits, or as it is let in, holds nothing."""
    few = flights()

    async def fly() -> None:
        async with few.one("b"):
            pytest.fail("it was let in")

    async with asyncio.TaskGroup() as group:
        async with few.one("a"):
            waiting, granted = group.create_task(fly()), group.create_task(fly())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.sleep(0)
        granted.cancel()  # its place is free, and it has not been told yet

    assert (few.count, few.places.waiting) == (0, 0)
    assert await few.landed(within_s=0)


async def test_the_last_to_land_ends_the_wait() -> None:
    """Landing is waited for, waiting included, and no longer than said."""
    few = flights()
    enough = asyncio.Event()

    async def fly() -> None:
        async with few.one("a"):
            await enough.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(fly())
        group.create_task(fly())
        await asyncio.sleep(0)
        late = await few.landed(within_s=0.01)
        enough.set()
        landed = await few.landed(within_s=1)

    assert (late, landed) == (False, True)
    assert few.places.waiting == 0
