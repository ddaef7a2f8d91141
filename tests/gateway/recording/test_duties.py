"""When the law's duties are due: counted in the jurisdiction's own days."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.recording.duties import due_ms

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
