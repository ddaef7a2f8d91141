"""Every question that some laws can be asked, as variables.

A question is one word of each dimension, a value or unknown for each fact that is
looked at, a state for each paper, and a day of the calendar.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import z3

from gateway.policy.prove.choices import Choice, Number, a_day, choice, number
from gateway.policy.prove.law import CompiledLaw
from gateway.policy.prove.logic import Bool
from gateway.policy.prove.places import LEVELS, Word
from gateway.policy.vocabulary import UNKNOWN

__all__ = ["PURPOSE", "Question", "every_question"]

PURPOSE = "purpose"
"""Both a dimension of the index and a fact that conditions may test."""

DIMENSIONS = (*LEVELS, "ask")


@dataclass(frozen=True, kw_only=True)
class Question:
    """Any question: its parts, and what makes them one question."""

    dimensions: Mapping[str, Choice]
    facts: Mapping[str, Choice]
    numbers: Mapping[str, Number]
    papers: Mapping[str, Choice]
    day: Any
    constraint: Bool

    def forgetting(self, facts: Collection[str], name: str) -> Question:
        """Return the same question, but that any of some facts may be unknown."""
        gone = {fact: z3.Bool(f"{name}.{fact}") for fact in facts}
        dimensions = dict(self.dimensions)
        if PURPOSE in gone:
            purposes = dimensions[PURPOSE]
            dimensions[PURPOSE] = purposes.forgotten((UNKNOWN,), gone[PURPOSE])
        return replace(
            self,
            dimensions=dimensions,
            facts={
                fact: some.forgotten(UNKNOWN, gone[fact]) if fact in gone else some
                for fact, some in self.facts.items()
            },
            numbers={
                fact: some.forgotten(gone[fact]) if fact in gone else some
                for fact, some in self.numbers.items()
            },
        )


def every_question(laws: Sequence[CompiledLaw], name: str = "") -> Question:
    """Return any question that all of these laws can be asked."""
    return _Maker(laws, name).made()


class _Maker:
    """One use: makes the variables, and what makes them a question."""

    def __init__(self, laws: Sequence[CompiledLaw], name: str) -> None:
        self._laws = laws
        self._name = name
        self._parts: list[Bool] = []

    def made(self) -> Question:
        dimensions = {level: self._dimension(level) for level in DIMENSIONS}
        facts = {
            fact: self._purpose(dimensions[PURPOSE])
            if fact == PURPOSE
            else self._fact(fact)
            for fact in self._joined(law.conditions.values for law in self._laws)
        }
        compared = self._joined(
            [test.fact for test in law.conditions.comparisons.values()]
            for law in self._laws
        )
        numbers = {fact: self._number(fact, facts.get(fact)) for fact in compared}
        states = self._joined(
            [fact for test in law.conditions.papers.values() for fact, _ in test.satisfied_by]
            for law in self._laws
        )
        papers = {fact: self._paper(fact) for fact in states}
        day, valid = a_day(f"{self._name}day")
        self._parts.append(valid)
        return Question(
            dimensions=dimensions,
            facts=facts,
            numbers=numbers,
            papers=papers,
            day=day,
            constraint=z3.And(self._parts),
        )

    def _joined(self, words: Iterable[Iterable[str]]) -> list[str]:
        """Return every word that some law looks at, once, in order."""
        return sorted({word for some in words for word in some})

    def _dimension(self, level: str) -> Choice:
        """Return the choice of a word that every law has."""
        tables = [law.places.reached[level] for law in self._laws]
        words = [word for word in tables[0] if all(word in table for table in tables)]

        def key(word: Word) -> tuple[int, ...]:
            reached = [table[word] for table in tables]
            return (*reached, *self._kills(PURPOSE, word[0])) if level == PURPOSE else tuple(reached)

        return self._one_of(level, words, key)

    def _purpose(self, dimension: Choice) -> Choice:
        """Return the purpose as a fact: the same choice, by what it kills."""
        some = len(self._laws)
        return replace(
            dimension,
            classes=tuple(tuple(w for (w,) in c) for c in dimension.classes),
            keys=tuple(key[some:] for key in dimension.keys),
        )

    def _fact(self, fact: str) -> Choice:
        """Return the choice of a value that every law that tests the fact has."""
        tables = [
            law.conditions.values[fact]
            for law in self._laws
            if fact in law.conditions.values
        ]
        words = [word for word in tables[0] if all(word in table for table in tables)]
        # What is unknown is a class of its own: it is forgotten, and told apart.
        return self._one_of(
            fact, words, lambda word: (*self._kills(fact, word), int(word == UNKNOWN))
        )

    def _kills(self, fact: str, word: str) -> tuple[int, ...]:
        """Return what a value kills in each law."""
        return tuple(
            law.conditions.values.get(fact, {}).get(word, 0) for law in self._laws
        )

    def _number(self, fact: str, known: Choice | None) -> Number:
        types = self._laws[0].vocabulary.facts[fact]
        made, valid = number(
            f"{self._name}{fact}", 0, types.max or 0, day=types.type == "day"
        )
        self._parts.append(valid)
        if known is None:
            return made
        return replace(made, unknown=known.among({UNKNOWN}))

    def _paper(self, fact: str) -> Choice:
        """Return the choice of a paper's state, by the tests that it satisfies."""

        def key(state: str) -> tuple[int, ...]:
            return tuple(_satisfied(law, fact, state) for law in self._laws)

        states = self._laws[0].vocabulary.paper_states
        return self._one_of(fact, states, key)

    def _one_of(self, name: str, words: Iterable[Any], key: Any) -> Choice:  # noqa: ANN401 - words and numbers of keys
        made, one = choice(f"{self._name}{name}", words, key)
        self._parts.append(one)
        return made


def _satisfied(law: CompiledLaw, fact: str, state: str) -> int:
    """Return the tests of papers that a state satisfies, by their place."""
    return sum(
        1 << i
        for i, test in enumerate(law.conditions.papers.values())
        if (fact, state) in test.satisfied_by
    )
