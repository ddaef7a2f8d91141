"""What a law answers to any question, as formulas.

For each clause when it speaks, for each cell when it decides, for each outcome when it
comes out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import z3

from gateway.policy.bitset import union
from gateway.policy.law import Comparison
from gateway.policy.prove.cells import PLACES, effect_of, outcome_of
from gateway.policy.prove.choices import Choice, day_bits, years_before
from gateway.policy.prove.folding import folded
from gateway.policy.prove.law import CompiledLaw
from gateway.policy.prove.logic import Bool, Guarded, both, either, no
from gateway.policy.prove.questions import Question
from gateway.policy.prove.unstated import Comparing

__all__ = ["Answer", "truths"]


class Answer:
    """What one law answers to any question."""

    def __init__(self, law: CompiledLaw, question: Question, place: int = 0) -> None:
        """Take a law and the question; ``place`` is the law's among those it is for."""
        self.law = law
        self.question = question
        self._place = place
        self._known: dict[object, Bool] = {}

    @cached_property
    def allowed(self) -> dict[int, Bool]:
        """For each clause when request, papers and day are as it needs them."""
        return self._met(self._by_request())

    @cached_property
    def borne_out(self) -> dict[int, Bool]:
        """For each clause when its conditions on the record are met."""
        return self._met(self._by_facts(RECORD))

    @cached_property
    def holds(self) -> dict[int, Bool]:
        """For each clause when all its conditions are met."""
        return {
            number: both([self.allowed[number], self.borne_out[number]])
            for number in self.law.bits.numbers
        }

    @cached_property
    def reaches(self) -> dict[int, Bool]:
        """For each clause when the question is one that it reaches."""
        return {
            number: reached
            for walk in self.law.walks
            for reached in [self._reached(walk[0])]
            for number in walk
        }

    @cached_property
    def speaks(self) -> dict[int, Bool]:
        """For each clause when it is the first of its rule that holds."""
        found: dict[int, Bool] = {}
        for walk in self.law.walks:
            silent: Bool = self.reaches[walk[0]]
            for number in walk:
                found[number] = both([silent, self.holds[number]])
                silent = both([silent, no(self.holds[number])])
        return found

    @cached_property
    def cells(self) -> dict[int, list[int]]:
        """The clauses of each cell, the strongest first."""
        found: dict[int, list[int]] = {}
        for number in self.law.bits.numbers:
            found.setdefault(number // PLACES, []).append(number)
        return found

    @cached_property
    def decided(self) -> Guarded:
        """For each cell when it decides."""
        return folded(
            {
                cell: either(self.speaks[number] for number in numbers)
                for cell, numbers in self.cells.items()
            }
        )

    def outcome(self, *words: str) -> Bool:
        """Return when the outcome is one of these."""
        return either(
            guard for cell, guard in self.decided.items() if outcome_of(cell) in words
        )

    def effect(self, *effects: int) -> Bool:
        """Return when the effect is one of these, by number."""
        return either(
            guard for cell, guard in self.decided.items() if effect_of(cell) in effects
        )

    def by(self, number: int) -> Bool:
        """Return when a clause is the one that decides."""
        cell = number // PLACES
        before = self.cells[cell][: self.cells[cell].index(number)]
        return both(
            [
                self.decided.get(cell, False),
                self.speaks[number],
                *(no(self.speaks[other]) for other in before),
            ]
        )

    def _reached(self, number: int) -> Bool:
        bit = self._bit[number]
        parts = []
        for choice in self.question.dimensions.values():
            reach = tuple(bool(key[self._place] & bit) for key in choice.keys)
            parts.append(self._some(choice, reach))
        return both(parts)

    def _met(self, parts: Iterable[tuple[int, Bool]]) -> dict[int, Bool]:
        """Return for each clause when all its parts hold."""
        needed: dict[int, list[Bool]] = {n: [] for n in self.law.bits.numbers}
        for number, part in parts:
            needed[number].append(part)
        return {number: both(some) for number, some in needed.items()}

    def _by_request(self) -> Iterator[tuple[int, Bool]]:
        """Yield each clause with each condition on request, papers and day."""
        yield from self._by_facts(REQUEST)
        for i, paper in enumerate(self.law.conditions.papers.values()):
            given = either(
                choice.doing(self._place, 1 << i)
                for choice in self.question.papers.values()
            )
            for number, _ in self._members(paper.wanted):
                yield number, given
            for number, _ in self._members(paper.unwanted):
                yield number, no(given)
        yield from self._in_force()

    def _by_facts(self, scopes: Collection[str]) -> Iterator[tuple[int, Bool]]:
        """Yield each clause with each condition on facts of some scopes."""
        known = self.law.vocabulary.scopes
        for fact, choice in self.question.facts.items():
            dead = [key[self._place] for key in choice.keys]
            for number, bit in (
                self._members(union(dead)) if known[fact] in scopes else ()
            ):
                alive = tuple(not some & bit for some in dead)
                yield number, self._some(choice, alive)
        for test in self.law.conditions.comparisons.values():
            if known[test.fact] in scopes:
                found = truths(test, self.question)
                for number, bit in self._members(union(test.dead.values())):
                    killers = [w for t, w in found.items() if test.dead[t] & bit]
                    yield number, no(either(killers))

    def _in_force(self) -> Iterator[tuple[int, Bool]]:
        """Yield each clause that is not always in force with when it is."""
        eras = self.law.conditions.eras
        since = [
            z3.UGE(self.question.day, day_bits(day))
            for day in self.law.conditions.boundaries
        ]
        spans = [
            both([*since[max(i - 1, 0) : i], *map(no, since[i : i + 1])])
            for i in range(len(eras))
        ]
        for number, bit in self._members(union(eras)):
            alive = tuple(not era & bit for era in eras)
            if alive not in self._known:
                self._known[alive] = either(
                    span for span, lives in zip(spans, alive, strict=True) if lives
                )
            yield number, self._known[alive]

    def _members(self, some: int) -> Iterator[tuple[int, int]]:
        """Yield the clauses of a set, each with its bit."""
        for number in self.law.bits.members(some):
            yield number, self._bit[number]

    @cached_property
    def _bit(self) -> dict[int, int]:
        return {number: 1 << i for i, number in enumerate(self.law.bits.numbers)}

    def _some(self, choice: Choice, wanted: tuple[bool, ...]) -> Bool:
        """Return when a choice is of some of its classes; said in the shorter way."""
        key = (id(choice), wanted)
        if key not in self._known:
            pairs = list(zip(choice.literals, wanted, strict=True))
            if sum(wanted) * 2 <= len(wanted):
                self._known[key] = either(one for one, want in pairs if want)
            else:
                self._known[key] = no(either(one for one, want in pairs if not want))
        return self._known[key]


def truths(test: Comparing | Comparison, question: Question) -> dict[str, Bool]:
    """Return when a comparison is true, false and unknown.

    Counted in years back from the question's day, a day to come says nothing.
    """
    number, today = question.numbers[test.fact], question.day
    unknown = number.unknown
    if test.years:
        bound = years_before(today, test.bound)
        unknown = either([unknown, z3.UGT(number.value, today)])
    else:
        bound = number.bits(test.bound)
    holds = OPERATORS[test.op](number.value, bound)
    known = no(unknown)
    return {
        "true": both([known, holds]),
        "false": both([known, no(holds)]),
        "unknown": unknown,
    }


REQUEST = ("request",)
RECORD = ("record", "record_category")

OPERATORS: Mapping[str, Callable[[Any, Any], Bool]] = {
    "lt": z3.ULT,
    "gt": z3.UGT,
    "ge": z3.UGE,
    "le": z3.ULE,
    "eq": operator.eq,
    "ne": operator.ne,
}
