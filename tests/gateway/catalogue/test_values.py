"""Readers: what a driver returns becomes what the catalogue says, or is odd."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.catalogue import DateFormat, ValueType
from gateway.catalogue.values import ODD, day_number, reader

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("text", "x", "x"),
        ("text", "", ""),
        ("text", 62704, "62704"),
        ("text", True, ODD),
        ("text", 1.0, ODD),
        ("text", b"x", ODD),
        ("integer", 5, 5),
        ("integer", True, ODD),
        ("integer", "5", ODD),
        ("integer", 5.0, ODD),
        ("number", 5, 5),
        ("number", 1.5, 1.5),
        ("number", float("nan"), ODD),
        ("number", float("inf"), ODD),
        ("number", "1.5", ODD),
        ("number", True, ODD),
        ("boolean", True, True),
        ("boolean", False, False),
        ("boolean", 1, True),
        ("boolean", 0, False),
        ("boolean", " Yes ", True),
        ("boolean", "N", False),
        ("boolean", "T", True),
        ("boolean", "off", ODD),
        ("boolean", "", ODD),
        ("boolean", 2, ODD),
        ("boolean", -1, ODD),
        ("boolean", 1.0, ODD),
        ("boolean", b"1", ODD),
        ("date", "2026-02-28", "2026-02-28"),
        ("date", "2026-02-29", ODD),
        ("date", "2026-W01-1", ODD),
        ("date", "20260228", ODD),
        ("date", "2026-2-28", ODD),
        ("date", "2026-02-28T00:00:00", ODD),
        ("date", 20260228, ODD),
        ("date", dt.date(2026, 2, 28), "2026-02-28"),
        ("date", dt.datetime(2026, 2, 28, tzinfo=dt.UTC), ODD),
        ("date", 1.5, ODD),
        ("timestamp", "2026-01-02T03:04:05.6-06:00", "2026-01-02T09:04:05Z"),
        ("timestamp", "2026-01-02 03:04:05", "2026-01-02T03:04:05Z"),
        ("timestamp", 0, "1970-01-01T00:00:00Z"),
        ("timestamp", dt.datetime(2026, 1, 2, tzinfo=CHICAGO), "2026-01-02T06:00:00Z"),
        ("timestamp", "soon", ODD),
        ("timestamp", 10**18, ODD),
        ("timestamp", "0001-01-01T00:00:00+14:00", ODD),
        ("timestamp", 1.5, ODD),
        ("timestamp", True, ODD),
    ],
    ids=repr,
)
def test_reading(kind: str, raw: object, value: object) -> None:
    """Each type takes what is plainly of it."""
    read = reader(ValueType(kind))(raw)

    assert read is value or (read == value and type(read) is type(value))


@pytest.mark.parametrize("kind", list(ValueType))
def test_null_is_null(kind: ValueType) -> None:
    """Null is not odd."""
    assert reader(kind)(None) is None


@pytest.mark.parametrize(
    ("date_format", "raw", "value"),
    [
        (DateFormat.COMPACT, "20260228", "2026-02-28"),
        (DateFormat.COMPACT, 20260228, "2026-02-28"),
        (DateFormat.COMPACT, "20260230", ODD),
        (DateFormat.COMPACT, "2026-2-2", ODD),
        (DateFormat.US, "02/28/2026", "2026-02-28"),
        (DateFormat.US, "28/02/2026", ODD),
        (DateFormat.US, "02-28-2026", ODD),
        (DateFormat.US, "02/28-2026", ODD),
        (DateFormat.US, "2026-02-28", ODD),
        (DateFormat.ISO, "02/28/2026", ODD),
    ],
    ids=repr,
)
def test_formats(date_format: DateFormat, raw: object, value: object) -> None:
    """A day is read in the one format the column has."""
    assert reader(ValueType.DATE, date_format=date_format)(raw) == value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("2026-01-02T03:00:00Z", "2026-01-01"),
        ("2026-01-02 06:00:00", "2026-01-02"),
        ("2026-01-01T23:00:00-06:00", "2026-01-01"),
        ("2026-07-01T05:00:00Z", "2026-07-01"),
        ("2026-07-01T04:59:59Z", "2026-06-30"),
        (1767326400, "2026-01-01"),
        (dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC), "2026-01-01"),
        ("2026-01-02", "2026-01-02"),
        ("0001-01-01T00:00:00Z", ODD),
        ("soon", ODD),
        (None, None),
    ],
)
def test_days_of_instants(raw: object, value: object) -> None:
    """In a zone, an instant is the day it was there; a day stays that day."""
    assert reader(ValueType.DATE, zone=CHICAGO)(raw) == value


@given(day=st.dates(), date_format=st.sampled_from(list(DateFormat)))
def test_every_day_in_every_format(day: dt.date, date_format: DateFormat) -> None:
    """Each day of the calendar is read back from each format."""
    written = {
        DateFormat.ISO: f"{day.year:04}-{day.month:02}-{day.day:02}",
        DateFormat.COMPACT: f"{day.year:04}{day.month:02}{day.day:02}",
        DateFormat.US: f"{day.month:02}/{day.day:02}/{day.year:04}",
    }[date_format]

    assert reader(ValueType.DATE, date_format=date_format)(written) == day.isoformat()
    assert day_number(day.isoformat()) == int(f"{day:%Y%m%d}".zfill(8))


@given(
    kind=st.sampled_from(list(ValueType)),
    zone=st.sampled_from([None, CHICAGO]),
    raw=st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(st.characters(), max_size=12),
        st.binary(max_size=8),
        st.datetimes(timezones=st.none() | st.timezones()),
        st.dates(),
    ),
)
def test_no_value_breaks_a_reader(kind: ValueType, zone: ZoneInfo, raw: Any) -> None:  # noqa: ANN401 - anything
    """A reader is total."""
    value = reader(kind, zone=zone)(raw)

    assert value is None or value is ODD or type(value) in {str, int, float, bool}


def test_odd_says_so() -> None:
    """In a traceback it can be told from a value."""
    assert repr(ODD) == "ODD"
