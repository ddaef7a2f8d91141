"""What each rule said of one ask: which case decided, which failed, and on what.

Read straight from the rules by the plain evaluator, which decides nothing; what was
decided is the engine's word, and the two agree or there would be no bundle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.policy.law import Case, Condition, PaperTest, Rule
from gateway.policy.parties import parties_of
from gateway.policy.plain import Plain
from gateway.policy.plainfold import Voice
from gateway.policy.question import AskKey, Question, Vector
from gateway.policy.vocabulary import Value

__all__ = ["Asked", "Failed", "Heard", "asked_of", "hear"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One ask of a question, with every fact that counts for it."""

    key: AskKey
    question: Mapping[str, Any]
    facts: Mapping[str, Value]

    @property
    def ask(self) -> dict[str, str]:
        """Kind and use, as questions name them."""
        return {"kind": self.key[0], "use": self.key[1]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """A condition that is not true: false, or not known."""

    condition: Condition
    known: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One rule that reaches an ask: what it said, or why it was silent.

    ``failed`` holds, for each exception that did not decide, the conditions that are
    not true; ``missing`` those of the rule itself.
    """

    rule: Rule
    voice: Voice | None
    missing: tuple[Failed, ...]
    failed: tuple[tuple[Case, tuple[Failed, ...]], ...]
    lifted_by: PaperTest | None


def asked_of(question: Question, vector: Vector | None) -> list[Asked]:
    """Return every ask of a question with the facts of it and of a record."""
    document: dict[str, Any] = {**question.document}
    record = vector or Vector()
    found = []
    for ask in document["asks"]:
        for category in ask["categories"]:
            facts = {
                **document["facts"],
                **ask["facts"],
                **record.facts,
                **record.categories.get(category, {}),
            }
            key = (ask["kind"], ask["use"], category)
            found.append(Asked(key=key, question=document, facts=facts))
    return found


def hear(plain: Plain, rules: Sequence[Rule], asked: Asked) -> Iterator[Heard]:
    """Yield each rule that reaches an ask on its day, by rank and id.

    Where a recipient is named, what it says for either, each with its own facts; once
    if it says the same of both.
    """
    parties = [_as_asked_by(party, asked) for party in parties_of(asked.question)]
    for rule in rules:
        said: set[str | None] = set()
        for one in parties:
            if not _reaches(plain, rule, one):
                continue
            heard = _heard(plain, rule, one)
            came_to = None if heard.voice is None else heard.voice.case.id
            if came_to not in said:
                said.add(came_to)
                yield heard


def _as_asked_by(party: Mapping[str, Any], asked: Asked) -> Asked:
    """Return an ask as one of those who get the answer would have it asked."""
    others = asked.question["facts"].keys() - party["facts"].keys()
    facts = {name: value for name, value in asked.facts.items() if name not in others}
    return replace(asked, question=party, facts=facts)


def _reaches(plain: Plain, rule: Rule, asked: Asked) -> bool:
    question = asked.question
    return (
        question["custodian"] in rule.reach.custodians
        and question["dataset"] in rule.reach.datasets
        and question["requester"] in rule.reach.requesters
        and rule.start <= question["day"] < rule.end
        and plain.reached(rule, question, asked.ask, asked.key[2]) is not False
    )


def _heard(plain: Plain, rule: Rule, asked: Asked) -> Heard:
    question, facts = asked.question, asked.facts
    voice = plain.says(rule, question, asked.ask, asked.key[2], facts)
    lifted = next(
        (t for t in rule.lifted_by if plain.truth(t, facts, question["day"])), None
    )
    deciding = voice.case.id if voice is not None else None
    failed: list[tuple[Case, tuple[Failed, ...]]] = []
    for case in rule.cases[:-1]:
        if case.id == deciding:
            break
        failed.append((case, _failed(plain, case.when, asked)))
    return Heard(
        rule=rule,
        voice=voice,
        missing=_failed(plain, rule.when, asked),
        failed=tuple(failed),
        lifted_by=lifted,
    )


def _failed(
    plain: Plain, conditions: Sequence[Condition], asked: Asked
) -> tuple[Failed, ...]:
    day = asked.question["day"]
    truths = [(c, plain.truth(c, asked.facts, day)) for c in conditions]
    return tuple(
        Failed(condition=condition, known=truth is False)
        for condition, truth in truths
        if truth is not True
    )
