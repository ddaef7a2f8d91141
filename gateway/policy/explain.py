"""Rules in sentences, for people who answer for them."""

from __future__ import annotations

from collections.abc import Collection

from gateway.policy.law import (
    FIRST,
    LAST,
    Case,
    Comparison,
    Condition,
    Known,
    PaperTest,
    Rule,
    ValueTest,
)
from gateway.policy.vocabulary import Vocabulary

__all__ = ["explained"]

SAYS = {
    "prohibit": "it is prohibited",
    "review": "a person must look",
    "require": "it is required",
    "permit": "it is permitted",
}
COMPARES = {
    "lt": "is before",
    "gt": "is after",
    "ge": "is at least",
    "le": "is at most",
}
FEW = 8
"""Longer lists are counted rather than written out."""


def explained(rule: Rule, vocabulary: Vocabulary) -> list[str]:
    """Return what a rule says, one sentence a line."""
    lines = [
        f"{rule.id}: {rule.title} ({rule.citation}).",
        f"It stands in the layer {rule.layer} of pack {rule.pack}{_dates(rule)}.",
        *_reach(rule, vocabulary),
    ]
    if rule.when:
        lines.append(f"It speaks only if {_all(rule.when)}.")
    lines += [_case(case) for case in rule.cases]
    if rule.lifted_by:
        papers = " or ".join(_condition(test) for test in rule.lifted_by)
        lines.append(f"It is lifted if {papers}.")
    if rule.change:
        lines.append(f"What would change it: {', '.join(rule.change)}.")
    return lines


def _dates(rule: Rule) -> str:
    start = f" from {_day(rule.start)}" if rule.start != FIRST else ""
    end = f" until {_day(rule.end)}" if rule.end != LAST else ""
    return f", in force{start}{end}" if start or end else ""


def _reach(rule: Rule, vocabulary: Vocabulary) -> list[str]:
    reach = rule.reach
    dimensions: list[tuple[str, Collection[str], Collection[str]]] = [
        ("Custodians", reach.custodians, vocabulary.custodian_types),
        ("Requesters", reach.requesters, vocabulary.requester_classes),
        ("Purposes", reach.purposes, vocabulary.purposes),
        ("Kinds", reach.kinds, vocabulary.kinds),
        ("Datasets", reach.datasets, vocabulary.datasets),
        ("Categories", reach.categories, vocabulary.plain_categories),
    ]
    lines = [
        f"{title}: {_some(chosen, every)}."
        for title, chosen, every in dimensions
        if set(chosen) != set(every)
    ]
    if "match" in reach.uses:
        lines.append(f"Use: {', '.join(sorted(reach.uses))}.")
    return lines


def _some(chosen: Collection[str], every: Collection[str]) -> str:
    words = sorted(chosen)
    missing = sorted(set(every) - set(chosen))
    if len(missing) < len(words) and len(words) > FEW:
        return "any but " + ", ".join(missing)
    return ", ".join(words) or "none"


def _case(case: Case) -> str:
    discretion = ", at the agency's discretion" if case.discretion else ""
    used = ", which local policy has used" if case.exercised else ""
    what = f"{SAYS[case.effect]}{discretion}{used} ({case.reason})"
    dues = ", ".join(due.code for due in case.obligations)
    due = f"; due: {dues}" if dues else ""
    if not case.id:
        return f"Otherwise {what}{due}."
    return f"Case {case.id}: if {_all(case.when)}, {what}{due} ({case.citation})."


def _all(conditions: Collection[Condition]) -> str:
    return " and ".join(map(_condition, conditions))


def _condition(condition: Condition) -> str:
    match condition:
        case ValueTest():
            return f"{condition.fact} is {' or '.join(sorted(condition.values))}"
        case Known():
            return f"{condition.fact} is known"
        case Comparison() if condition.years:
            word = "more than" if condition.op == "lt" else "at most"
            return f"{condition.fact} is {word} {condition.bound} years before the day"
        case Comparison():
            words = COMPARES
            word = words.get(condition.op, "is" if condition.op == "eq" else "is not")
            return f"{condition.fact} {word} {condition.bound}"
        case PaperTest():
            names = ", ".join(
                sorted(fact.removeprefix("paper.") for fact in condition.facts)
            )
            states = " or ".join(sorted(condition.states))
            none = "no paper" if condition.negated else "a paper"
            return f"{none} of {names} is {states}"
        case _:
            return (
                f"the day is from {_day(condition.start)} until {_day(condition.end)}"
            )


def _day(day: int) -> str:
    text = f"{day:08d}"
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"
