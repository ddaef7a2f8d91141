"""From what a driver returns to what the catalogue says it is; total on odd input.

A *reader* takes any raw value and returns the typed value, ``None`` for null, or
:data:`ODD` for whatever is not what the catalogue says. Nothing here raises.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, TypeAlias, assert_never
from zoneinfo import ZoneInfo

__all__ = ["ODD", "DateFormat", "Reader", "ValueType", "day_number", "reader"]

Reader: TypeAlias = "Callable[[Any], Any]"
"""Raw value in; typed value, ``None`` or :data:`ODD` out."""


class _Odd:
    """The one value that is not a value."""

    def __repr__(self) -> str:
        """Name it."""
        return "ODD"


ODD: Final = _Odd()
"""Not what the catalogue says: withheld as a field, unknown as a fact."""


class ValueType(StrEnum):
    """What a column holds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"


class DateFormat(StrEnum):
    """How a source writes a day; answers always have ISO 8601."""

    ISO = "YYYY-MM-DD"
    COMPACT = "YYYYMMDD"
    US = "MM/DD/YYYY"


_TRUE = frozenset({"1", "t", "true", "y", "yes"})
_FALSE = frozenset({"0", "f", "false", "n", "no"})
_LENGTHS = {DateFormat.ISO: 10, DateFormat.COMPACT: 8, DateFormat.US: 10}


def reader(
    kind: ValueType,
    *,
    date_format: DateFormat = DateFormat.ISO,
    zone: ZoneInfo | None = None,
) -> Reader:
    """Return the reader of a type.

    With a ``zone``, a date may also be stored as an instant (a timestamp; without
    an offset it is UTC) and is the day of that instant in the zone.
    """
    match kind:
        case ValueType.TEXT:
            return _text
        case ValueType.INTEGER:
            return _integer
        case ValueType.NUMBER:
            return _number
        case ValueType.BOOLEAN:
            return _boolean
        case ValueType.DATE:
            return _date_reader(date_format, zone)
        case ValueType.TIMESTAMP:
            return _timestamp
        case _ as never:
            assert_never(never)


def day_number(iso: str) -> int:
    """Return an ISO date as the integer YYYYMMDD."""
    return int(iso[:4]) * 10_000 + int(iso[5:7]) * 100 + int(iso[8:10])


def _text(raw: Any) -> Any:  # noqa: ANN401 - a driver may return anything
    """Text as it is; integers as their digits."""
    if raw is None or raw.__class__ is str:
        return raw
    return str(raw) if raw.__class__ is int else ODD


def _integer(raw: Any) -> Any:  # noqa: ANN401 - a driver may return anything
    """Integers only; a boolean is not one."""
    return raw if raw is None or raw.__class__ is int else ODD


def _number(raw: Any) -> Any:  # noqa: ANN401 - a driver may return anything
    """Integers and finite floats."""
    if raw is None or raw.__class__ is int:
        return raw
    return raw if raw.__class__ is float and math.isfinite(raw) else ODD


def _boolean(raw: Any) -> Any:  # noqa: ANN401 - a driver may return anything
    """Booleans, and the usual ways to write them in a column."""
    if raw is None or raw.__class__ is bool:
        return raw
    if raw.__class__ is int or raw.__class__ is str:
        word = str(raw).strip().lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
    return ODD


def _date_reader(date_format: DateFormat, zone: ZoneInfo | None) -> Reader:
    """Return a reader of days in one format, to ISO text."""
    length = _LENGTHS[date_format]
    digits = date_format is DateFormat.COMPACT

    def read(raw: Any) -> Any:  # noqa: ANN401 - a driver may return anything
        """Read one day."""
        if raw is None:
            return None
        if raw.__class__ is dt.date:
            return raw.isoformat()
        text = str(raw) if digits and raw.__class__ is int else raw
        if text.__class__ is str and len(text) == length:
            return _day(text, date_format)
        moment = None if zone is None else _instant(raw)
        if moment is None:
            return ODD
        try:
            return moment.astimezone(zone).date().isoformat()
        except (OverflowError, ValueError):
            return ODD  # the first or last day of the calendar, in another zone

    return read


def _day(text: str, date_format: DateFormat) -> Any:  # noqa: ANN401 - text or ODD
    """Return a day as ISO text, if it is one of the calendar and plainly written."""
    if date_format is DateFormat.ISO:
        iso = text
    elif date_format is DateFormat.COMPACT:
        iso = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    else:
        iso = f"{text[6:]}-{text[:2]}-{text[3:5]}"
        if text[2] != "/" or text[5] != "/":
            return ODD
    try:
        # fromisoformat also takes week dates (2026-W01-1): compare with its own form.
        return iso if dt.date.fromisoformat(iso).isoformat() == iso else ODD
    except ValueError:
        return ODD


def _timestamp(raw: Any) -> Any:  # noqa: ANN401 - a driver may return anything
    """Instants as ISO text in UTC, whole seconds."""
    if raw is None:
        return None
    moment = _instant(raw)
    if moment is None:
        return ODD
    try:
        utc = moment.astimezone(dt.UTC)
    except (OverflowError, ValueError):
        return ODD
    return utc.strftime("%Y-%m-%dT%H:%M:%SZ")


def _instant(raw: Any) -> dt.datetime | None:  # noqa: ANN401 - anything may come
    """Read an instant: ISO text, seconds since 1970, or a datetime; else ``None``."""
    try:
        if raw.__class__ is str:
            moment = dt.datetime.fromisoformat(raw)
        elif raw.__class__ is int:
            moment = dt.datetime.fromtimestamp(raw, dt.UTC)
        elif isinstance(raw, dt.datetime):
            moment = raw
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)
