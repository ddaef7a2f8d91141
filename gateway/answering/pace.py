"""When an answer leaves: how long it took must not tell what was found.

After a source was asked, an answer that releases nothing leaves on the next tick
after the dataset's floor, so that none, several and withheld take the same time.
"""

from __future__ import annotations

import asyncio
import math

from gateway.clock import Clock

__all__ = ["TICK_S", "leave_on_tick", "next_tick"]

TICK_S = 0.025
"""Length of a tick, in seconds."""


def next_tick(*, started: float, now: float, floor_s: float) -> float:
    """Return when to leave: a whole number of ticks after the floor, not before now.

    All three are seconds of one monotonic clock, ``floor_s`` counted from ``started``.
    """
    earliest = started + floor_s
    if now <= earliest:
        return earliest
    return earliest + math.ceil((now - earliest) / TICK_S) * TICK_S


async def leave_on_tick(*, clock: Clock, started: float, floor_s: float) -> None:
    """Wait until the answer may leave."""
    now = clock.monotonic()
    await asyncio.sleep(next_tick(started=started, now=now, floor_s=floor_s) - now)
