"""What the formula says of one question, all of it given."""

# ruff: noqa: ANN401 - the solver has no types

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import z3

from gateway.policy.prove.choices import Choice, Number, day_bits
from gateway.policy.prove.logic import Bool
from gateway.policy.prove.screening import Screened
from gateway.policy.prove.theory import Theory
from gateway.policy.vocabulary import ABSENT

__all__ = ["Concrete"]


class Concrete:
    """A solver that is told every part of a question, and says what comes of it."""

    def __init__(self, theory: Theory) -> None:
        self._theory = theory
        self._solver = z3.SolverFor("QF_FD")
        self._solver.add(theory.question.constraint)
        self._bits: dict[str, list[Bool]] = {}
        self._named("day", theory.question.day)
        for fact, number in theory.question.numbers.items():
            self._named(fact, number.value)
        self._decided = self._literals("decided", theory.answer.decided)
        self._possible = self._literals("possible", Screened(theory.answer).possible)

    def cells(
        self,
        question: Mapping[str, Any],
        ask: tuple[str, str, str],
        facts: Mapping[str, Any],
    ) -> tuple[set[int], set[int]]:
        """Return the cells that decide (one, surely), and those a screen allows.

        ``facts`` are all that are stated: of the request, the record, its category, and
        the papers.
        """
        told = list(self._told(question, ask, facts))
        assert self._solver.check(*told) == z3.sat
        model = self._solver.model()

        def true(literals: Mapping[int, Bool]) -> set[int]:
            return {
                c for c, some in literals.items() if z3.is_true(model.evaluate(some))
            }

        return true(self._decided), true(self._possible)

    def _told(
        self,
        question: Mapping[str, Any],
        ask: tuple[str, str, str],
        facts: Mapping[str, Any],
    ) -> Iterator[Bool]:
        known, parts = self._theory.vocabulary, self._theory.question
        words = {
            "custodian": (question["custodian"],),
            "dataset": (question["dataset"],),
            "requester": (question["requester"],),
            "purpose": (facts.get("purpose", "unknown"),),
            "ask": ask,
        }
        for level, word in words.items():
            yield of(parts.dimensions[level], word)
        for fact, some in parts.facts.items():
            value = facts.get(fact, known.defaults[fact])
            is_number = isinstance(value, int) and not isinstance(value, bool)
            yield of(some, "*" if is_number else str(value).lower())
        for fact, some in parts.papers.items():
            yield of(some, facts.get(fact, ABSENT))
        for fact, number in parts.numbers.items():
            yield from self._valued(fact, number, facts.get(fact, known.defaults[fact]))
        yield from self._written("day", day_bits(question["day"]))

    def _valued(self, fact: str, number: Number, value: object) -> Iterator[Bool]:
        if isinstance(value, int):
            yield z3.Not(number.unknown)
            yield from self._written(fact, number.bits(value))
        else:
            yield number.unknown

    def _named(self, name: str, value: Any) -> None:
        """Give each bit of a number a name, so that it can be told."""
        self._bits[name] = []
        for i in range(value.size()):
            bit = z3.Bool(f"bit {i} of {name}")
            self._solver.add(bit == (z3.Extract(i, i, value) == 1))
            self._bits[name].append(bit)

    def _written(self, name: str, value: Any) -> Iterator[Bool]:
        written = value.as_long()
        for i, bit in enumerate(self._bits[name]):
            yield bit if written >> i & 1 else z3.Not(bit)

    def _literals(self, name: str, guards: Mapping[int, Bool]) -> dict[int, Bool]:
        found = {cell: z3.Bool(f"{name} {cell}") for cell in guards}
        for cell, guard in guards.items():
            self._solver.add(found[cell] == guard)
        return found


def of(choice: Choice, word: object) -> Bool:
    """Return the literal of the class that a word is in."""
    return next(
        literal
        for words, literal in zip(choice.classes, choice.literals, strict=True)
        if word in words
    )
