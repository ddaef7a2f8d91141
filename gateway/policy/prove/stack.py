"""One bundle as it is proved about, and as it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import z3

from gateway.canonical import Json
from gateway.errors import GatewayError
from gateway.policy.bundle import Bundle
from gateway.policy.decision import AskDecision, Verdicts
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.engine import read_decision
from gateway.policy.law import PaperTest
from gateway.policy.never import Given, Invariant, stack_of
from gateway.policy.proofs import applying
from gateway.policy.prove.answers import Answer
from gateway.policy.prove.cells import PLACES
from gateway.policy.prove.law import CompiledLaw, read_law
from gateway.policy.prove.logic import Bool
from gateway.policy.prove.proof import Case
from gateway.policy.prove.questions import Question, every_question
from gateway.policy.prove.search import Search, plain_parts
from gateway.policy.prove.sketches import Chosen, Sketch, sketched
from gateway.policy.table import Table
from gateway.policy.vocabulary import Vocabulary

__all__ = ["CONFIRMED", "Mistranslated", "Stack"]

CONFIRMED = "issuer_confirmed"
"""The state of a paper that alone can require."""


class Mistranslated(GatewayError):
    """The evaluator does not answer a question as the formula says."""


class Stack:
    """A bundle with its formula, its engine and its words."""

    def __init__(self, bundle: Bundle) -> None:
        """Read a bundle.

        Raises:
            InvalidFile: when its invariants have mistakes.
            Unavailable: without an embedded engine.
        """
        self.bundle = bundle
        self.vocabulary: Vocabulary = bundle.vocabulary
        self.packs, self.overlay = stack_of(bundle.files)
        self.invariants: list[Invariant] = applying(bundle)
        self._engine = EmbeddedEngine(bundle)
        self._verdicts = Verdicts(
            table=Table(bundle.document("table/data.json")), revision=bundle.revision
        )

    @cached_property
    def law(self) -> CompiledLaw:
        """The compiled law; nothing below is to be had if its tables disagree."""
        return read_law(self.bundle)

    @property
    def sound_law(self) -> CompiledLaw:
        """The compiled law, if its tables agree.

        Raises:
            Mistranslated: naming the first place where they do not.
        """
        if self.law.problems:
            raise Mistranslated(f"the tables disagree: {self.law.problems[0]}")
        return self.law

    @cached_property
    def question(self) -> Question:
        """Any question, with all told apart that invariants look at."""
        tests: list[Given] = [given for one in self.invariants for given in one.given]
        every = frozenset(self.vocabulary.paper_facts)
        confirmed = frozenset({CONFIRMED})
        tests.append(PaperTest(facts=every, states=confirmed, negated=False))
        return every_question([self.law], tests)

    @cached_property
    def answer(self) -> Answer:
        """What the law answers to any question."""
        return Answer(self.law, self.question)

    @cached_property
    def plain(self) -> list[Bool]:
        """What a small question has: nothing to say."""
        return plain_parts(self.question, self.vocabulary)

    def search(
        self, claims: Mapping[str, Bool], plain: Iterable[Bool] = ()
    ) -> Search:
        """Return a solver for claims about the question; ``plain`` adds to it."""
        return Search(self.question.constraint, claims, [*self.plain, *plain])

    def sketch(
        self, model: Any, answer: Answer | None = None, chosen: Chosen | None = None  # noqa: ANN401 - the solver has no types
    ) -> Sketch:
        """Return a question that was found, once the evaluator has been asked it.

        Raises:
            Mistranslated: when it does not answer what the formula says.
        """
        said = answer or self.answer
        found = sketched(model, said.question, self.vocabulary, chosen)
        (by, _) = self._decided(found)
        cell = by // PLACES
        guard = said.decided.get(cell, False)
        if guard is not True and not z3.is_true(model.evaluate(guard, True)):  # noqa: FBT003 - the library's signature
            raise Mistranslated(f"the formula does not say {cell} of {found}")
        return found

    def raw_sketch(self, model: Any) -> Sketch:  # noqa: ANN401 - as above
        """Return a question that was found, without asking the evaluator."""
        return sketched(model, self.question, self.vocabulary)

    def verdict(self, sketch: Sketch) -> AskDecision:
        """Return what the evaluator says of a question."""
        return self._decided(sketch)[1]

    def case(self, name: str, title: str, sketch: Sketch) -> Case:
        """Return a question as a case file that expects what the evaluator says."""
        said = self.verdict(sketch)
        expect: dict[str, Any] = {
            "effect": {said.category: said.effect},
            "outcome": {said.category: said.outcome},
        }
        return sketch.case(
            self.vocabulary,
            name=name,
            title=title,
            packs=self.packs,
            overlay=self.overlay,
            expect=expect if sketch.use == "release" else {},
        )

    def _decided(self, sketch: Sketch) -> tuple[int, AskDecision]:
        question, vector = sketch.asked(self.vocabulary)
        answer = self._engine.answer(question.with_records([vector]))
        ((row,),) = read_decision(answer, self.bundle.revision, 1, 1)
        return _number(row["by"]), self._verdicts.verdict(question.ask_keys[0], row)


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0
