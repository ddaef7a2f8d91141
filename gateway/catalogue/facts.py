"""From a record's fact columns to the facts rules look at; what is odd is unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias, assert_never

from connectors import Row
from gateway.catalogue.dataset import Dataset, Fact
from gateway.catalogue.expressions import Op
from gateway.catalogue.values import ODD, ValueType, day_number, reader

__all__ = ["UNKNOWN", "FactReader", "FactValue", "FactVector", "fact_reader"]

UNKNOWN = "unknown"
"""Looked for, and absent or not computable: it opens nothing."""

_EARLIEST, _LATEST = 1900_01_01, 2199_12_31
"""Days a question can hold; 0001-01-01 and 9999-12-31 in a column mean no day."""

FactValue: TypeAlias = "bool | int | str"

_Evaluate: TypeAlias = "Callable[[Any, int], FactValue]"
"""Raw value and the question's day in; the fact out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FactVector:
    """All facts of one record; records that look alike to the rules have equal ones.

    ``record`` holds pairs of fact and value; ``categories`` triples of category, fact
    and value. Both are sorted.
    """

    record: tuple[tuple[str, FactValue], ...]
    categories: tuple[tuple[str, str, FactValue], ...]

    def record_facts(self) -> dict[str, FactValue]:
        """Return the facts of the record."""
        return dict(self.record)

    def category_facts(self) -> dict[str, dict[str, FactValue]]:
        """Return the facts of each category."""
        facts: dict[str, dict[str, FactValue]] = {}
        for category, name, value in self.categories:
            facts.setdefault(category, {})[name] = value
        return facts


class FactReader:
    """Reads a chosen set of facts of one dataset.

    ``columns`` are the logical columns to select, in order. A fact the dataset does
    not have is simply not stated.
    """

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.columns = tuple(dict.fromkeys(fact.logical for fact in facts))
        places = {logical: index for index, logical in enumerate(self.columns)}
        self._record = sorted(
            (fact.name, places[fact.logical], _evaluator(fact))
            for fact in facts
            if fact.category is None
        )
        self._categories = sorted(
            (fact.category, fact.name, places[fact.logical], _evaluator(fact))
            for fact in facts
            if fact.category is not None
        )

    def vector(self, values: Sequence[Any], *, day: int) -> FactVector:
        """Return the facts of one record, given the values of ``columns``.

        ``day`` is the question's day as the integer YYYYMMDD.
        """
        return FactVector(
            record=tuple(
                (name, evaluate(values[place], day))
                for name, place, evaluate in self._record
            ),
            categories=tuple(
                (category, name, evaluate(values[place], day))
                for category, name, place, evaluate in self._categories
            ),
        )

    def vectors(
        self, rows: Sequence[Row], *, day: int
    ) -> tuple[list[FactVector], list[int]]:
        """Return the distinct facts of rows (key first), and each row's place in them.

        The work is done once for each distinct combination of raw values.
        """
        by_raw: dict[Any, int] = {}
        by_vector: dict[FactVector, int] = {}
        places = []
        for row in rows:
            # 1, 1.0 and True are equal keys of a dict, but not equal facts.
            raw = (row[1:], tuple(map(type, row)))
            place = by_raw.get(raw)
            if place is None:
                vector = self.vector(row[1:], day=day)
                place = by_raw[raw] = by_vector.setdefault(vector, len(by_vector))
            places.append(place)
        return list(by_vector), places


@lru_cache(maxsize=1024)
def _cached(dataset: Dataset, names: frozenset[str]) -> FactReader:
    """Return the reader of some facts, made once."""
    return FactReader(
        [
            fact
            for fact in dataset.facts
            if fact.name in names or f"{fact.category}.{fact.name}" in names
        ]
    )


def fact_reader(dataset: Dataset, names: Collection[str]) -> FactReader:
    """Return the reader of the named facts of a dataset.

    A fact of categories is named by itself (all categories) or as ``category.fact``.
    """
    return _cached(dataset, frozenset(names))


def _evaluator(fact: Fact) -> _Evaluate:
    """Return the function from a column's raw value to a fact."""
    expression = fact.expression
    if expression is None:
        return _plain(fact)
    wanted = expression.values
    match expression.op:
        case Op.NOT_NULL:
            return lambda raw, _: raw is not None
        case Op.IS_NULL:
            return lambda raw, _: raw is None
        case Op.EQUALS | Op.IN:
            return lambda raw, _: UNKNOWN if raw is None else _is_one_of(raw, wanted)
        case Op.AT_LEAST:
            least = int(wanted[0])
            return lambda raw, _: raw >= least if raw.__class__ is int else UNKNOWN
        case Op.YEARS_SINCE | Op.DAYS_UNTIL:
            counted = _years_since if expression.op is Op.YEARS_SINCE else _days_until
            return counted(fact)
        case _ as never:
            assert_never(never)


def _plain(fact: Fact) -> _Evaluate:
    """Return the evaluator of a fact that is its column's value."""
    match fact.type:
        case "boolean":
            read = reader(ValueType.BOOLEAN)
            return lambda raw, _: _or_unknown(read(raw))
        case "day":
            read_day = reader(ValueType.DATE, date_format=fact.format, zone=fact.zone)
            return lambda raw, _: _day(read_day(raw))
        case "integer":
            most = fact.maximum
            return lambda raw, _: (
                raw if raw.__class__ is int and 0 <= raw <= most else UNKNOWN
            )
        case _:
            return _code(fact)


def _code(fact: Fact) -> _Evaluate:
    """Return the evaluator of a code: only what the vocabulary allows."""
    meaning = dict(fact.values) or {code: code for code in fact.codes}
    read = reader(ValueType.TEXT)

    def evaluate(raw: Any, _: int) -> FactValue:  # noqa: ANN401 - from a driver
        """Return the code."""
        text = read(raw)
        return meaning.get(text, UNKNOWN) if text.__class__ is str else UNKNOWN

    return evaluate


def _years_since(fact: Fact) -> _Evaluate:
    """Return the evaluator of full years between a day and the question's day."""
    read = reader(ValueType.DATE, date_format=fact.format, zone=fact.zone)

    def evaluate(raw: Any, day: int) -> FactValue:  # noqa: ANN401 - from a driver
        """Count birthdays: YYYYMMDD numbers differ by 10,000 a full year."""
        since = _day(read(raw))
        if since.__class__ is not int:
            return UNKNOWN
        years = (day - int(since)) // 10_000
        return years if 0 <= years <= fact.maximum else UNKNOWN

    return evaluate


def _days_until(fact: Fact) -> _Evaluate:
    """Return the evaluator of days from the question's day to another.

    A day that is past says nothing: a release that was due yesterday is no plan.
    """
    read = reader(ValueType.DATE, date_format=fact.format, zone=fact.zone)

    def evaluate(raw: Any, day: int) -> FactValue:  # noqa: ANN401 - from a driver
        """Count calendar days; the day itself is 0."""
        then = _day(read(raw))
        if then.__class__ is not int:
            return UNKNOWN
        days = (_date(int(then)) - _date(day)).days
        return days if 0 <= days <= fact.maximum else UNKNOWN

    return evaluate


def _date(day: int) -> dt.date:
    return dt.date(day // 10_000, day // 100 % 100, day % 100)


def _or_unknown(value: Any) -> FactValue:  # noqa: ANN401 - from a reader
    """Return a read value, or unknown for null and odd."""
    return UNKNOWN if value is None or value is ODD else value


def _day(value: Any) -> FactValue:  # noqa: ANN401 - from a reader
    """Return a day as an integer, or unknown for null, odd and far-off days."""
    number = day_number(value) if value.__class__ is str else 0
    return number if _EARLIEST <= number <= _LATEST else UNKNOWN


def _is_one_of(raw: Any, wanted: Collection[str | int | bool]) -> bool:  # noqa: ANN401 - from a driver
    """Compare by type and value; digits in the file match an integer in the column."""
    return any(
        (raw == value and raw.__class__ is value.__class__)
        or (raw.__class__ is int and value.__class__ is str and str(raw) == value)
        for value in wanted
    )
