"""A law, any question it can be asked, and a solver that knows both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from gateway.policy.never import Given
from gateway.policy.prove.answers import Answer
from gateway.policy.prove.law import CompiledLaw
from gateway.policy.prove.logic import Bool
from gateway.policy.prove.questions import Question, every_question
from gateway.policy.prove.search import Search, plain_parts
from gateway.policy.prove.usual import Usual
from gateway.policy.vocabulary import Vocabulary

__all__ = ["Theory"]


class Theory:
    """What is known of one law.

    Where its tables disagree, nothing but the law itself is to be had.
    """

    def __init__(
        self, law: CompiledLaw, usual: Usual, tests: Sequence[Given] = ()
    ) -> None:
        """Take a law, and what is to be told apart beside what it looks at."""
        self.law = law
        self.usual = usual
        self.vocabulary: Vocabulary = law.vocabulary
        self._tests = tests

    @cached_property
    def question(self) -> Question:
        """Any question."""
        return every_question([self.law], self._tests)

    @cached_property
    def answer(self) -> Answer:
        """What the law answers to any question."""
        return Answer(self.law, self.question)

    @cached_property
    def plain(self) -> list[Bool]:
        """What a small question has: nothing to say."""
        return plain_parts(self.question, self.vocabulary, self.usual)

    def search(self, claims: Mapping[str, Bool], plain: Iterable[Bool] = ()) -> Search:
        """Return a solver for claims about the question; ``plain`` adds to it."""
        return Search(self.question.constraint, claims, [*self.plain, *plain])
