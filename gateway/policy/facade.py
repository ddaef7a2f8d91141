"""Policy as the exchange sees it: screen a question, decide its records, remember."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from gateway.canonical import canonical
from gateway.errors import Cause, EngineFault, Unavailable
from gateway.policy.bundle import Bundle
from gateway.policy.decision import Decision, Verdicts
from gateway.policy.doubt import Doubt
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.engine import Engine, read_decision, read_screen
from gateway.policy.memo import Memo
from gateway.policy.panel import Failed, Panel, Which
from gateway.policy.parties import recipient_of
from gateway.policy.question import Ask, AskKey, Question, Vector
from gateway.policy.screen import Screen, Screens
from gateway.policy.table import RuleRef, Table
from gateway.policy.vocabulary import Value

__all__ = ["MakeEngines", "Policy", "embedded_only"]

MakeEngines: TypeAlias = Callable[[Bundle], Sequence[Engine]]

MOST_QUESTIONS = 4_096
MOST_SCREENS = 4_096
MOST_DECISIONS = 65_536


def embedded_only(bundle: Bundle) -> Sequence[Engine]:
    """Return the embedded engine with a bundle.

    Raises:
        Unavailable: when there is none, or it does not take the bundle.
    """
    return (EmbeddedEngine(bundle),)


def _unheard(_engine: str, _fault: EngineFault) -> None:
    """Count nothing: who decides cases by hand sees failures as they are."""


class Policy:
    """The policy of one bundle, used on the event loop's thread.

    Another bundle is another policy: what is under way ends under the one it began
    with. Every engine is asked, and an answer is believed only if all give the
    same bytes. After a disagreement nothing is answered until :meth:`reopen`.
    """

    def __init__(
        self,
        *,
        bundle: Bundle,
        make_engines: MakeEngines = embedded_only,
        doubt: Doubt | None = None,
        failed: Failed = _unheard,
    ) -> None:
        """Load a bundle into engines of its own.

        Args:
            bundle: the bundle.
            make_engines: makes its engines.
            doubt: what closes; one for all policies of a process.
            failed: told of each failure of an engine.

        Raises:
            Unavailable: when no engine takes the bundle.
        """
        self.bundle = bundle
        self.revision = bundle.revision
        self.vocabulary = bundle.vocabulary
        self.doubt = doubt or Doubt()
        engines = make_engines(bundle)
        self._panel = Panel(bundle, engines, doubt=self.doubt, failed=failed)
        self._table = Table(bundle.document("table/data.json"))
        self._verdicts = Verdicts(table=self._table, revision=self.revision)
        self._screening = Screens(
            table=self._table, verdicts=self._verdicts, revision=self.revision
        )
        self._questions: Memo[bytes, Question] = Memo(most=MOST_QUESTIONS)
        self._screens: Memo[str, Screen] = Memo(most=MOST_SCREENS)
        self._decisions: Memo[tuple[str, bytes], Decision] = Memo(most=MOST_DECISIONS)
        self.doubt.tell(self)

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines whose agreement an answer has."""
        return self._panel.names

    def rule(self, rule: str) -> RuleRef:
        """Return a rule of the bundle by id; KeyError where there is none."""
        return self._table.rules[rule]

    def question(
        self,
        *,
        day: int,
        custodian: str,
        dataset_kind: str,
        requester_class: str,
        facts: Mapping[str, Value],
        asks: Mapping[AskKey, Mapping[str, Value]],
    ) -> Question:
        """Return the question in its words; equal words are checked once.

        ``asks`` maps each ask to the facts of the papers that cover it; the rest is
        as :meth:`Question.build` takes it. A recipient that ``facts`` name is asked
        for as well.

        Raises:
            InvalidQuestion: with every wrong word, value or scope.
        """
        covered = [[*ask, papers] for ask, papers in asks.items()]
        key = canonical([day, custodian, dataset_kind, requester_class, facts, covered])
        kept = self._questions.get(key)
        if kept is None:
            kept = Question.build(
                vocabulary=self.vocabulary,
                day=day,
                custodian=custodian,
                dataset_kind=dataset_kind,
                requester_class=requester_class,
                facts=facts,
                recipient=recipient_of(facts, self.vocabulary),
                asks=[
                    Ask(kind=kind, use=use, category=category, facts=papers)
                    for (kind, use, category), papers in asks.items()
                ],
            )
            self._questions.keep(key, kept)
        return kept

    async def screen(self, question: Question) -> Screen:
        """Return what may come of a question whatever the records say.

        Raises:
            Unavailable: policy-unavailable or policy-disagreement.
        """
        kept = self._screens.get(question.digest)
        if kept is not None:
            return kept
        answer = await self._panel.screen(question.canonical)
        rows = read_screen(answer, self.revision, len(question.ask_keys))
        try:
            screen = self._screening.screen(question.ask_keys, rows)
        except (KeyError, TypeError, ValueError) as error:
            raise Unavailable(Cause.POLICY_UNAVAILABLE, "odd answer") from error
        self._screens.keep(question.digest, screen)
        return screen

    async def decide(
        self, question: Question, vectors: Sequence[Vector]
    ) -> list[Decision]:
        """Return one decision for each vector, in order; engines see each once.

        Raises:
            Unavailable: policy-unavailable or policy-disagreement.
            InvalidQuestion: when a vector's facts are not of a record.
        """
        asked = question.digest
        kept = [self._decisions.get((asked, vector.canonical)) for vector in vectors]
        missing = list(
            dict.fromkeys(v for v, k in zip(vectors, kept, strict=True) if k is None)
        )
        if not missing:
            return [decision for decision in kept if decision is not None]
        made = await self._decided(question, missing)
        return [
            made[vector] if decision is None else decision
            for vector, decision in zip(vectors, kept, strict=True)
        ]

    async def problem(self, which: Which = "all", *, trial: bool = False) -> str:
        """Ask engines the bundle's conformance questions; empty if all is well.

        A wrong answer empties the memo and closes the policy, but for a trial.
        """
        return await self._panel.problem(which, trial=trial)

    def forget(self) -> None:
        """Empty the memo: an engine or its breaker gave reason to."""
        self._questions.forget()
        self._screens.forget()
        self._decisions.forget()

    def reopen(self) -> None:
        """Answer again after a disagreement that an operator has looked at."""
        self.doubt.clear()

    async def _decided(
        self, question: Question, missing: Sequence[Vector]
    ) -> dict[Vector, Decision]:
        """Ask the engines once for these vectors and remember the answers."""
        for vector in missing:
            question.check(vector, self.vocabulary)
        asked = question.with_records(missing)
        answer = await self._panel.decide(asked)
        records = read_decision(
            answer, self.revision, len(question.ask_keys), len(missing)
        )
        try:
            made = {
                vector: self._verdicts.decision(question.ask_keys, rows)
                for vector, rows in zip(missing, records, strict=True)
            }
        except (KeyError, TypeError, ValueError) as error:
            raise Unavailable(Cause.POLICY_UNAVAILABLE, "odd answer") from error
        for vector, decision in made.items():
            self._decisions.keep((question.digest, vector.canonical), decision)
        return made
