"""What each transform does to one value: pure, total, odd input withheld.

A *step* takes the raw value of a column and returns what is released for it, or
:data:`WITHHELD`. Null stays null, except where the transform says otherwise. No step
raises, and none returns its input where it should have changed it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, assert_never

from gateway.catalogue import FieldSpec, TransformKind
from gateway.catalogue.values import ODD, Reader, day_number, reader

__all__ = ["WITHHELD", "Setting", "step_for"]

WITHHELD = ODD
"""Nothing is released for this value: it is not what the catalogue says it is."""

_HIDDEN = "****"
"""What stands for hidden characters; always four, so that length tells nothing."""

_OLDEST = 90
"""From this age on there is one band (45 CFR 164.514(b)(2)(i)(C))."""

_LEAST_KEY = 32

_ZIP = re.compile(r"(\d{3})\d{2}(?:-?\d{4})?", re.ASCII)
_ZIP_DIGITS = 5

_SMALL_ZIP3 = frozenset(
    {
        *("036", "059", "063", "102", "203", "556", "692", "790", "821"),
        *("823", "830", "831", "878", "879", "884", "890", "893"),
    }
)
"""Prefixes with 20,000 people or fewer, which become ``000``
(45 CFR 164.514(b)(2)(i)(B); HHS guidance of 2012, by the 2000 census)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """What transforms depend on besides the value.

    Attributes:
        day: the question's day as the integer YYYYMMDD, for ages.
        pseudonym_key: secret of the gateway, 32 bytes or more; the same key gives the
            same pseudonyms.

    Raises:
        ValueError: for a shorter key.
    """

    day: int
    pseudonym_key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a key that could be guessed."""
        if len(self.pseudonym_key) < _LEAST_KEY:
            raise ValueError(f"a pseudonym key has at least {_LEAST_KEY} bytes")


def step_for(spec: FieldSpec, setting: Setting) -> Reader:
    """Return the step of a field whose value is released."""
    read = reader(spec.type, date_format=spec.format, zone=spec.zone)
    if spec.transform.kind is TransformKind.SHARE:
        return read
    change = _change_for(spec, setting)

    def step(raw: Any) -> Any:  # noqa: ANN401 - a step takes whatever a driver returns
        """Read one value, and change what is neither null nor odd."""
        value = read(raw)
        return value if value is None or value is WITHHELD else change(value)

    return step


def _change_for(spec: FieldSpec, setting: Setting) -> Reader:
    """Return what a transform does to a value of the field's type."""
    transform = spec.transform
    change: Reader
    match transform.kind:
        case (
            TransformKind.SHARE
            | TransformKind.WITHHOLD
            | TransformKind.NULL
            | TransformKind.PUBLIC_POINTER
        ):
            # Shared as read, or never read at all: a plan that says else is wrong.
            change = _withhold
        case TransformKind.MASK:
            change = partial(_mask, keep=transform.keep_last)
        case TransformKind.YEAR_ONLY:
            change = _year
        case TransformKind.AGE_BAND:
            change = partial(_age_band, day=setting.day, width=transform.width)
        case TransformKind.ZIP3:
            change = _zip3
        case TransformKind.COUNTY:
            change = partial(_county, counties=dict(transform.map))
        case TransformKind.PSEUDONYM:
            key = setting.pseudonym_key
            change = partial(_pseudonym, category=spec.category or "", key=key)
        case _ as never:
            assert_never(never)
    return change


def _withhold(_: Any) -> Any:  # noqa: ANN401 - any value may come
    """Release nothing."""
    return WITHHELD


def _mask(value: Any, keep: int) -> str:  # noqa: ANN401 - text or an integer
    """Hide all but the last characters; all of them where few would be hidden."""
    text = str(value)
    return _HIDDEN + text[-keep:] if len(text) >= 2 * keep else _HIDDEN


def _year(iso: str) -> str:
    """Keep the year of a day."""
    return iso[:4]


def _age_band(iso: str, day: int, width: int) -> Any:  # noqa: ANN401 - text or WITHHELD
    """Return the band an age is in; a birth in the future is no birth."""
    age = (day - day_number(iso)) // 10_000
    if age < 0:
        return WITHHELD
    if age >= _OLDEST:
        return f"{_OLDEST}+"
    low = age - age % width
    return f"{low}-{min(low + width, _OLDEST) - 1}"


def _county(text: str, counties: Mapping[str, str]) -> Any:  # noqa: ANN401 - as above
    """Return the county of a place; a place that is not mapped is withheld."""
    return counties.get(text.strip().casefold(), WITHHELD)


def _zip3(value: Any) -> Any:  # noqa: ANN401 - text or WITHHELD
    """Return the first three digits; a ZIP stored as a number lost its zeros."""
    text = value.strip() if isinstance(value, str) else str(value).zfill(_ZIP_DIGITS)
    match = _ZIP.fullmatch(text)
    if match is None:
        return WITHHELD
    return "000" if match[1] in _SMALL_ZIP3 else match[1]


def _pseudonym(value: Any, category: str, key: bytes) -> str:  # noqa: ANN401 - as above
    """Return a keyed pseudonym: equal for equal values of a category.

    HMAC-SHA256 (RFC 2104) over the category, a NUL and the value, 128 bits of it.
    """
    message = f"{category}\0{value}".encode("utf-8", "surrogatepass")
    return "p-" + hmac.new(key, message, hashlib.sha256).hexdigest()[:32]
