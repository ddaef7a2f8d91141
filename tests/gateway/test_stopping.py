"""Exchanges in flight are bounded, and waited for at the end."""

import asyncio

import pytest

from gateway.errors import Cause, Unavailable
from gateway.stopping import Flights


async def test_no_more_than_allowed_are_in_flight() -> None:
    """One too many is refused as overloaded, and takes no place."""
    flights = Flights(most=1)

    async with flights.one():
        with pytest.raises(Unavailable) as caught:
            async with flights.one():
                pytest.fail("it was let in")

    assert caught.value.cause is Cause.OVERLOADED
    assert flights.count == 0


async def test_the_last_to_land_ends_the_wait() -> None:
    """Landing is waited for, and no longer than said."""
    flights = Flights(most=2)
    enough = asyncio.Event()

    async def fly() -> None:
        async with flights.one():
            await enough.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(fly())
        await asyncio.sleep(0)
        late = await flights.landed(within_s=0.01)
        enough.set()
        landed = await flights.landed(within_s=1)

    assert (late, landed) == (False, True)
