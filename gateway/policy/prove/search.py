"""Looks for a question in which a claim holds, and for a small one if there is any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import z3

from gateway.policy.prove.choices import day_bits
from gateway.policy.prove.logic import Bool, both, no
from gateway.policy.prove.questions import Question
from gateway.policy.prove.usual import Usual
from gateway.policy.vocabulary import ABSENT, UNKNOWN, Vocabulary

__all__ = ["Search", "plain_parts"]

DAY = 20260115
"""The day of a question for which any day will do."""


def plain_parts(question: Question, vocabulary: Vocabulary, usual: Usual) -> list[Bool]:
    """Return for each part of a question when there is nothing to say of it.

    The words are the most usual ones, no fact of a record is known, a fact of the
    request is as if unstated, no paper is given, and the day is an ordinary one.
    """
    plain: list[Bool] = []
    for level, words in question.dimensions.items():
        every = [word for some in words.classes for word in some]
        first = min(usual.place(level, word) for word in every)
        plain.append(words.among({w for w in every if usual.place(level, w) == first}))
    plain.append(question.day == day_bits(DAY))
    for fact, some in question.facts.items():
        plain.append(some.among({str(vocabulary.defaults[fact]).lower()}))
    for fact, number in question.numbers.items():
        default = vocabulary.defaults[fact]
        if default == UNKNOWN:
            plain.append(number.unknown)
        else:
            stated = number.value == number.bits(int(default))
            plain.append(both([no(number.unknown), stated]))
    plain += [some.among({ABSENT}) for some in question.papers.values()]
    return plain


class Search:
    """A solver that knows what a question is and what some claims mean."""

    def __init__(
        self, constraint: Bool, claims: Mapping[str, Bool], plain: Iterable[Bool] = ()
    ) -> None:
        """Take what makes a question one, and the claims by name.

        ``plain`` is what a small question has: as much of it as can be.
        """
        self._constraint = constraint
        self._meant = claims
        self._small = plain

    def possible(self, *claims: str) -> bool:
        """Tell whether there is a question in which these claims hold together."""
        return self._check([self._claims[claim] for claim in claims])

    def smallest(self, *claims: str) -> Any | None:  # noqa: ANN401 - the solver has no types
        """Return the model of a small question in which these claims hold, or None.

        Small: to say one thing less would not do.
        """
        if len(self._meant) <= FEW and self._ruled_out(claims):
            return None
        wanted = [self._claims[claim] for claim in claims]
        if not self._check(wanted):
            return None
        plain = list(self._plain)
        said: list[Bool] = []
        while not self._check([*wanted, *plain]):
            core = {literal.get_id() for literal in self._solver.unsat_core()}
            first = next(some for some in plain if some.get_id() in core)
            plain.remove(first)
            said.append(first)
        for some in said:
            if self._check([*wanted, *plain, some]):
                plain.append(some)
        self._check([*wanted, *plain])
        return self._solver.model()

    def _ruled_out(self, claims: Iterable[str]) -> bool:
        """Tell whether it is sure that these claims never hold together.

        Tried once and not again, a formula is ruled out in a fifth of the time that the
        solver takes which can be asked more. What is not sure here, that one decides.
        """
        solver = z3.Then(*ONCE).solver()
        solver.add(self._constraint, *(self._meant[claim] for claim in claims))
        return bool(solver.check() == z3.unsat)

    def _check(self, literals: list[Bool]) -> bool:
        found = self._solver.check(*literals)
        if found == z3.unknown:  # pragma: no cover  # finite: the solver always knows
            raise RuntimeError(f"the solver gave up: {self._solver.reason_unknown()}")
        return bool(found == z3.sat)

    @cached_property
    def _solver(self) -> Any:  # noqa: ANN401 - the solver has no types
        """The solver that can be asked again and again."""
        solver = z3.SolverFor("QF_FD")
        solver.add(self._constraint)
        return solver

    @cached_property
    def _claims(self) -> dict[str, Bool]:
        """What stands for each claim."""
        return {name: self._named(f"?{name}", c) for name, c in self._meant.items()}

    @cached_property
    def _plain(self) -> list[Bool]:
        """What stands for each plain part; most claims are never found to need one."""
        return [self._named(f"plain{i}", some) for i, some in enumerate(self._small)]

    def _named(self, name: str, claim: Bool) -> Bool:
        literal = z3.Bool(name)
        self._solver.add(z3.Implies(literal, claim))
        return literal


ONCE = ("simplify", "card2bv", "bit-blast", "sat")
"""What rules out a formula: a choice of one as bits, then nothing but clauses."""
FEW = 3
"""So many claims are tried each by itself; more share what the solver learns."""
