"""The invariants hold for many questions drawn within what each is about."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from gateway.policy import Ask, Policy, Question, Vector
from gateway.policy.rules import ConditionText
from gateway.policy.vocabulary import UNKNOWN, Value, Vocabulary, paper_fact
from gateway.yamlfile import read_model
from tests.policies.casebook import POLICIES, policy, stacks_of_law

QUESTIONS = 240
"""Questions drawn for each invariant, over its stacks; at least 8 for each of them.

Each asks up to four categories. All questions there are is for a proof.
"""

Words = list[str] | None


class Strict(BaseModel):
    """Closed and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Days(Strict):
    """Days on which the invariant holds."""

    from_: Annotated[str, Field(alias="from")]


class Where(Strict):
    """What an invariant is about; a dimension left out is any."""

    requesters: Words = None
    not_requesters: Words = None
    families: Words = None
    custodians: Words = None
    purposes: Words = None
    kinds: Words = None
    datasets: Words = None
    categories: Words = None
    not_categories: Words = None
    use: list[Literal["release", "match"]] = ["release"]
    days: Days | None = None


class Never(Strict):
    """What may not come out."""

    effects: list[Literal["prohibit", "review", "require", "permit"]] = []
    outcomes: list[Literal["release", "withhold", "wait"]] = []


class Invariant(Strict):
    """One sentence, and the same in words of the vocabulary."""

    id: str
    says: str
    citation: str
    packs: list[str]
    where: Where
    given: list[ConditionText] = []
    never: Never


class Invariants(Strict):
    """The file."""

    schema_: Literal["sallyport.must_never/1"] = Field(alias="schema")
    invariants: list[Invariant]


INVARIANTS = {
    one.id: one
    for one in read_model(POLICIES / "must_never.yaml", Invariants).invariants
}


@pytest.mark.parametrize("name", sorted(INVARIANTS))
async def test_it_never_comes_out(name: str) -> None:
    """In every shipped stack it is about, with and without the county's overlay."""
    invariant = INVARIANTS[name]
    stacks = [
        (packs, overlay)
        for packs, overlay in stacks_of_law()
        if set(invariant.packs) <= set(packs)
    ]
    assert stacks
    for packs, overlay in stacks:
        law = policy(packs, overlay)
        dice = random.Random(f"{name} {packs} {overlay}")  # noqa: S311  # repeatable draws, no secret
        await _holds(invariant, law, dice, max(8, QUESTIONS // len(stacks)))


@pytest.mark.parametrize("name", sorted(INVARIANTS))
def test_an_invariant_says_itself_for_people(name: str) -> None:
    """A sentence and where it comes from."""
    assert INVARIANTS[name].says.endswith(".")
    assert INVARIANTS[name].citation


async def test_a_broken_invariant_is_seen() -> None:
    """The draw is good enough to find a sentence that is not true."""
    wrong = INVARIANTS["texas-detainers"].model_copy(
        update={"never": Never(effects=["require"])}
    )
    law = policy(("us-federal", "us-tx"), None)
    dice = random.Random(1)  # noqa: S311  # repeatable draws, no secret
    with pytest.raises(AssertionError):
        await _holds(wrong, law, dice, QUESTIONS)


async def _holds(
    invariant: Invariant, law: Policy, dice: random.Random, questions: int
) -> None:
    """Draw questions and fail at the first answer that must never come out."""
    for _ in range(questions):
        question, vector = _drawn(invariant, law.vocabulary, dice)
        (decision,) = await law.decide(question, [vector])
        for ask in decision.asks.values():
            found = (question.document, vector, ask)
            assert ask.effect not in invariant.never.effects, found
            assert ask.outcome not in invariant.never.outcomes, found


def _drawn(
    invariant: Invariant, vocabulary: Vocabulary, dice: random.Random
) -> tuple[Question, Vector]:
    """Draw one question with one record within what the invariant is about."""
    where = invariant.where
    kind = dice.choice(where.kinds or list(vocabulary.kinds))
    own = vocabulary.category_of_kind(kind)
    use = dice.choice(where.use)
    fields = where.categories or sorted(
        set(vocabulary.categories)
        - vocabulary.kind_categories
        - set(where.not_categories or [])
        - {"record_exists"}
    )
    categories = dice.sample(fields, min(4, len(fields)))
    if own and use == "release":
        categories = [own]
    facts = {
        name: _value(name, vocabulary, dice)
        for name, fact in vocabulary.facts.items()
        if fact.scope == "request" and dice.random() < CHANCE_OF_FACT
    }
    facts["purpose"] = dice.choice(where.purposes or list(vocabulary.purposes))
    record = {
        name: _value(name, vocabulary, dice)
        for name, fact in vocabulary.facts.items()
        if fact.scope == "record"
    }
    papers = _papers(vocabulary, dice)
    day = _day(where, dice)
    for condition in invariant.given:
        _force(condition, vocabulary, dice, day, (facts, record, papers))
    question = Question.build(
        vocabulary=vocabulary,
        day=day,
        custodian=dice.choice(where.custodians or list(vocabulary.custodian_types)),
        dataset_kind=dice.choice(where.datasets or list(vocabulary.datasets)),
        requester_class=dice.choice(_requesters(where, vocabulary)),
        facts=facts,
        asks=[
            Ask(kind=kind, use=use, category=category, facts=papers)
            for category in categories
        ],
    )
    public = {
        category: {"publicly_available": dice.random() < CHANCE_OF_FACT}
        for category in categories
    }
    return question, Vector(facts=record, categories=public)


CHANCE_OF_FACT = 0.5
CHANCE_OF_PAPER = 0.15
SINCE = 2018


def _requesters(where: Where, vocabulary: Vocabulary) -> list[str]:
    if where.requesters is not None:
        return where.requesters
    return [
        name
        for name, who in vocabulary.requester_classes.items()
        if name not in (where.not_requesters or [])
        and (where.families is None or who.family in where.families)
    ]


def _day(where: Where, dice: random.Random) -> int:
    day = dice.randint(SINCE, SINCE + 10) * 10000 + dice.randint(1, 12) * 100
    day += dice.randint(1, 28)
    return day if where.days is None else max(day, _number(where.days.from_))


def _number(text: str) -> int:
    return int(text.replace("-", ""))


def _value(name: str, vocabulary: Vocabulary, dice: random.Random) -> Value:
    fact = vocabulary.facts[name]
    match fact.type:
        case "boolean":
            return dice.choice([True, False])
        case "code":
            return dice.choice(sorted(vocabulary.code_values[name]))
        case "integer":
            return dice.randint(0, 3)
        case "day":
            return (
                dice.randint(SINCE - 8, SINCE + 8) * 10000
                + dice.randint(1, 12) * 100
                + 15
            )


def _papers(vocabulary: Vocabulary, dice: random.Random) -> dict[str, Value]:
    return {
        name: dice.choice([s for s in vocabulary.paper_states if s != "absent"])
        for name in sorted(vocabulary.paper_facts)
        if dice.random() < CHANCE_OF_PAPER
    }


def _force(
    condition: ConditionText,
    vocabulary: Vocabulary,
    dice: random.Random,
    day: int,
    drawn: tuple[dict[str, Value], dict[str, Value], dict[str, Value]],
) -> None:
    """Make a condition hold in what was drawn."""
    request, record, papers = drawn
    if condition.no_paper is not None:
        states = _states(condition, vocabulary)
        for name in _facts_of(condition.no_paper, vocabulary):
            if papers.get(name) in states:
                papers.pop(name)
        return
    if condition.paper is not None:
        name = dice.choice(_facts_of(condition.paper, vocabulary))
        papers[name] = dice.choice(_states(condition, vocabulary))
        return
    name = condition.fact or ""
    facts = request if vocabulary.facts[name].scope == "request" else record
    if condition.is_ is not None:
        facts[name] = condition.is_
    elif condition.in_ is not None:
        facts[name] = dice.choice(condition.in_)
    elif condition.before_years is not None:
        past = day - condition.before_years * 10000
        days: list[Value] = [UNKNOWN, past - 1, past - 30000]
        facts[name] = dice.choice(days)
    else:
        pytest.fail(f"no draw for {condition}")


def _facts_of(codes: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    return [
        paper_fact(code, signer)
        for code in codes
        for signer in vocabulary.instruments[code].signers
    ]


def _states(condition: ConditionText, vocabulary: Vocabulary) -> list[str]:
    named = condition.state
    words = [named] if isinstance(named, str) else named or []
    return [
        state for word in words for state in vocabulary.paper_groups.get(word, [word])
    ]
