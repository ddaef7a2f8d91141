"""The law's day is a calendar day in the jurisdiction's own zone."""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import SystemClock, day_in_zone

CHICAGO = ZoneInfo("America/Chicago")


def _ms(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-01-20T05:59:59.999+00:00", CHICAGO, 20260119),
        ("2026-01-20T06:00:00+00:00", CHICAGO, 20260120),
        ("2026-07-01T04:59:59+00:00", CHICAGO, 20260630),  # daylight saving time
        ("2026-07-01T05:00:00+00:00", CHICAGO, 20260701),
        ("2026-03-08T08:30:00+00:00", CHICAGO, 20260308),  # the hour that is skipped
        ("2026-12-31T23:59:59+00:00", ZoneInfo("UTC"), 20261231),
    ],
)
def test_midnight_is_local(instant: str, zone: ZoneInfo, day: int) -> None:
    """The day changes at midnight where the law applies, not at midnight UTC."""
    assert day_in_zone(_ms(instant), zone) == day


@given(st.integers(0, 4_102_444_800_000))
def test_days_never_run_back(ms: int) -> None:
    """A later instant is never an earlier day."""
    assert day_in_zone(ms, CHICAGO) <= day_in_zone(ms + 3_600_000, CHICAGO)


def test_the_machines_clocks() -> None:
    """Wall time is in milliseconds; the monotonic clock doesn't run back."""
    clock = SystemClock()
    before = time.time_ns() // 1_000_000
    now = clock.now_ms()

    assert before <= now <= time.time_ns() // 1_000_000
    assert clock.monotonic() <= clock.monotonic()
