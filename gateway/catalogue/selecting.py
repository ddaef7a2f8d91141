"""From the selectors of a request to bound filters; wrong ones named, never echoed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from connectors import Value
from gateway.catalogue.dataset import Dataset, Selector
from gateway.catalogue.values import DateFormat, ValueType
from gateway.errors import Mistake
from gateway.yamlfile import nearest

__all__ = ["Selection", "select_by"]

_INT64 = 1 << 63
_DIGITS = re.compile(r"-?[1-9][0-9]{0,18}|0", re.ASCII)
_FORMATS = {DateFormat.COMPACT: "%Y%m%d", DateFormat.US: "%m/%d/%Y"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What a requester says about one subject, ready for a query.

    Attributes:
        filters: pairs of logical column and value, in the catalogue's order.
        categories: the categories that matching would disclose; each needs a permit
            with ``use: match``.
        mistakes: what is wrong with it; where there is any, nothing may be asked.
    """

    filters: tuple[tuple[str, Value], ...]
    categories: frozenset[str]
    mistakes: tuple[Mistake, ...]


def select_by(
    dataset: Dataset, given: Mapping[str, object], *, pointer: str = ""
) -> Selection:
    """Check and bind the selectors of one subject.

    ``pointer`` is the JSON pointer of ``given`` in the request. Names are echoed only
    where they are the catalogue's own.
    """
    mistakes = []
    if unknown := [name for name in given if name not in dataset.selectors]:
        advice = nearest(unknown[0], dataset.selectors)
        known = ", ".join(dataset.selectors)
        mistakes.append(
            Mistake(
                path=pointer,
                problem=f"{len(unknown)} unknown selector(s)",
                advice=advice or f"this dataset has {known}",
            )
        )
    if not any(least <= set(given) for least in dataset.minimum):
        sets = " or ".join(" with ".join(sorted(least)) for least in dataset.minimum)
        mistakes.append(
            Mistake(path=pointer, problem="not enough", advice=f"give {sets}")
        )
    filters: list[tuple[str, Value]] = []
    categories = []
    for name, selector in dataset.selectors.items():
        if name not in given:
            continue
        value, problem = _bind(selector, given[name])
        if value is None:
            mistakes.append(Mistake(path=f"{pointer}/{name}", problem=problem))
        else:
            filters.append((selector.logical, value))
            categories.append(selector.category)
    return Selection(
        filters=tuple(filters),
        categories=frozenset(categories),
        mistakes=tuple(mistakes),
    )


def _bind(selector: Selector, value: object) -> tuple[Value | None, str]:
    """Return the value to bind, or what is wrong with it."""
    match selector.type:
        case ValueType.INTEGER:
            return _bind_integer(value)
        case ValueType.DATE:
            return _bind_day(selector, value)
        case _:
            return _bind_text(selector, value)


def _bind_integer(value: object) -> tuple[Value | None, str]:
    """Bind an integer, or text that writes one plainly (no sign +, no zeros first)."""
    number = value
    if type(value) is str and _DIGITS.fullmatch(value):
        number = int(value)
    if type(number) is int and -_INT64 <= number < _INT64:
        return number, ""
    return None, "is not an integer of 64 bits"


def _bind_text(selector: Selector, value: object) -> tuple[Value | None, str]:
    """Bind text as it is, or in the case the column is written in."""
    if type(value) is not str or not value.strip():
        return None, "is not text"
    if len(value) > selector.max_length:
        return None, f"is longer than {selector.max_length} characters"
    if not value.isprintable():
        return None, "holds characters that cannot be printed"
    match selector.case:
        case "upper":
            return value.upper(), ""
        case "lower":
            return value.lower(), ""
        case _:
            return value, ""


def _bind_day(selector: Selector, value: object) -> tuple[Value | None, str]:
    """Bind a day as the column writes it."""
    try:
        day = dt.date.fromisoformat(value if type(value) is str else "")
    except ValueError:
        return None, "is not a day written YYYY-MM-DD"
    if day.isoformat() != value:
        return None, "is not a day written YYYY-MM-DD"
    if selector.format is DateFormat.ISO:
        return value, ""
    return day.strftime(_FORMATS[selector.format]), ""
