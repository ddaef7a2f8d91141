"""What never decides: conditions that cannot hold, exceptions and rules behind others.

By the form of the rules alone, so it costs nothing; proofs find the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.errors import Mistake
from gateway.policy.law import Case, Condition, DayTest, Reach, Rule, ValueTest
from gateway.policy.lint.logic import (
    always,
    contradiction,
    implied,
    never_unknown,
)
from gateway.policy.reached import reached
from gateway.policy.sentence.conditions import condition_text
from gateway.policy.vocabulary import Vocabulary

__all__ = ["hidden"]

PURPOSE = "purpose"
OPEN = frozenset({"prohibit", "review"})
"""Effects of cases that hold also where a fact is unknown."""


def hidden(rules: Sequence[Rule], vocabulary: Vocabulary) -> Iterator[Mistake]:
    """Yield a mistake for each condition, exception or rule that never counts."""
    for rule in rules:
        yield from _conditions(rule, vocabulary)
        yield from _cases(rule)
        if next(reached(rule.reach, vocabulary), None) is None:
            # As a reach without words is told: no kind is asked for its categories.
            path, problem = f"{rule.file}.reach", "reaches nothing"
            yield Mistake(path=path, problem=problem, code="unreachable")
    for rule in rules:
        yield from _shadowed(rule, rules)


def _at(rule: Rule, case: Case) -> str:
    return f"{rule.file}.unless.{case.id}" if case.id else rule.file


def _conditions(rule: Rule, vocabulary: Vocabulary) -> Iterator[Mistake]:
    within: list[Condition] = [DayTest(start=rule.start, end=rule.end)]
    if not rule.reach.any_purpose:
        within.append(ValueTest(fact=PURPOSE, values=rule.reach.purposes))
    none: tuple[Condition, ...] = ()
    places = [(rule.file, rule.when, none)]
    places += [(_at(rule, case), case.when, rule.when) for case in rule.cases]
    for path, own, above in places:
        found = None if not own else contradiction((*own, *above, *within))
        if found is not None:
            said = " and ".join(condition_text(c, vocabulary) for c in found)
            problem = f"{said}: both can never be so"
            yield Mistake(path=f"{path}.when", problem=problem, code="never_holds")
        yield from _single(path, own, rule, vocabulary)


def _single(
    path: str, conditions: Sequence[Condition], rule: Rule, vocabulary: Vocabulary
) -> Iterator[Mistake]:
    for i, condition in enumerate(conditions):
        said = condition_text(condition, vocabulary)
        if isinstance(condition, ValueTest) and not condition.values:
            problem = f"no value is left: {condition.fact} can be nothing else"
            yield Mistake(path=f"{path}.when.{i}", problem=problem, code="never_holds")
        elif always(condition, vocabulary, start=rule.start, end=rule.end):
            problem = f"{said}: it always is"
            yield Mistake(path=f"{path}.when.{i}", problem=problem, code="always_holds")


def _cases(rule: Rule) -> Iterator[Mistake]:
    for place, case in enumerate(rule.cases):
        before = next((c for c in rule.cases[:place] if _hides(rule, c, case)), None)
        if before is not None:
            what = f"exception {case.id}" if case.id else "the rule's own effect"
            problem = f"{what} never decides: wherever it holds, {before.id} does"
            yield Mistake(path=_at(rule, case), problem=problem, code="unreachable")


def _hides(rule: Rule, first: Case, later: Case) -> bool:
    """Tell whether the walk always ends at the first where the later one holds."""
    given = (*rule.when, *later.when)
    if not all(implied(condition, given) for condition in first.when):
        return False
    if later.effect not in OPEN:
        return True
    certain = rule.reach.any_purpose and never_unknown(given)
    # A prohibition ends the walk also where it is not known to hold.
    ends = first.effect == "prohibit" and first.on_unknown == "prohibit"
    return certain or ends


def _shadowed(rule: Rule, rules: Sequence[Rule]) -> Iterator[Mistake]:
    if any(case.effect in {"prohibit", "require"} for case in rule.cases):
        return
    for other in rules:
        if _overrules(other, rule):
            problem = f"{other.id} prohibits all that it reaches"
            yield Mistake(
                path=rule.file,
                problem=f"never decides: {problem}",
                code="shadowed",
                citation=other.citation,
            )
            return


def _overrules(strong: Rule, weak: Rule) -> bool:
    """Tell whether a rule prohibits, whatever is known, all that another reaches."""
    return (
        strong.layer == weak.layer
        and strong.id != weak.id
        and not strong.when
        and not strong.lifted_by
        and all(case.effect == "prohibit" for case in strong.cases)
        and strong.start <= weak.start
        and weak.end <= strong.end
        and _covers(strong.reach, weak.reach)
    )


def _covers(wide: Reach, narrow: Reach) -> bool:
    """Tell whether a reach takes in all of another."""
    if wide.named_categories and not narrow.named_categories:
        return False
    if narrow.any_purpose and not wide.any_purpose:
        return False
    dimensions = (
        (wide.custodians, narrow.custodians),
        (wide.requesters, narrow.requesters),
        (wide.purposes, narrow.purposes),
        (wide.kinds, narrow.kinds),
        (wide.datasets, narrow.datasets),
        (wide.uses, narrow.uses),
        (wide.categories, narrow.categories),
        (wide.named_kinds, narrow.named_kinds),
        (narrow.barred_categories, wide.barred_categories),
    )
    named = wide.named_categories or wide.categories
    return named >= narrow.named_categories and all(
        more >= less for more, less in dimensions
    )
