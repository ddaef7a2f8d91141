"""A rule as it is decided: every word looked up, every default written out; frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.policy.rules import Effect, Layer

__all__ = [
    "Case",
    "Comparison",
    "Condition",
    "DayTest",
    "Due",
    "Known",
    "PaperTest",
    "Reach",
    "Rule",
    "ValueTest",
    "facts_of",
]

FIRST, LAST = 0, 99_999_999
"""Days before and after every day a question can name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueTest:
    """A boolean or code fact is one of these values (written as strings)."""

    fact: str
    values: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A fact has a value. Where it has none, a case that closes holds all the same."""

    fact: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """An integer or day fact compared with a bound.

    ``lt`` and ``ge`` with ``years`` compare with the question's day less that many
    years: YYYYMMDD less years * 10000, as integers. So an anniversary that the year
    does not have, 29 February, falls between the days around it. A day after the
    question's has not come yet: compared with years it is as if unknown.
    """

    fact: str
    op: Literal["lt", "gt", "ge", "le", "eq", "ne"]
    bound: int
    years: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperTest:
    """Some paper fact of a set is in one of these states; or none is, if negated."""

    facts: frozenset[str]
    states: frozenset[str]
    negated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DayTest:
    """The question's day is in ``[start, end)``."""

    start: int
    end: int


Condition: TypeAlias = ValueTest | Known | Comparison | PaperTest | DayTest


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """An obligation with its parameters, sorted; hashable."""

    code: str
    parameters: tuple[tuple[str, str | bool | int | tuple[str, ...]], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """The words reached in each dimension, written out.

    ``categories`` are those of kinds with fields. A kind without fields is reached if
    the kind or its category is named, and the category is not barred.
    """

    custodians: frozenset[str]
    requesters: frozenset[str]
    purposes: frozenset[str]
    kinds: frozenset[str]
    datasets: frozenset[str]
    categories: frozenset[str]
    uses: frozenset[str]
    named_kinds: frozenset[str]
    named_categories: frozenset[str]
    barred_categories: frozenset[str]
    any_purpose: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One ordered case of a rule; the rule's own effect is the last, with id ``""``."""

    id: str
    title: str
    citation: str
    when: tuple[Condition, ...]
    effect: Effect
    discretion: bool
    exercised: bool
    on_unknown: Literal["prohibit", "review"]
    reviewer: str
    reason: str
    obligations: tuple[Due, ...]
    obligations_on: Mapping[str, tuple[Due, ...]]
    may_restrict: bool
    may_expand: bool
    reveals: tuple[str, ...]
    reveals_citation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule with every word looked up.

    ``rank`` orders rules that say the same in one layer: a state's before a federal
    one before the agency's own.
    """

    id: str
    public_id: str
    pack: str
    rank: int
    title: str
    citation: str
    layer: Layer
    start: int
    end: int
    reach: Reach
    when: tuple[Condition, ...]
    cases: tuple[Case, ...]
    lifted_by: tuple[PaperTest, ...]
    change: tuple[str, ...]
    reason: str
    resists_saving: bool
    file: str


def facts_of(condition: Condition) -> frozenset[str]:
    """Return the facts a condition looks at."""
    match condition:
        case PaperTest():
            return condition.facts
        case DayTest():
            return frozenset()
        case _:
            return frozenset({condition.fact})
