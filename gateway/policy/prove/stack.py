"""One bundle as it is proved about, and as it answers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from gateway.canonical import Json
from gateway.policy.bundle import Bundle
from gateway.policy.decision import AskDecision, Verdicts
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.engine import read_decision
from gateway.policy.law import PaperTest
from gateway.policy.never import Given, Invariant, stack_of
from gateway.policy.proofs import applying
from gateway.policy.prove.answers import Answer
from gateway.policy.prove.cells import PLACES
from gateway.policy.prove.law import CompiledLaw, law_of
from gateway.policy.prove.logic import so
from gateway.policy.prove.results import Case, Mistranslated
from gateway.policy.prove.sketches import Chosen, Sketch, sketched
from gateway.policy.prove.theory import Theory
from gateway.policy.prove.usual import usual_words
from gateway.policy.question import CONFIRMED
from gateway.policy.table import Table

__all__ = ["Stack"]


class Stack(Theory):
    """A bundle with its formula, its engine and its words."""

    def __init__(self, bundle: Bundle) -> None:
        """Read a bundle.

        Raises:
            InvalidFile: when its invariants have mistakes.
        """
        self.bundle = bundle
        self.packs, self.overlay = stack_of(bundle.files)
        self.invariants: list[Invariant] = applying(bundle)
        super().__init__(law_of(bundle), usual_words(bundle), list(self._told_apart()))

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
    def _engine(self) -> EmbeddedEngine:
        """The evaluator; asked only of what was found."""
        return EmbeddedEngine(self.bundle)

    @cached_property
    def _verdicts(self) -> Verdicts:
        table = Table(self.bundle.document("table/data.json"))
        return Verdicts(table=table, revision=self.bundle.revision)

    def _told_apart(self) -> Iterator[Given]:
        """Yield what invariants look at, and whether papers are confirmed."""
        for one in self.invariants:
            yield from one.given
        every = frozenset(self.bundle.vocabulary.paper_facts)
        yield PaperTest(facts=every, states=frozenset({CONFIRMED}), negated=False)

    def sketch(
        self,
        model: Any,  # noqa: ANN401 - the solver has no types
        answer: Answer | None = None,
        chosen: Chosen | None = None,
    ) -> Sketch:
        """Return a question that was found, once the evaluator has been asked it.

        Raises:
            Mistranslated: when it does not answer what the formula says.
        """
        said = answer or self.answer
        found = sketched(model, said.question, self, chosen)
        (by, _) = self._decided(found)
        cell = by // PLACES
        if not so(model, said.decided.get(cell, False)):
            raise Mistranslated(f"the formula does not say {cell} of {found}")
        return found

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
