"""What would change an answer: found by asking again with one thing changed.

Only what can be shown is tried: papers, agreements and certifications, and what the
record itself may say. Never another purpose, recipient or kind of request: that would
be advice on how to ask, not on what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from gateway.policy.decision import AskDecision
from gateway.policy.explained.heard import Asked, Heard
from gateway.policy.facade import Policy
from gateway.policy.law import (
    Comparison,
    Condition,
    Known,
    PaperTest,
    ValueTest,
)
from gateway.policy.question import CONFIRMED, Ask, AskKey, Question, Vector
from gateway.policy.vocabulary import Value, Vocabulary

__all__ = ["Change", "Otherwise", "changes_of", "otherwise"]

IN_FORCE = "in_force"
"""A value of the facts that stand for agreements and certifications."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One fact with the value it might have; a paper, a registration, or a record's."""

    fact: str
    value: Value
    of: Literal["paper", "request", "record", "record_category"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Otherwise:
    """A change, and what the ask would come to with it."""

    change: Change
    decision: AskDecision


def changes_of(
    heard: Sequence[Heard], asked: Asked, vocabulary: Vocabulary
) -> list[Change]:
    """Return what may be tried, from the conditions of the rules that reach an ask."""
    found: dict[Change, None] = {}
    for each in heard:
        rule = each.rule
        conditions = [*rule.when, *rule.lifted_by]
        conditions += [c for case in rule.cases for c in case.when]
        for condition in conditions:
            for change in _of(condition, asked, vocabulary):
                if asked.facts.get(change.fact) != change.value:
                    found[change] = None
    return [*found]


def _of(condition: Condition, asked: Asked, vocabulary: Vocabulary) -> Iterator[Change]:
    """Yield changes that would make a condition true, or false where it is negated."""
    match condition:
        case PaperTest():
            states = [s for s in vocabulary.paper_states if s in condition.states]
            best = CONFIRMED if CONFIRMED in states else states[0]
            for fact in sorted(condition.facts):
                yield Change(fact=fact, value=best, of="paper")
        case ValueTest():
            yield from _values(condition, vocabulary)
        case Comparison():
            scope = vocabulary.facts[condition.fact].scope
            if scope != "request":
                value = _meeting(condition, asked.question["day"])
                yield Change(fact=condition.fact, value=value, of=scope)
        case Known() | _:
            return


def _values(test: ValueTest, vocabulary: Vocabulary) -> Iterator[Change]:
    fact = vocabulary.facts[test.fact]
    if fact.scope == "request" and IN_FORCE not in vocabulary.code_values.get(
        test.fact, ()
    ):
        return
    values = {IN_FORCE} if fact.scope == "request" else test.values
    for value in sorted(values):
        known: Value = value == "true" if fact.type == "boolean" else value
        yield Change(fact=test.fact, value=known, of=fact.scope)
        if fact.type == "boolean":
            yield Change(fact=test.fact, value=not known, of=fact.scope)


def _meeting(test: Comparison, day: int) -> int:
    """Return a value that satisfies a comparison."""
    bound = day - 10_000 * test.bound if test.years else test.bound
    return bound + {"lt": -1, "gt": 1, "ne": 1}.get(test.op, 0)


async def otherwise(
    policy: Policy,
    question: Question,
    vector: Vector,
    key: AskKey,
    changes: Sequence[Change],
) -> list[Otherwise]:
    """Return the changes with which an ask would come to something else.

    Raises:
        Unavailable: when the engine does not answer.
    """
    (now,) = await policy.decide(question, [vector])
    found = []
    for change in changes:
        asked, record = _changed(policy.vocabulary, question, vector, key, change)
        (decision,) = await policy.decide(asked, [record])
        made = decision.asks[key]
        if made.outcome != now.asks[key].outcome:
            found.append(Otherwise(change=change, decision=made))
    return found


def _changed(
    vocabulary: Vocabulary,
    question: Question,
    vector: Vector,
    key: AskKey,
    change: Change,
) -> tuple[Question, Vector]:
    """Return question and record with one thing changed."""
    if change.of == "record":
        return question, Vector(
            facts={**vector.facts, change.fact: change.value},
            categories=vector.categories,
        )
    if change.of == "record_category":
        own = {**vector.categories.get(key[2], {}), change.fact: change.value}
        categories = {**vector.categories, key[2]: own}
        return question, Vector(facts=vector.facts, categories=categories)
    document = dict(question.document)
    asks = [
        Ask(kind=row["kind"], use=row["use"], category=category, facts=row["facts"])
        for row in document["asks"]  # type: ignore[attr-defined]  # a list of objects, as this module's own question builds it
        for category in row["categories"]
    ]
    facts: dict[str, Value] = {**document["facts"]}  # type: ignore[dict-item]  # as above
    if change.of == "request":
        facts[change.fact] = change.value
    else:
        asks = [
            replace(ask, facts={**ask.facts, change.fact: change.value})
            if (ask.kind, ask.use, ask.category) == key
            else ask
            for ask in asks
        ]
    return (
        Question.build(
            vocabulary=vocabulary,
            day=document["day"],  # type: ignore[arg-type]  # as above
            custodian=str(document["custodian"]),
            dataset_kind=str(document["dataset"]),
            requester_class=str(document["requester"]),
            facts=facts,
            asks=asks,
            recipient=str(document.get("recipient", "")),
        ),
        vector,
    )
