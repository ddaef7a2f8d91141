"""When a duty is due, by the parameters of its obligation.

A clock in days ends with the last of them in the jurisdiction's zone; business days
leave out Saturdays and Sundays. Public holidays are not known here, so the due day is
never later than the law's. Where several clocks are named the first to end counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from gateway.canonical import Json

__all__ = ["due_ms"]

_WEEKEND = 5
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


def due_ms(
    parameters: Mapping[str, Json], *, now_ms: int, zone: ZoneInfo
) -> int | None:
    """Return when a duty is due, in Unix ms, or None where the law sets no time.

    Args:
        parameters: ``hours`` and ``within_hours`` from now; ``days``,
            ``within_days``, ``every_days`` and ``business_days`` after today; ``by`` a
            day; ``month`` and ``day`` of each year; ``promptly``, which is a day.
        now_ms: the instant of the exchange, in Unix ms.
        zone: the jurisdiction's.
    """
    today = dt.datetime.fromtimestamp(now_ms / 1000, tz=zone).date()
    days = (_end_ms(day, zone) for day in _days(parameters, today))
    return min([*_spans(parameters, now_ms), *days], default=None)


def _spans(parameters: Mapping[str, Json], now_ms: int) -> Iterator[int]:
    for hours in _numbers(parameters, "hours", "within_hours"):
        yield now_ms + hours * _HOUR_MS
    if parameters.get("promptly") is True:
        yield now_ms + _DAY_MS


def _days(parameters: Mapping[str, Json], today: dt.date) -> Iterator[dt.date]:
    for days in _numbers(parameters, "days", "within_days", "every_days"):
        yield today + dt.timedelta(days=days)
    for days in _numbers(parameters, "business_days"):
        yield _business_day(today, days)
    if isinstance(by := parameters.get("by"), str):
        yield dt.date.fromisoformat(by)
    month, day = parameters.get("month"), parameters.get("day")
    if isinstance(month, int) and isinstance(day, int):
        this_year = _day_of(today.year, month, day)
        past = this_year < today
        yield _day_of(today.year + 1, month, day) if past else this_year


def _day_of(year: int, month: int, day: int) -> dt.date:
    """Return a day of a year; the 29th of February is the 28th where there is none."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return dt.date(year, month, day - 1)


def _business_day(today: dt.date, days: int) -> dt.date:
    while days:
        today += dt.timedelta(days=1)
        days -= today.weekday() < _WEEKEND
    return today


def _numbers(parameters: Mapping[str, Json], *names: str) -> Iterator[int]:
    for name in names:
        if isinstance(number := parameters.get(name), int):
            yield number


def _end_ms(day: dt.date, zone: ZoneInfo) -> int:
    """Return the last millisecond of a day."""
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=zone)
    return int(end.timestamp() * 1000) - 1
