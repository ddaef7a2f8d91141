"""The clock of reviews: what waited too long expires, and its expiry is an entry."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from gateway.clock import Clock
from gateway.errors import Unavailable
from gateway.state.archive import ArchiveRows
from gateway.state.review import Review, ReviewState
from gateway.state.reviews import Reviews
from gateway.state.tasks import Tasks

__all__ = ["expire", "expire_forever", "forget_old"]

_DAY_MS = 86_400_000
_HOUR_MS = 3_600_000

Recorded = Callable[[Review], Awaitable[object]]
"""Writes the entry that a review expired; returns when that is durable."""


async def expire(reviews: Reviews, recorded: Recorded) -> int:
    """Close every overdue review: first its entry, then its row.

    A crash between the two leaves the row waiting, and the entry is written again on
    the next round: the log's dedup makes it the same one.

    Raises:
        Unavailable: when the log or the state is; the rest stays for the next round.
    """
    closed = 0
    while overdue := await reviews.overdue():
        for review in overdue:
            await recorded(review)
            closed += await reviews.close(review.exchange, ReviewState.EXPIRED)
    return closed


async def expire_forever(
    reviews: Reviews, recorded: Recorded, *, every_s: float = 1.0
) -> None:
    """Close overdue reviews until cancelled; the caller's TaskGroup owns this."""
    while True:
        # Whoever asks is told the cause; expiry itself waits for the next round.
        with contextlib.suppress(Unavailable):
            await expire(reviews, recorded)
        await asyncio.sleep(every_s)


async def forget_old(
    *,
    reviews: Reviews,
    tasks: Tasks,
    archive: ArchiveRows,
    clock: Clock,
    zone: ZoneInfo,
    reviews_days: int,
    tasks_days: int,
    archive_days: int,
) -> int:
    """Delete what is older than the retention says; returns how many rows went.

    ``zone`` is the jurisdiction's: a day of the archive is a day there.
    """
    now = clock.now_ms()
    day = dt.datetime.fromtimestamp((now - archive_days * _DAY_MS) / 1000, tz=zone)
    gone = await reviews.forget(closed_before_ms=now - reviews_days * _DAY_MS)
    gone += await tasks.forget(
        closed_before_ms=now - tasks_days * _DAY_MS,
        unrecorded_before_ms=now - _HOUR_MS,
    )
    return gone + await archive.forget(before=int(day.strftime("%Y%m%d")))
