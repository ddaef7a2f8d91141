"""What follows from conditions by their form alone: contradiction and implication.

Sound, not complete: what is said here is so. What takes more than one look at two
conditions is for proofs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from gateway.policy.conditions import BOOLEANS
from gateway.policy.law import (
    Comparison,
    Condition,
    DayTest,
    Known,
    PaperTest,
    ValueTest,
)
from gateway.policy.vocabulary import FIRST_DAY, LAST_DAY, Vocabulary

__all__ = ["always", "apart", "contradiction", "implied", "never_unknown"]


def apart(one: Condition, other: Condition) -> bool:
    """Tell whether two conditions can never both be true."""
    match one, other:
        case ValueTest(), ValueTest():
            return one.fact == other.fact and one.values.isdisjoint(other.values)
        case Comparison(), Comparison():
            return one.fact == other.fact and _compared_apart(one, other)
        case DayTest(), DayTest():
            return max(one.start, other.start) >= min(one.end, other.end)
        case PaperTest(), PaperTest():
            return _papers_apart(one, other)
        case _:
            return False


def implied(condition: Condition, given: Sequence[Condition]) -> bool:
    """Tell whether a condition is true wherever one of the given ones is."""
    return any(_follows(condition, from_) for from_ in given)


def always(
    condition: Condition, vocabulary: Vocabulary, *, start: int, end: int
) -> bool:
    """Tell whether a condition is true whenever its fact is known at all.

    Args:
        condition: the condition.
        vocabulary: says which values a fact may have.
        start: the first day on which it is asked.
        end: the first day on which it no longer is.
    """
    match condition:
        case ValueTest():
            domain = vocabulary.code_values.get(condition.fact, BOOLEANS)
            return condition.values >= domain
        case DayTest():
            return condition.start <= start and end <= condition.end
        case Comparison() if not condition.years:
            low, high = _bounds(condition, vocabulary)
            return (condition.op == "ge" and condition.bound <= low) or (
                condition.op == "le" and condition.bound >= high
            )
        case _:
            return False


def never_unknown(conditions: Sequence[Condition]) -> bool:
    """Tell whether it is always known if conditions hold: papers and days alone."""
    return all(isinstance(c, PaperTest | DayTest) for c in conditions)


def _bounds(test: Comparison, vocabulary: Vocabulary) -> tuple[int, int]:
    fact = vocabulary.facts[test.fact]
    return (FIRST_DAY, LAST_DAY) if fact.type == "day" else (0, fact.max or 0)


def _range(test: Comparison) -> tuple[int, int] | None:
    """Return the values that satisfy a comparison, both ends included; None for ne.

    Years count backwards from the question's day: the older, the smaller.
    """
    endless = 10**9
    bound = -test.bound if test.years else test.bound
    match test.op:
        case "lt":
            return (-endless, bound - 1)
        case "le":
            return (-endless, bound)
        case "gt":
            return (bound + 1, endless)
        case "ge":
            return (bound, endless)
        case "eq":
            return (bound, bound)
        case _:
            return None


def _compared_apart(one: Comparison, other: Comparison) -> bool:
    if one.years != other.years:
        return False
    a, b = _range(one), _range(other)
    if a is None or b is None:
        point, hole = (a or b), (one if a is None else other)
        return point == (hole.bound, hole.bound)
    return max(a[0], b[0]) > min(a[1], b[1])


def _papers_apart(one: PaperTest, other: PaperTest) -> bool:
    if one.negated and not other.negated:
        one, other = other, one
    if one.negated or not other.negated:
        single = one.facts == other.facts and len(one.facts) == 1
        both = not one.negated and not other.negated
        return both and single and one.states.isdisjoint(other.states)
    return one.facts <= other.facts and one.states <= other.states


def _follows(condition: Condition, given: Condition) -> bool:  # noqa: PLR0911  # one line a form
    match condition, given:
        case ValueTest(), ValueTest():
            return condition.fact == given.fact and given.values <= condition.values
        case Known(), ValueTest() | Comparison() | Known():
            return condition.fact == given.fact
        case Comparison(), Comparison():
            return condition.fact == given.fact and _within(given, condition)
        case DayTest(), DayTest():
            return condition.start <= given.start and given.end <= condition.end
        case PaperTest(), PaperTest() if condition.negated and given.negated:
            return condition.facts <= given.facts and condition.states <= given.states
        case PaperTest(), PaperTest() if not (condition.negated or given.negated):
            return given.facts <= condition.facts and given.states <= condition.states
        case _:
            return False


def _within(inner: Comparison, outer: Comparison) -> bool:
    if inner.years != outer.years:
        return False
    if inner == outer:
        return True
    a, b = _range(inner), _range(outer)
    if a is None:
        return False
    if b is None:
        return not a[0] <= outer.bound <= a[1]
    return b[0] <= a[0] and a[1] <= b[1]


def contradiction(
    conditions: Sequence[Condition],
) -> tuple[Condition, Condition] | None:
    """Return two of some conditions that can never both be true, or None."""
    return next(((a, b) for a, b in combinations(conditions, 2) if apart(a, b)), None)
