"""A rule's ordered cases as clauses: the first that holds speaks, and nothing else.

A clause is a conjunction of conditions, each in one of two modes: *open* conditions
hold also when their fact is unknown, *strict* ones do not. A case that prohibits or
reviews is open, one that permits or requires is strict.

A review that holds only because something is unknown does not end the walk over the
cases: a later prohibit still wins. So it is written out here: before each later case
that would not prohibit stands a clause "the review may hold, and that case holds",
and the review alone stands last. Evaluators then only look for the first that holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from gateway.policy.law import Case, Condition, DayTest, PaperTest, Rule
from gateway.policy.rules import LAYERS

__all__ = ["CONFLICT", "SILENT", "Clause", "clauses_of", "numbered"]

Said: TypeAlias = Literal["prohibit", "review", "require", "permit", "lift"]
Part: TypeAlias = tuple[Condition, bool]
"""A condition and whether it is open (holds when unknown)."""

EFFECTS = ("prohibit", "review", "require", "permit")
SILENT = 8_110_000
"""The number that stands for: nobody spoke, so it is prohibited.

Its flag is odd: a local government may open what no law has spoken of.
"""
CONFLICT = 200_000
"""Added to a layer's number: two laws of that layer say the opposite."""
LIFTED = 9_100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One line of a rule's walk."""

    rule: Rule
    case: Case
    says: Said
    parts: tuple[Part, ...]
    by_unknown: bool = False
    number: int = 0

    @property
    def cell(self) -> int:
        """Layer, effect and flags: the number without its place."""
        if self.says == "lift":
            return LIFTED
        layer = LAYERS.index(self.rule.layer) + 1
        effect = EFFECTS.index(self.says) + 1
        return layer * 1_000_000 + effect * 100_000 + self.flag * 10_000

    @property
    def flag(self) -> int:
        """Odd if an overlay may change it.

        2 more for a permit that needs no person, or a prohibit that no saving lifts.
        """
        if self.says == "permit":
            free = not self.case.discretion or self.case.exercised
            return 2 * free + self.case.may_restrict
        if self.says == "review":
            return int(self.case.may_restrict)
        if self.says == "prohibit":
            return 2 * self.rule.resists_saving + self.case.may_expand
        return 0


def clauses_of(rule: Rule, *, purpose_known: bool) -> list[Clause]:
    """Return a rule's clauses in order.

    Where the purpose is unknown and the rule names purposes, only what would close
    remains, and only as something that holds by what is unknown.
    """
    walk = [c for case in rule.cases for c in _of_case(rule, case)]
    written = [*_lifts(rule), *_written_out(walk)]
    if purpose_known or rule.reach.any_purpose:
        return written
    return [
        clause
        for clause in written
        if all(open_ for _, open_ in clause.parts) and _closes_unknown(clause)
    ]


def _closes_unknown(clause: Clause) -> bool:
    """Tell whether a clause may stand when its reach itself is unknown."""
    if clause.by_unknown:
        return True
    return clause.says == "prohibit" and clause.case.on_unknown == "prohibit"


def _lifts(rule: Rule) -> Iterator[Clause]:
    for test in rule.lifted_by:
        yield Clause(
            rule=rule, case=rule.cases[-1], says="lift", parts=((test, False),)
        )


def _of_case(rule: Rule, case: Case) -> Iterator[Clause]:
    """Yield one case's clauses: what holds for certain, then what holds by unknown."""
    conditions = (*rule.when, *case.when)
    strict = tuple((condition, False) for condition in conditions)
    open_ = tuple((condition, True) for condition in conditions)
    if case.effect in {"permit", "require"}:
        says: Said = "lift" if rule.layer == "record_bar" else case.effect
        yield Clause(rule=rule, case=case, says=says, parts=strict)
        return
    if case.effect == "prohibit" and case.on_unknown == "prohibit":
        yield Clause(rule=rule, case=case, says="prohibit", parts=open_)
        return
    yield Clause(rule=rule, case=case, says=case.effect, parts=strict)
    if rule.reach.any_purpose and not any(map(_may_be_unknown, conditions)):
        return
    yield Clause(rule=rule, case=case, says="review", parts=open_, by_unknown=True)


def _may_be_unknown(condition: Condition) -> bool:
    return not isinstance(condition, PaperTest | DayTest)


def _written_out(walk: list[Clause]) -> Iterator[Clause]:
    """Yield clauses whose first that holds is what the walk comes to."""
    waiting: list[Clause] = []
    for clause in walk:
        if clause.by_unknown:
            waiting.append(clause)
            continue
        if clause.says != "prohibit":
            for review in waiting:
                yield replace(review, parts=_joined(review.parts, clause.parts))
        yield clause
    yield from waiting


def _joined(first: tuple[Part, ...], second: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return both conjunctions; strict where either is."""
    strict = {condition for condition, open_ in (*first, *second) if not open_}
    every = dict.fromkeys(condition for condition, _ in (*first, *second))
    return tuple((condition, condition not in strict) for condition in every)


def numbered(clauses: list[list[Clause]]) -> list[list[Clause]]:
    """Return each rule's clauses with numbers: the smaller, the stronger.

    The number is layer, effect, flags and place; the place is by rule and order, so
    it does not depend on the order of files.
    """
    places: dict[int, int] = {}
    done: list[list[Clause]] = []
    for walk in clauses:
        numbers = []
        for clause in walk:
            places[clause.cell] = places.get(clause.cell, 0) + 1
            number = clause.cell + places[clause.cell]
            numbers.append(replace(clause, number=number))
        done.append(numbers)
    return done
