"""The one clock, passed to every constructor: wall time and monotonic time."""

from __future__ import annotations

import datetime as dt
import time
from typing import Protocol
from zoneinfo import ZoneInfo

__all__ = ["Clock", "SystemClock", "day_in_zone"]


class Clock(Protocol):
    """What time it is. Deadlines and breakers use :meth:`monotonic` only."""

    def now_ms(self) -> int:
        """Wall clock in milliseconds since 1970-01-01T00:00:00Z."""

    def monotonic(self) -> float:
        """Seconds from a fixed, unknown point; never runs back."""


class SystemClock:
    """The machine's own clocks."""

    def now_ms(self) -> int:
        """Wall clock in milliseconds since 1970-01-01T00:00:00Z."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds from a fixed, unknown point; never runs back."""
        return time.monotonic()


def day_in_zone(ms: int, zone: ZoneInfo) -> int:
    """Return the calendar day of an instant in a zone, as the integer YYYYMMDD."""
    day = dt.datetime.fromtimestamp(ms / 1000, tz=zone)
    return day.year * 10_000 + day.month * 100 + day.day
