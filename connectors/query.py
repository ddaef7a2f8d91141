"""What is asked of a source and what comes back: values, no behaviour.

A query names logical columns; only the :class:`Table` knows what they are called in
the database, so nothing outside the catalogue can be asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from connectors.errors import InvalidQuery

__all__ = ["Key", "LiveColumn", "Query", "Row", "Table", "Value", "check"]

Value: TypeAlias = "str | int"
"""What can be bound: text, or an integer of 64 bits."""

Key: TypeAlias = "Value | tuple[Value, ...]"
"""What names one record: a value, or one for each column of a compound key."""

Row: TypeAlias = "tuple[Any, ...]"
"""One record: its :data:`Key`, then the values of ``Query.columns`` in order."""

_TAG = re.compile(r"[A-Za-z0-9_-]{0,64}", re.ASCII)
_INT64 = 1 << 63


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Table:
    """A table or view as the catalogue maps it; compared by identity, which is fast.

    ``name`` may carry one schema in front (``public.bookings``). ``key`` holds the
    physical columns that together name one record, ``columns`` pairs of logical and
    physical names.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """One bounded read of one table, in the order of the key.

    Attributes:
        table: where to read.
        columns: logical names of what to read; the key always comes first.
        filters: pairs of logical column and value; all must match exactly.
        keys: read only these records.
        after: read only records whose key is greater.
        limit: the most rows that may come back.
        exchange: random id of the exchange, so that the source's own log can be
            reconciled with the entries; letters, digits, ``-`` and ``_``.
    """

    table: Table
    columns: tuple[str, ...] = ()
    filters: tuple[tuple[str, Value], ...] = ()
    keys: tuple[Key, ...] = ()
    after: Key | None = None
    limit: int = 500
    exchange: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveColumn:
    """A column as the source has it now: its name and declared type."""

    name: str
    type: str


def check(query: Query, *, max_rows: int) -> None:
    """Refuse what could not be bound or is not bounded.

    Raises:
        InvalidQuery: naming what is wrong, never a value.
    """
    if not 1 <= query.limit <= max_rows:
        raise InvalidQuery(f"limit is not within 1 to {max_rows}")
    if len(query.keys) > query.limit:
        raise InvalidQuery("more keys than the limit")
    if not _TAG.fullmatch(query.exchange):
        raise InvalidQuery("exchange id has other characters than A-Z a-z 0-9 _ -")
    width = len(query.table.key)
    for key in query.keys:
        _check_key(key, width)
    if query.after is not None:
        _check_key(query.after, width)
    for _, value in query.filters:
        _check_value(value)


def _check_key(key: Key, width: int) -> None:
    """Refuse a key that does not have one value for each key column."""
    parts = key if isinstance(key, tuple) else (key,)
    if len(parts) != width or isinstance(key, tuple) != (width > 1):
        raise InvalidQuery(f"a key of this table has {width} value(s)")
    for part in parts:
        _check_value(part)


def _check_value(value: Value) -> None:
    """Refuse what no driver can bind without changing it."""
    if type(value) is str:
        # isascii() reads a flag; only other text can hold a lone surrogate.
        if not value.isascii() and _has_surrogate(value):
            raise InvalidQuery("a text value is not valid Unicode")
    elif type(value) is not int or not -_INT64 <= value < _INT64:
        raise InvalidQuery("a value is neither text nor an integer of 64 bits")


def _has_surrogate(text: str) -> bool:
    """Tell whether a text cannot be written as UTF-8."""
    return any("\ud800" <= character <= "\udfff" for character in text)
