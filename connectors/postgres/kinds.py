"""What a column's type means here: how it is compared, what is read of it.

Everything travels as text. What is read of a value is what the same value would be in
a text file, so that transforms and facts need to know nothing of PostgreSQL; what has
no plain form (JSON, arrays, bytes, ranges, composites) is never fetched at all: only
whether there is something.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

from connectors.query import Value

__all__ = ["BUILT_IN", "FOLDED", "OPAQUE", "TEXT_OID", "WORDS", "Compare", "Kind"]

Raw: TypeAlias = "bytes"
Load: TypeAlias = "Callable[[Raw], Any]"
"""From the server's text to a value; never raises."""

Dump: TypeAlias = "Callable[[Value], bytes | None]"
"""From a value of a query to the server's text; ``None`` = it can equal nothing."""

TEXT_OID: Final = 25

_INT64 = 1 << 63
_DIGITS = re.compile(r"-?[1-9][0-9]{0,18}|0", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
_DAYS = (
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII), r"\1-\2-\3"),
    (re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII), r"\1-\2-\3"),
    (re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII), r"\3-\1-\2"),
)
"""The ways a catalogue may write a day, which mean one to a column of days."""

_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([+-]\d{2}(:\d{2})?)?",
    re.ASCII,
)

_TRUTHS = {"0": b"f", "1": b"t", "f": b"f", "t": b"t", "false": b"f", "true": b"t"}


class Compare:
    """How equality in every byte is asked for; constants, one a kind."""

    PLAIN: Final = "plain"
    """The type's own equality is exact: numbers, days, truth, identifiers."""
    BYTES: Final = "bytes"
    """Text: its own equality (which an index serves) and that of the bytes."""
    CAST: Final = "cast"
    """Text of a type that folds or pads: as above, the bytes taken from a cast."""
    TEXT: Final = "text"
    """Compared by its text only."""
    NONE: Final = "none"
    """Cannot be compared."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Kind:
    """A group of types that are treated alike.

    Attributes:
        compare: one of :class:`Compare`.
        oid: the type that bound values are declared as; 0 = the column's own.
        cast: whether its text is selected, shortened to the bound of one value.
        load: reads a value of the answer.
        load_key: reads a value of a key, which is text or an integer.
        dump: writes a bound value.
    """

    compare: str
    oid: int
    cast: bool
    load: Load
    load_key: Load
    dump: Dump


def _text(raw: Raw) -> Any:  # noqa: ANN401 - text, or bytes that are none
    """Decode UTF-8; what is not stays bytes, which no transform lets through."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _integer(raw: Raw) -> int:
    return int(raw)


def _boolean(raw: Raw) -> bool:
    return raw == b"t"


def _number(raw: Raw) -> Any:  # noqa: ANN401 - an integer, a float or text
    """Read a decimal as an integer or a float where that is exact, else as text."""
    whole, _, rest = raw.partition(b".")
    text = raw.decode()
    if not _DECIMAL.fullmatch(text):
        return text  # NaN, an infinity, or longer than any number here
    if not rest.strip(b"0"):
        number = int(whole)
        return number if -_INT64 <= number < _INT64 else text
    nearest = float(text)
    return nearest if Decimal(repr(nearest)) == Decimal(text) else text


def _number_key(raw: Raw) -> Any:  # noqa: ANN401 - an integer or text
    """Read a decimal of a key: an integer where it is one, else as text."""
    number = _number(raw)
    return number if number.__class__ is int else raw.decode()


def _day(raw: Raw) -> Any:  # noqa: ANN401 - a day or text
    """Read a day; infinity and years before Christ stay text."""
    text = raw.decode()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return text


def _something(raw: Raw) -> bytes | None:
    """Read whether there is something, as a value that no transform lets through."""
    return b"" if raw == b"t" else None


def _dump_text(value: Value) -> bytes | None:
    text = str(value)
    return None if "\0" in text else text.encode()


def _dump_padded(value: Value) -> bytes | None:
    """Blanks at the end are padding: a value that ends in one equals nothing."""
    text = str(value)
    return None if text.endswith(" ") else _dump_text(text)


def _dump_integer(value: Value) -> bytes | None:
    text = str(value)
    fits = _DIGITS.fullmatch(text) and -_INT64 <= int(text) < _INT64
    return text.encode() if fits else None


def _dump_number(value: Value) -> bytes | None:
    text = str(value)
    return text.encode() if _DECIMAL.fullmatch(text) else None


def _dump_boolean(value: Value) -> bytes | None:
    return _TRUTHS.get(str(value))


def _dump_day(value: Value) -> bytes | None:
    text = str(value)
    for pattern, iso in _DAYS:
        if match := pattern.fullmatch(text):
            return _real_day(match.expand(iso))
    return None


def _real_day(iso: str) -> bytes | None:
    try:
        return dt.date.fromisoformat(iso).isoformat().encode()
    except ValueError:
        return None


def _dump_instant(value: Value) -> bytes | None:
    text = str(value)
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return text.encode() if _INSTANT.fullmatch(text) else None


def _dump_uuid(value: Value) -> bytes | None:
    """Only the form that PostgreSQL writes; another is other bytes."""
    text = str(value)
    try:
        return text.encode() if str(uuid.UUID(text)) == text else None
    except ValueError:
        return None


def _nothing(_: Value) -> None:
    return None


def _kind(
    compare: str,
    oid: int,
    load: Load = _text,
    dump: Dump = _dump_text,
    *,
    cast: bool = False,
    load_key: Load | None = None,
) -> Kind:
    return Kind(
        compare=compare,
        oid=oid,
        cast=cast,
        load=load,
        load_key=load_key or load,
        dump=dump,
    )


_TEXT = _kind(Compare.BYTES, TEXT_OID, cast=True)
_PADDED = _kind(Compare.CAST, 1042, dump=_dump_padded, cast=True)
_FLOAT = _kind(Compare.NONE, 701, float, _nothing)
_INTEGER = _kind(Compare.PLAIN, 20, _integer, _dump_integer)
_NUMBER = _kind(Compare.PLAIN, 1700, _number, _dump_number, load_key=_number_key)
_BOOLEAN = _kind(Compare.PLAIN, 16, _boolean, _dump_boolean, load_key=_text)
_DAY = _kind(Compare.PLAIN, 1082, _day, _dump_day, load_key=_text)
_UUID = _kind(Compare.PLAIN, 2950, dump=_dump_uuid)
FOLDED: Final = _kind(Compare.CAST, 0, cast=True)
"""An extension's text, such as ``citext``: equal to it is not equal to us."""
WORDS: Final = _kind(Compare.TEXT, TEXT_OID, cast=True)
"""Enumerations, times of day, addresses of networks: their text is what they are."""
OPAQUE: Final = _kind(Compare.NONE, 0, _something, _nothing)
"""Everything else: never fetched."""

BUILT_IN: Final[dict[int, Kind]] = {
    16: _BOOLEAN,
    **dict.fromkeys((20, 21, 23), _INTEGER),
    **dict.fromkeys((19, TEXT_OID, 1043), _TEXT),
    1042: _PADDED,
    **dict.fromkeys((700, 701), _FLOAT),
    1700: _NUMBER,
    1082: _DAY,
    1114: _kind(Compare.PLAIN, 1114, dump=_dump_instant),
    1184: _kind(Compare.PLAIN, 1184, dump=_dump_instant),
    2950: _UUID,
    **dict.fromkeys((650, 829, 869, 1083, 1186, 1266), WORDS),
}
"""Kinds by the object identifier of a built-in type (``pg_type.dat``): these are part
of the wire protocol and do not change."""
