"""How long an answer takes tells nothing."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.answering.pace import TICK_S, leave_on_tick, next_tick

SECONDS = st.floats(min_value=0, max_value=10, allow_nan=False)


class StillClock:
    """A clock that stands where it is put."""

    def __init__(self, now: float) -> None:
        self.now = now

    def now_ms(self) -> int:
        """Return a fixed wall time."""
        return 0

    def monotonic(self) -> float:
        """Return where it was put."""
        return self.now


@given(started=SECONDS, took=SECONDS, floor=SECONDS)
def test_it_never_leaves_before_now_or_the_floor(
    started: float, took: float, floor: float
) -> None:
    """An answer leaves after it is ready and after the dataset's floor."""
    leaves = next_tick(started=started, now=started + took, floor_s=floor)

    assert leaves >= started + took - 1e-9
    assert leaves >= started + floor - 1e-9
    assert leaves <= max(started + took, started + floor) + TICK_S + 1e-9


@given(started=SECONDS, floor=SECONDS, took=st.lists(SECONDS, min_size=2, max_size=5))
def test_it_leaves_only_on_ticks(
    started: float, floor: float, took: list[float]
) -> None:
    """Times of leaving differ by whole ticks, however long the work took."""
    leaves = [next_tick(started=started, now=started + t, floor_s=floor) for t in took]

    for left in leaves:
        ticks = (left - leaves[0]) / TICK_S
        assert ticks == pytest.approx(round(ticks), abs=1e-6)


async def test_it_waits_for_the_tick() -> None:
    """The wait itself ends on the tick."""
    loop = asyncio.get_running_loop()
    before = loop.time()

    await leave_on_tick(clock=StillClock(100.01), started=100.0, floor_s=0.03)

    assert loop.time() - before >= 0.019
