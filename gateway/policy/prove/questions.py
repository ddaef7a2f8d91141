"""Every question that some laws can be asked, as variables.

A question is one word of each dimension, a value or unknown for each fact that is
looked at, a state for each paper, and a day of the calendar.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import z3

from gateway.policy.law import Comparison, Known, PaperTest, ValueTest
from gateway.policy.never import Given, Missing
from gateway.policy.prove.choices import Choice, Number, a_day, choice, number
from gateway.policy.prove.conditions import values_of
from gateway.policy.prove.law import CompiledLaw
from gateway.policy.prove.logic import Bool, both
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

    def forgetting(
        self, facts: Collection[str], name: str
    ) -> tuple[Question, list[Bool]]:
        """Return the same question, but that any of some facts may be unknown.

        Beside it, for each fact, what says that it is forgotten.
        """
        here = {*self.facts, *self.numbers, PURPOSE}
        gone = {fact: z3.Bool(f"{name}.{fact}") for fact in facts if fact in here}
        purposes = self.dimensions[PURPOSE].forgotten(
            (UNKNOWN,), gone.get(PURPOSE, False)
        )
        less = replace(
            self,
            dimensions={**self.dimensions, PURPOSE: purposes},
            facts={
                fact: some.forgotten(UNKNOWN, gone[fact]) if fact in gone else some
                for fact, some in self.facts.items()
            },
            numbers={
                fact: some.forgotten(gone[fact]) if fact in gone else some
                for fact, some in self.numbers.items()
            },
        )
        return less, list(gone.values())

    def about_another(self, facts: Collection[str], name: str) -> tuple[Question, Bool]:
        """Return the same question with other values of some facts.

        Beside it, what makes these values ones of a question.
        """
        parts: list[Bool] = []
        others: dict[str, Choice] = {}
        numbers: dict[str, Number] = {}
        for fact in facts:
            if fact in self.facts:
                others[fact], one = self.facts[fact].another(f"{name}.{fact}")
                parts.append(one)
            if fact in self.numbers:
                numbers[fact], valid = self.numbers[fact].another(f"{name}.{fact}")
                parts.append(valid)
        for fact in set(others) & set(numbers):
            unknown = others[fact].among({UNKNOWN})
            numbers[fact] = replace(numbers[fact], unknown=unknown)
        question = replace(
            self,
            facts={**self.facts, **others},
            numbers={**self.numbers, **numbers},
        )
        return question, both(parts)


def every_question(
    laws: Sequence[CompiledLaw], tests: Sequence[Given] = (), name: str = ""
) -> Question:
    """Return any question that all of these laws can be asked.

    Args:
        laws: the laws; words and values are those that all of them have.
        tests: what else is to be told apart, beside what the laws look at.
        name: what to call the variables by.
    """
    return _Maker(laws, tests, name).made()


class _Maker:
    """One use: makes the variables, and what makes them a question."""

    def __init__(
        self, laws: Sequence[CompiledLaw], tests: Sequence[Given], name: str
    ) -> None:
        self._laws = laws
        self._name = name
        self._parts: list[Bool] = []
        self._values = [t for t in tests if isinstance(t, ValueTest)]
        self._papers = [t for t in tests if isinstance(t, PaperTest)]
        self._known = [t.fact for t in tests if isinstance(t, Known | Missing)]
        self._compared = [t.fact for t in tests if isinstance(t, Comparison)]

    def made(self) -> Question:
        dimensions = {level: self._dimension(level) for level in DIMENSIONS}
        facts = {
            fact: self._purpose(dimensions[PURPOSE])
            if fact == PURPOSE
            else self._fact(fact)
            for fact in self._looked_at()
        }
        numbers = {
            fact: self._number(fact, facts.get(fact))
            for fact in self._joined(
                self._compared,
                *(
                    [test.fact for test in law.conditions.comparisons.values()]
                    for law in self._laws
                ),
            )
        }
        papers = {
            fact: self._paper(fact)
            for fact in self._joined(
                *(test.facts for test in self._papers),
                *(
                    [fact for fact, _ in test.satisfied_by]
                    for law in self._laws
                    for test in law.conditions.papers.values()
                ),
            )
        }
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

    def _looked_at(self) -> list[str]:
        """Return the facts of which values are told apart, or known from unknown."""
        tested = [test.fact for test in self._values]
        laws = [law.conditions.values for law in self._laws]
        return self._joined(tested, self._known, *laws)

    def _joined(self, *words: Iterable[str]) -> list[str]:
        """Return every word of some lists, once, in order."""
        return sorted({word for some in words for word in some})

    def _dimension(self, level: str) -> Choice:
        """Return the choice of a word that every law has."""
        tables = [law.places.reached[level] for law in self._laws]
        words = [word for word in tables[0] if all(word in table for table in tables)]

        def key(word: Word) -> tuple[int, ...]:
            reached = [table[word] for table in tables]
            return (
                (*reached, *self._kills(PURPOSE, word[0]))
                if level == PURPOSE
                else tuple(reached)
            )

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
        """Return the choice of a value that every law has."""
        words = [values_of(law.vocabulary, fact) for law in self._laws]
        shared = [word for word in words[0] if all(word in some for some in words)]
        return self._one_of(fact, shared, lambda word: self._kills(fact, word))

    def _kills(self, fact: str, word: str) -> tuple[int, ...]:
        """Return what a value kills in each law, and which tests it satisfies.

        What is unknown is told apart from all that kills the same: it is forgotten.
        """
        tests = [test for test in self._values if test.fact == fact]
        satisfied = sum(1 << i for i, t in enumerate(tests) if word in t.values)
        return (
            *(law.conditions.values.get(fact, {}).get(word, 0) for law in self._laws),
            satisfied,
            int(word == UNKNOWN),
        )

    def _number(self, fact: str, known: Choice | None) -> Number:
        types = self._laws[0].vocabulary.facts[fact]
        made, valid = number(
            f"{self._name}{fact}", types.max or 0, day=types.type == "day"
        )
        self._parts.append(valid)
        if known is None:
            return made
        return replace(made, unknown=known.among({UNKNOWN}))

    def _paper(self, fact: str) -> Choice:
        """Return the choice of a paper's state, by the tests that it satisfies."""

        def key(state: str) -> tuple[int, ...]:
            tests = [test for test in self._papers if fact in test.facts]
            own = sum(1 << i for i, t in enumerate(tests) if state in t.states)
            return (*(_satisfied(law, fact, state) for law in self._laws), own)

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
