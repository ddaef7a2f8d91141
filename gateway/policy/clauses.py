"""A rule's ordered cases as clauses: the first that holds speaks, and nothing else.

A clause is a conjunction of conditions, each in one of two modes: *open* conditions
hold also when their fact is unknown, *strict* ones do not. A case that prohibits or
reviews is open, one that permits or requires is strict.

What a saving or an overlay may lift is told apart: a prohibit that holds for certain is
one clause, the same prohibit held only by what is unknown is another, which nothing
lifts. And where a requirement may hold, a walk of its own says so: with a prohibit of
its layer it would be a conflict, which nothing lifts either.

A review that holds only because something is unknown does not end the walk over the
cases: a later prohibit still wins. So it is written out here: before each later case
stands a clause "the review may hold, and that case holds" (a review, or a prohibit that
is not certain), and the review alone stands last. Evaluators then only look for the
first that holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from gateway.policy.law import Case, Condition, DayTest, PaperTest, Rule
from gateway.policy.rules import LAYERS

__all__ = ["CONFLICT", "SILENT", "Clause", "clauses_of", "doubts_of", "numbered"]

Said: TypeAlias = Literal["prohibit", "review", "require", "permit", "lift", "doubt"]
Part: TypeAlias = tuple[Condition, bool]
"""A condition and whether it is open (holds when unknown)."""

EFFECTS = ("prohibit", "review", "require", "permit")
SILENT = 8_130_000
"""The number that stands for: nobody spoke, so it is prohibited.

Its flags: a local government may open what no law has spoken of, and a saving too.
"""
CONFLICT = 200_000
"""Added to a layer's number: two laws of that layer say the opposite."""
LIFTED = 9_100_000
DOUBTS = 9_000_000
"""Added to a layer's cell: a requirement of that layer may hold."""
BY_UNKNOWN = 4
"""The flags of a prohibit that holds only by what is unknown: nothing lifts it."""
BASES = frozenset({"state", "federal_permission", "agency_default"})
LIFTABLE = BASES | {"overlay"}
"""The layers whose prohibits a saving, or an overlay, may lift."""


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
        if self.says == "doubt":
            return DOUBTS + layer * 100_000
        effect = EFFECTS.index(self.says) + 1
        return layer * 1_000_000 + effect * 100_000 + self.flag * 10_000

    @property
    def flag(self) -> int:
        """Odd if an overlay may change it.

        2 more for a permit that needs no person, or a prohibit that a saving lifts.
        """
        if self.says == "permit":
            free = not self.case.discretion or self.case.exercised
            return 2 * free + self.case.may_restrict
        if self.says == "review":
            return int(self.case.may_restrict)
        if self.says == "prohibit" and self.by_unknown:
            return BY_UNKNOWN
        if self.says == "prohibit":
            return 2 * (not self.rule.resists_saving) + self.case.may_expand
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


def doubts_of(rule: Rule, *, purpose_known: bool) -> list[Clause]:
    """Return clauses, in order, of which one speaks where a requirement may hold.

    Empty for a rule that has none, or none that can be in doubt.
    """
    if rule.layer not in BASES:
        return []
    blind = not purpose_known and not rule.reach.any_purpose
    found: list[Clause] = []
    for case in rule.cases:
        conditions = (*rule.when, *case.when)
        if not blind:
            parts = tuple((condition, False) for condition in conditions)
            found.append(Clause(rule=rule, case=case, says="lift", parts=parts))
        doubted = blind or any(map(_may_be_unknown, conditions))
        if case.effect == "require" and doubted:
            parts = tuple((condition, True) for condition in conditions)
            found.append(Clause(rule=rule, case=case, says="doubt", parts=parts))
    while found and found[-1].says == "lift":
        found.pop()
    return found


def _closes_unknown(clause: Clause) -> bool:
    """Tell whether a clause may stand when its reach itself is unknown."""
    if clause.says != "prohibit":
        return clause.by_unknown
    held = clause.by_unknown or clause.rule.layer not in LIFTABLE
    return held and clause.case.on_unknown == "prohibit"


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
        yield from _prohibits(rule, case, strict, open_)
        return
    yield Clause(rule=rule, case=case, says=case.effect, parts=strict)
    if not _may_be_doubted(rule, conditions):
        return
    yield Clause(rule=rule, case=case, says="review", parts=open_, by_unknown=True)


def _prohibits(
    rule: Rule, case: Case, strict: tuple[Part, ...], open_: tuple[Part, ...]
) -> Iterator[Clause]:
    """Yield a prohibit that unknown facts make hold; what is certain apart."""
    doubted = rule.layer in LIFTABLE and _may_be_doubted(rule, [c for c, _ in open_])
    if doubted:
        yield Clause(rule=rule, case=case, says="prohibit", parts=strict)
    yield Clause(rule=rule, case=case, says="prohibit", parts=open_, by_unknown=doubted)


def _may_be_doubted(rule: Rule, conditions: Iterable[Condition]) -> bool:
    """Tell whether it may be unknown if a case holds or if its rule reaches."""
    return not rule.reach.any_purpose or any(map(_may_be_unknown, conditions))


def _may_be_unknown(condition: Condition) -> bool:
    return not isinstance(condition, PaperTest | DayTest)


def _written_out(walk: list[Clause]) -> Iterator[Clause]:
    """Yield clauses whose first that holds is what the walk comes to."""
    waiting: list[Clause] = []
    for clause in walk:
        if clause.by_unknown and clause.says == "review":
            waiting.append(clause)
            continue
        if clause.says != "prohibit":
            for review in waiting:
                yield replace(review, parts=_joined(review.parts, clause.parts))
        elif clause.rule.layer in LIFTABLE and not clause.by_unknown:
            for review in waiting:
                parts = _joined(review.parts, clause.parts)
                yield replace(clause, parts=parts, by_unknown=True)
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
