"""What follows from conditions by their form: each answer in both directions."""

from __future__ import annotations

from typing import Literal

import pytest

from gateway.policy.law import (
    Comparison,
    Condition,
    DayTest,
    Known,
    PaperTest,
    ValueTest,
)
from gateway.policy.lint.logic import (
    always,
    apart,
    contradiction,
    implied,
    never_unknown,
)
from tests.gateway.policy.small import vocabulary

Op = Literal["lt", "gt", "ge", "le", "eq", "ne"]


def value(*values: str, fact: str = "convicted") -> ValueTest:
    """Return a test of values."""
    return ValueTest(fact=fact, values=frozenset(values))


def level(
    op: Op, bound: int, *, years: bool = False, fact: str = "level"
) -> Comparison:
    """Return a comparison."""
    return Comparison(fact=fact, op=op, bound=bound, years=years)


def paper(facts: str, states: str, *, negated: bool = False) -> PaperTest:
    """Return a test of papers; letters stand for facts and states."""
    return PaperTest(facts=frozenset(facts), states=frozenset(states), negated=negated)


def days(start: int, end: int) -> DayTest:
    """Return a test of the day."""
    return DayTest(start=start, end=end)


APART = [
    (value("true"), value("false")),
    (level("ge", 3), level("lt", 3)),
    (level("gt", 2), level("le", 2)),
    (level("eq", 1), level("ne", 1)),
    (level("ne", 1), level("eq", 1)),
    (level("eq", 1), level("eq", 2)),
    (level("lt", 5, years=True), level("ge", 5, years=True)),
    (days(1, 5), days(5, 9)),
    (paper("a", "x"), paper("ab", "xy", negated=True)),
    (paper("ab", "xy", negated=True), paper("a", "x")),
    (paper("a", "x"), paper("a", "y")),
]
TOGETHER = [
    (value("true"), value("true", "false")),
    (value("true"), value("false", fact="sealed")),
    (level("ge", 3), level("le", 3)),
    (level("ne", 1), level("ne", 2)),
    (level("lt", 2, years=True), level("ge", 5, years=True)),
    (level("lt", 1), level("ge", 5, years=True)),
    (level("eq", 1), level("ne", 1, fact="other")),
    (days(1, 6), days(5, 9)),
    (paper("a", "x"), paper("b", "xy", negated=True)),
    (paper("ab", "x"), paper("ab", "y")),
    (paper("a", "x", negated=True), paper("a", "x", negated=True)),
    (paper("a", "x", negated=True), paper("a", "y", negated=True)),
    (Known(fact="convicted"), value("true")),
    (value("true"), days(1, 2)),
]


@pytest.mark.parametrize("pair", APART)
def test_apart(pair: tuple[Condition, Condition]) -> None:
    """These are never both true, in either order."""
    assert apart(*pair)
    assert apart(*reversed(pair))
    assert contradiction((Known(fact="x"), *pair)) == pair


@pytest.mark.parametrize("pair", TOGETHER)
def test_together(pair: tuple[Condition, Condition]) -> None:
    """These may both be true."""
    assert not apart(*pair)
    assert contradiction(pair) is None


IMPLIED = [
    (value("a", "b"), value("a")),
    (Known(fact="convicted"), value("true")),
    (Known(fact="level"), level("ge", 2)),
    (Known(fact="level"), Known(fact="level")),
    (level("ge", 2), level("ge", 3)),
    (level("ge", 2), level("eq", 2)),
    (level("ne", 2), level("eq", 3)),
    (level("ne", 2), level("lt", 2)),
    (level("ne", 2), level("ne", 2)),
    (level("lt", 2, years=True), level("lt", 5, years=True)),
    (level("ge", 5, years=True), level("ge", 2, years=True)),
    (days(1, 9), days(2, 8)),
    (paper("ab", "xy"), paper("a", "x")),
    (paper("a", "x", negated=True), paper("ab", "xy", negated=True)),
]
FREE = [
    (value("a"), value("a", "b")),
    (value("true"), value("true", fact="sealed")),
    (Known(fact="level"), days(1, 2)),
    (Known(fact="level"), Known(fact="other")),
    (level("ge", 3), level("ge", 2)),
    (level("ge", 3), level("ne", 2)),
    (level("ne", 2), level("ge", 2)),
    (level("ge", 2), level("ge", 3, fact="other")),
    (level("lt", 5), level("lt", 5, years=True)),
    (level("lt", 5, years=True), level("lt", 2, years=True)),
    (days(2, 8), days(1, 9)),
    (paper("a", "x"), paper("ab", "x")),
    (paper("ab", "x", negated=True), paper("a", "x", negated=True)),
    (paper("a", "x"), paper("a", "x", negated=True)),
    (paper("a", "x", negated=True), paper("a", "x")),
]


@pytest.mark.parametrize("pair", IMPLIED)
def test_implied(pair: tuple[Condition, Condition]) -> None:
    """The first is true wherever the second is."""
    condition, given = pair
    assert implied(condition, [days(7, 8), given])


@pytest.mark.parametrize("pair", FREE)
def test_not_implied(pair: tuple[Condition, Condition]) -> None:
    """The second may be true without the first."""
    condition, given = pair
    assert not implied(condition, [given])


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (value("true", "false"), True),
        (value("true"), False),
        (value("none", "in_force", fact="agreement"), True),
        (days(20200101, 20300101), True),
        (days(20210101, 20300101), False),
        (days(20200101, 20290101), False),
        (level("ge", 0), True),
        (level("ge", 1), False),
        (level("le", 3), True),
        (level("le", 2), False),
        (level("lt", 4), False),
        (level("ge", 19000101, fact="validated_on"), True),
        (level("le", 21991231, fact="validated_on"), True),
        (level("ge", 5, years=True, fact="validated_on"), False),
        (Known(fact="convicted"), False),
        (paper("a", "x"), False),
    ],
)
def test_always(condition: Condition, *, expected: bool) -> None:
    """A test of every value a fact can have tests nothing."""
    found = always(condition, vocabulary(), start=20200101, end=20300101)
    assert found is expected


def test_never_unknown() -> None:
    """Papers are given or not, and the day is known; a fact may be unknown."""
    assert never_unknown([paper("a", "x"), days(1, 2)])
    assert not never_unknown([days(1, 2), value("true")])
