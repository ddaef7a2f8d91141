"""What the parameters of an obligation may hold: words, numbers, days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

__all__ = ["wrong"]

LEAP_YEAR = 2024
"""A year that has every day."""


def wrong(given: Mapping[str, object], kinds: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with parameters, a sentence each.

    Args:
        given: as the rule has them.
        kinds: what the vocabulary says each of them is.
    """
    for name, value in given.items():
        if name in kinds:
            said, is_one = _KINDS[kinds[name]]
            if not is_one(value):
                yield f"{name} must be {said}"
    month, day = given.get("month"), given.get("day")
    if _number(month) and _number(day) and not _day_of_a_year(month, day):
        yield f"month {month} and day {day} are no day of a year"


def _number(value: object) -> bool:
    return type(value) is int and value >= 0


def _day(value: object) -> bool:
    """Tell whether it is a day that a calendar has, written YYYY-MM-DD."""
    try:
        return dt.date.fromisoformat(str(value)).isoformat() == value
    except ValueError:
        return False


def _day_of_a_year(month: object, day: object) -> bool:
    return _day(f"{LEAP_YEAR}-{month:0>2}-{day:0>2}")


_KINDS: Mapping[str, tuple[str, Callable[[object], bool]]] = MappingProxyType(
    {
        "code": ("a word", lambda value: isinstance(value, str)),
        "integer": ("a whole number, 0 or more", _number),
        "boolean": ("true or false", lambda value: isinstance(value, bool)),
        "list": ("a list", lambda value: isinstance(value, list)),
        "day": ("a day, YYYY-MM-DD", _day),
    }
)
