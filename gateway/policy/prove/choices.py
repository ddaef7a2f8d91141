"""The parts of a question as variables: a choice of words, a number, a day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import z3

from gateway.policy.prove.logic import Bool, both, either, no

__all__ = [
    "Choice",
    "Number",
    "a_day",
    "choice",
    "day_bits",
    "day_of",
    "number",
    "years_before",
]

Key: TypeAlias = tuple[int, ...]
"""What a word does in each law: a set of clauses, or of tests."""

YEAR_BITS, MONTH_BITS, DAY_BITS = 12, 4, 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One of some words. Those that do the same are one class, with one variable."""

    classes: tuple[tuple[Any, ...], ...]
    keys: tuple[Key, ...]
    literals: tuple[Bool, ...]

    def among(self, words: Collection[Any]) -> Bool:
        """Return when one of these words may be the one."""
        return either(
            literal
            for some, literal in zip(self.classes, self.literals, strict=True)
            if any(word in words for word in some)
        )

    def doing(self, place: int, bit: int) -> Bool:
        """Return when the word's set in one place of its key has a bit."""
        return either(
            literal
            for key, literal in zip(self.keys, self.literals, strict=True)
            if key[place] & bit
        )

    def another(self, name: str) -> tuple[Choice, Bool]:
        """Return another choice of the same words, and what makes it one."""
        literals = _literals(name, self.classes)
        return replace(self, literals=literals), _one_of(literals)

    def forgotten(self, unknown: object, gone: Bool) -> Choice:
        """Return the choice that is of the unknown where ``gone`` holds."""
        literals = tuple(
            either([literal, gone]) if unknown in some else both([literal, no(gone)])
            for some, literal in zip(self.classes, self.literals, strict=True)
        )
        return replace(self, literals=literals)


def choice(
    name: str, words: Iterable[Hashable], key: Callable[[Any], Key]
) -> tuple[Choice, Bool]:
    """Return the choice of one of these words, and what makes it one and no more."""
    classes: dict[Key, list[Any]] = {}
    for word in words:
        classes.setdefault(key(word), []).append(word)
    literals = _literals(name, classes.values())
    made = Choice(
        classes=tuple(map(tuple, classes.values())),
        keys=tuple(classes),
        literals=literals,
    )
    return made, _one_of(literals)


def _literals(name: str, classes: Iterable[Sequence[Any]]) -> tuple[Bool, ...]:
    return tuple(z3.Bool(f"{name}.{some[0]}") for some in classes)


def _one_of(literals: Sequence[Bool]) -> Bool:
    return z3.And(z3.Or(literals), z3.AtMost(*literals, 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """An integer or a day, or unknown."""

    unknown: Bool
    value: Any
    day: bool
    high: int = 0

    def another(self, name: str) -> tuple[Number, Bool]:
        """Return another such number, and what makes it one."""
        return number(name, self.high, day=self.day)

    def forgotten(self, gone: Bool) -> Number:
        """Return the number that is unknown where ``gone`` holds too."""
        return replace(self, unknown=either([self.unknown, gone]))

    def bits(self, bound: int) -> Any:  # noqa: ANN401 - the solver has no types
        """Return a bound as the value is written; at most what its bits hold."""
        if self.day:
            return day_bits(bound)
        size = self.value.size()
        return z3.BitVecVal(min(bound, (1 << size) - 1), size)


def number(name: str, high: int, *, day: bool) -> tuple[Number, Bool]:
    """Return a number from 0 to a bound, or a day; and what makes it one."""
    unknown = z3.Bool(f"{name}.unknown")
    if day:
        value, valid = a_day(name)
        return Number(unknown=unknown, value=value, day=True), valid
    value = z3.BitVec(name, high.bit_length() + 1)
    made = Number(unknown=unknown, value=value, day=False, high=high)
    return made, z3.ULE(value, high)


def a_day(name: str) -> tuple[Any, Bool]:
    """Return a day of the calendar, 1900 to 2199, and what makes it one.

    A day is year, month and day of the month as bits side by side: they stand in the
    order of YYYYMMDD, and years are counted back in the year alone.
    """
    year = z3.BitVec(f"{name}.y", YEAR_BITS)
    month = z3.BitVec(f"{name}.m", MONTH_BITS)
    day = z3.BitVec(f"{name}.d", DAY_BITS)
    short = z3.Or([month == m for m in (4, 6, 9, 11)])
    leap = z3.And(z3.Extract(1, 0, year) == 0, *(year != c for c in CENTURIES))
    valid = z3.And(
        z3.UGE(year, FIRST_YEAR),
        z3.ULE(year, LAST_YEAR),
        z3.UGE(month, 1),
        z3.ULE(month, 12),
        z3.UGE(day, 1),
        z3.Implies(short, z3.ULE(day, 30)),
        z3.Implies(month == 2, z3.Or(z3.ULE(day, 28), z3.And(day == 29, leap))),  # noqa: PLR2004 - February
    )
    return z3.Concat(year, month, day), valid


FIRST_YEAR, LAST_YEAR = 1900, 2199
END = 22_000_101
"""The day after the last."""
CENTURIES = (1900, 2100)
"""Years that could be leap years and are not."""
YEAR = 10_000


def day_bits(day: int) -> Any:  # noqa: ANN401 - the solver has no types
    """Return a day YYYYMMDD as a value of the solver; beyond the calendar, its end."""
    year, rest = divmod(min(day, END), YEAR)
    month, of_month = divmod(rest, 100)
    shifted = (year << MONTH_BITS | month) << DAY_BITS | of_month
    return z3.BitVecVal(shifted, YEAR_BITS + MONTH_BITS + DAY_BITS)


def years_before(day: Any, years: int) -> Any:  # noqa: ANN401 - the solver has no types
    """Return the same day so many years before, whether or not it is in a calendar."""
    shift = MONTH_BITS + DAY_BITS
    return day - z3.BitVecVal(years << shift, YEAR_BITS + shift)


def day_of(bits: int) -> int:
    """Return a day YYYYMMDD from its bits."""
    rest, of_month = divmod(bits, 1 << DAY_BITS)
    year, month = divmod(rest, 1 << MONTH_BITS)
    return year * YEAR + month * 100 + of_month
