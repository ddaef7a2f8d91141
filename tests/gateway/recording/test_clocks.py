"""When the law's duties are due: counted in the jurisdiction's own days."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.recording.clocks import due_ms

ZONE = ZoneInfo("America/Chicago")


def at(text: str) -> int:
    """Return an instant of the zone in Unix milliseconds."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


@pytest.mark.parametrize(
    ("asked", "parameters", "due"),
    [
        ("2026-11-23T10:00", {"business_days": 3}, "2026-11-27T00:00"),
        ("2026-11-26T23:59", {"business_days": 3}, "2026-12-02T00:00"),
        ("2026-11-27T23:59", {"business_days": 1}, "2026-12-01T00:00"),
        ("2026-11-28T12:00", {"business_days": 1}, "2026-12-01T00:00"),
        ("2026-03-06T12:00", {"days": 3}, "2026-03-10T00:00"),
        ("2026-10-30T12:00", {"days": 3}, "2026-11-03T00:00"),
    ],
    ids=["weekdays", "over-a-weekend", "friday", "saturday", "spring", "autumn"],
)
def test_days_end_with_the_last_of_them(
    asked: str, parameters: dict[str, int], due: str
) -> None:
    """The duty is due until the last millisecond of its last day in the zone."""
    assert due_ms(dict(parameters), now_ms=at(asked), zone=ZONE) == at(due) - 1


def test_hours_are_hours() -> None:
    """A clock in hours does not look at days."""
    now = at("2026-11-01T00:30")

    assert due_ms({"hours": 48}, now_ms=now, zone=ZONE) == now + 48 * 3_600_000


@pytest.mark.parametrize(
    ("parameters", "due"),
    [
        ({"within_hours": 48}, "2026-11-25T10:00"),
        ({"within_days": 15}, "2026-12-09T00:00"),
        ({"every_days": 90}, "2027-02-22T00:00"),
        ({"by": "2026-12-01"}, "2026-12-02T00:00"),
        ({"by": "2025-08-13"}, "2025-08-14T00:00"),
        ({"month": 3, "day": 1}, "2027-03-02T00:00"),
        ({"month": 11, "day": 23}, "2026-11-24T00:00"),
        ({"month": 11, "day": 22}, "2027-11-23T00:00"),
        ({"month": 2, "day": 29}, "2027-03-01T00:00"),
    ],
    ids=str,
)
def test_every_clock_of_the_vocabulary(
    parameters: dict[str, int | str], due: str
) -> None:
    """A day named whole may lie in the past: then it is overdue from the start."""
    now = at("2026-11-23T10:00")
    instant = 0 if "within_hours" in parameters else 1
    found = due_ms({**parameters}, now_ms=now, zone=ZONE)
    assert found == at(due) - instant


def test_of_several_clocks_the_first_counts() -> None:
    """Whoever waits for the later one would be late for the other."""
    now = at("2026-11-23T10:00")
    both = due_ms({"promptly": True, "business_days": 3}, now_ms=now, zone=ZONE)
    report = due_ms({"month": 3, "day": 1, "days": 7}, now_ms=now, zone=ZONE)

    assert both == now + 86_400_000
    assert report == at("2026-12-01T00:00") - 1


def test_promptly_is_within_a_day_and_nothing_is_no_clock() -> None:
    """Where the law says promptly there is a day; where it says nothing, none."""
    now = at("2026-11-01T00:30")

    assert due_ms({"promptly": True}, now_ms=now, zone=ZONE) == now + 86_400_000
    assert due_ms({"form": "writing"}, now_ms=now, zone=ZONE) is None


@given(
    now=st.integers(min_value=0, max_value=4_000_000_000_000),
    days=st.integers(min_value=0, max_value=60),
)
def test_more_days_are_never_due_earlier(now: int, days: int) -> None:
    """A day more never brings the duty forward, and it is never in the past."""
    first = due_ms({"business_days": days}, now_ms=now, zone=ZONE)
    second = due_ms({"business_days": days + 1}, now_ms=now, zone=ZONE)

    assert first is not None
    assert second is not None
    assert now <= first <= second
