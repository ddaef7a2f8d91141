"""Policy as the exchange sees it: screen a question, decide its records, remember."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from gateway.canonical import canonical
from gateway.errors import Cause, Unavailable
from gateway.policy.bundle import Bundle
from gateway.policy.conformance import conform
from gateway.policy.decision import Decision, Verdicts
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.engine import Engine, read_decision, read_screen
from gateway.policy.memo import Memo
from gateway.policy.question import Ask, AskKey, Question, Vector
from gateway.policy.screen import Screen, Screens
from gateway.policy.table import RuleRef, Table
from gateway.policy.vocabulary import Value, Vocabulary

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


class _InForce:
    """A bundle with its engines and its words."""

    def __init__(self, bundle: Bundle, engines: Sequence[Engine]) -> None:
        self.bundle = bundle
        self.engines = tuple(engines)
        self.revision = bundle.revision
        self.vocabulary = bundle.vocabulary
        self.table = Table(bundle.document("table/data.json"))
        self.verdicts = Verdicts(table=self.table, revision=self.revision)
        self.screens = Screens(
            table=self.table, verdicts=self.verdicts, revision=self.revision
        )


class Policy:
    """The policy in force; one a process, used on the event loop's thread.

    Every engine is asked, and an answer is believed only if all give the same bytes.
    After a disagreement nothing is answered until :meth:`reopen` or :meth:`swap`.
    """

    def __init__(
        self, *, bundle: Bundle, make_engines: MakeEngines = embedded_only
    ) -> None:
        """Put a bundle in force.

        Raises:
            Unavailable: when no engine takes the bundle.
        """
        self._make_engines = make_engines
        self._now = _InForce(bundle, make_engines(bundle))
        self._questions: Memo[bytes, Question] = Memo(most=MOST_QUESTIONS)
        self._screens: Memo[str, Screen] = Memo(most=MOST_SCREENS)
        self._decisions: Memo[tuple[str, bytes], Decision] = Memo(most=MOST_DECISIONS)
        self._disagreed = False

    @property
    def revision(self) -> str:
        """The revision in force."""
        return self._now.revision

    @property
    def vocabulary(self) -> Vocabulary:
        """The closed lists in force."""
        return self._now.vocabulary

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines whose agreement an answer has."""
        return tuple(engine.name for engine in self._now.engines)

    @property
    def bundle(self) -> Bundle:
        """The bundle in force."""
        return self._now.bundle

    def rule(self, rule: str) -> RuleRef:
        """Return a rule of the bundle by id; KeyError where there is none."""
        return self._now.table.rules[rule]

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
        """Return the question in the words in force; equal words are checked once.

        ``asks`` maps each ask to the facts of the papers that cover it; the rest is
        as :meth:`Question.build` takes it.

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
        now = self._now
        answer = self._agreed(
            [await engine.screen(question.canonical) for engine in self._open(now)]
        )
        rows = read_screen(answer, now.revision, len(question.ask_keys))
        try:
            screen = now.screens.screen(question.ask_keys, rows)
        except (KeyError, TypeError, ValueError) as error:
            raise Unavailable(Cause.POLICY_UNAVAILABLE, "odd answer") from error
        if now is self._now:
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

    async def conform(self) -> bool:
        """Ask every engine the bundle's conformance questions.

        A wrong answer empties the memo and closes the policy.
        """
        for engine in self._now.engines:
            if not await conform(engine, self._now.bundle):
                self.forget()
                self._disagreed = True
                return False
        return True

    def swap(self, bundle: Bundle) -> None:
        """Put another bundle in force; the old one stays if it is not taken.

        Raises:
            Unavailable: when no engine takes the bundle.
        """
        self._now = _InForce(bundle, self._make_engines(bundle))
        self.reopen()

    def forget(self) -> None:
        """Empty the memo: an engine or its breaker gave reason to."""
        self._questions.forget()
        self._screens.forget()
        self._decisions.forget()

    def reopen(self) -> None:
        """Answer again after a disagreement that an operator has looked at."""
        self.forget()
        self._disagreed = False

    async def _decided(
        self, question: Question, missing: Sequence[Vector]
    ) -> dict[Vector, Decision]:
        """Ask the engines once for these vectors and remember the answers."""
        now = self._now
        for vector in missing:
            question.check(vector, now.vocabulary)
        asked = question.with_records(missing)
        answer = self._agreed(
            [await engine.decide(asked) for engine in self._open(now)]
        )
        records = read_decision(
            answer, now.revision, len(question.ask_keys), len(missing)
        )
        try:
            made = {
                vector: now.verdicts.decision(question.ask_keys, rows)
                for vector, rows in zip(missing, records, strict=True)
            }
        except (KeyError, TypeError, ValueError) as error:
            raise Unavailable(Cause.POLICY_UNAVAILABLE, "odd answer") from error
        if now is self._now:
            for vector, decision in made.items():
                self._decisions.keep((question.digest, vector.canonical), decision)
        return made

    def _open(self, now: _InForce) -> tuple[Engine, ...]:
        if self._disagreed:
            raise Unavailable(Cause.POLICY_DISAGREEMENT, "closed until looked at")
        return now.engines

    def _agreed(self, answers: Sequence[bytes]) -> bytes:
        if len(set(answers)) != 1:
            self.forget()
            self._disagreed = True
            raise Unavailable(Cause.POLICY_DISAGREEMENT, "two engines, two answers")
        return answers[0]
