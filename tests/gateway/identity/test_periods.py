"""Periods: days are days of the jurisdiction, instants are instants."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gateway.clock import day_in_zone
from gateway.identity.periods import Moment, Period, combined, instant_ms, period
from gateway.identity.requester import Agreement
from tests.gateway.identity.world import CHICAGO

MOMENT: TypeAdapter[str] = TypeAdapter(Moment)
ZONES = [
    "America/Chicago",
    "America/Los_Angeles",
    "America/Phoenix",
    "Pacific/Honolulu",
    "America/St_Johns",
    "America/Havana",  # its clocks change at midnight
    "Asia/Beirut",  # so do these
    "Pacific/Kiritimati",
    "UTC",
]
DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2035, 12, 31))


@pytest.mark.parametrize(
    ("moment", "utc"),
    [
        ("2026-01-01", "2026-01-01T06:00:00+00:00"),
        ("2026-07-01", "2026-07-01T05:00:00+00:00"),
        ("2026-03-08", "2026-03-08T06:00:00+00:00"),
        ("2026-03-09", "2026-03-09T05:00:00+00:00"),
        ("2026-11-01", "2026-11-01T05:00:00+00:00"),
        ("2026-11-02", "2026-11-02T06:00:00+00:00"),
        ("2026-01-31T17:00:00-06:00", "2026-01-31T23:00:00+00:00"),
        ("2026-01-31T17:00Z", "2026-01-31T17:00:00+00:00"),
        ("2026-01-31T17:00:00.250Z", "2026-01-31T17:00:00.250+00:00"),
    ],
)
def test_a_moment_is_one_instant(moment: str, utc: str) -> None:
    """A day begins at the zone's midnight, summer or winter; an instant is itself."""
    expected = round(dt.datetime.fromisoformat(utc).timestamp() * 1000)

    assert expected == instant_ms(moment, CHICAGO)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-1-1",
        "2026-02-30",
        "20260101",
        "2026-01-01T10:00:00",
        "2026-01-01 10:00:00Z",
        "2026-01-01T25:00:00Z",
        "2026-W01-1",
        "01/02/2026",
        "never",
        "2026-01-01T10:00:00.1234567Z",
    ],
)
def test_anything_else_is_no_moment(text: str) -> None:
    """A time without its offset, another order, a day that is none: refused."""
    with pytest.raises(ValidationError):
        MOMENT.validate_python(text)


@given(
    start=DAYS,
    length=st.integers(1, 800),
    offset_ms=st.integers(-90_000_000, 90_000_000),
    edge=st.booleans(),
    zone=st.sampled_from(ZONES),
)
def test_days_in_force_are_the_days_the_law_counts(
    start: dt.date, length: int, offset_ms: int, *, edge: bool, zone: str
) -> None:
    """In force exactly when the zone's calendar says so, both sides of midnight."""
    place = ZoneInfo(zone)
    end = start + dt.timedelta(days=length)
    paper = period(start.isoformat(), end.isoformat(), place)
    near = paper.end_ms if edge else paper.start_ms
    assert near is not None
    now_ms = near + offset_ms
    today = day_in_zone(now_ms, place)
    first, last = (int(day.strftime("%Y%m%d")) for day in (start, end))

    expected = (
        Agreement.NONE
        if today < first
        else Agreement.EXPIRED
        if today >= last
        else Agreement.IN_FORCE
    )

    assert expected == paper.state(now_ms)


@given(
    start=st.integers(0, 10**13), length=st.integers(1, 10**10), at=st.integers(-3, 3)
)
def test_each_end_is_one_millisecond_sharp(start: int, length: int, at: int) -> None:
    """The first instant is inside, the end is outside, nothing between differs."""
    paper = Period(start_ms=start, end_ms=start + length)

    assert (at >= 0) == (paper.state(start + min(at, length - 1)) == "in_force")
    assert (at >= 0) == (paper.state(start + length + at) == "expired") or length <= -at


def test_open_ends() -> None:
    """Without an end it stays in force; without a beginning it always was."""
    assert Period(start_ms=None, end_ms=None).state(0) is Agreement.IN_FORCE
    assert Period(start_ms=5, end_ms=None).state(10**15) is Agreement.IN_FORCE


def test_one_in_force_is_enough_and_an_old_one_is_told() -> None:
    """Several papers of one kind: in force before expired before none."""
    none, now, old = Agreement.NONE, Agreement.IN_FORCE, Agreement.EXPIRED

    assert combined([old, now, none]) is now
    assert combined([none, old]) is old
    assert combined([none]) is none
    assert combined([]) is none
