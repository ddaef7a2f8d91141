"""The invariants hold: for many questions drawn, and by proof for every question.

Drawn questions try invariants and evaluator as they are, without any formula. Proofs
of every shipped stack are kept by revision; some are looked for again here, all of
them by ``make proved``.
"""

from __future__ import annotations

import json
import random
from functools import lru_cache
from typing import Any

import pytest

from gateway.canonical import canonical
from gateway.policy import Ask, Bundle, Policy, Question, Vector
from gateway.policy.build import assemble
from gateway.policy.law import Comparison, PaperTest, ValueTest
from gateway.policy.never import Given, Invariant, Missing, read_invariants
from gateway.policy.proofs import PROOFS, unproved, with_kept_proofs
from gateway.policy.prove import proved
from gateway.policy.stacks import Stack
from gateway.policy.vocabulary import UNKNOWN, Value, Vocabulary
from tests.policies.casebook import POLICIES, library, policy, stacks_of_law

QUESTIONS = 60
"""Questions drawn for each invariant, over its stacks; at least 3 for each of them.

Each asks up to four categories of several records. All questions there are is for a
proof.
"""
RECORDS = 4

FILES = {
    path.relative_to(POLICIES).as_posix(): path.read_bytes()
    for path in sorted(POLICIES.rglob("must_never.yaml"))
}
STACKS = list(stacks_of_law())
INVARIANTS = {one.id: one for one in read_invariants(FILES, library().vocabulary)}


@pytest.mark.parametrize("name", sorted(INVARIANTS))
async def test_it_never_comes_out(name: str) -> None:
    """In every shipped stack it is about, with and without the county's overlay."""
    invariant = INVARIANTS[name]
    stacks = [stack for stack in STACKS if invariant.packs <= {*stack[0], stack[1]}]
    assert stacks
    for packs, overlay in stacks:
        law = policy(packs, overlay)
        dice = random.Random(f"{name} {packs} {overlay}")  # noqa: S311  # repeatable draws, no secret
        await _holds(invariant, law, dice, max(3, QUESTIONS // len(stacks)))


@pytest.mark.parametrize("name", sorted(INVARIANTS))
def test_an_invariant_says_itself_for_people(name: str) -> None:
    """A sentence and where it comes from."""
    assert INVARIANTS[name].says.endswith(".")
    assert INVARIANTS[name].citation


async def test_a_broken_invariant_is_seen() -> None:
    """The draw is good enough to find a sentence that is not true."""
    known = INVARIANTS["texas-detainers"]
    wrong = Invariant(**(_members(known) | {"effects": frozenset({"require"})}))
    law = policy(("us-federal", "us-tx"), None)
    dice = random.Random(1)  # noqa: S311  # repeatable draws, no secret
    with pytest.raises(AssertionError):
        await _holds(wrong, law, dice, QUESTIONS)


def _members(invariant: Invariant) -> dict[str, Any]:
    return {name: getattr(invariant, name) for name in invariant.__slots__}


AGAIN: tuple[Stack, ...] = (
    ((), None),
    (("us-federal",), "example-county"),
)
"""Stacks that are proved again here: the smallest, and one with an overlay."""


KEPT = {
    document["law"]: {**document, "file": path.stem}
    for path in sorted((POLICIES / "proofs").iterdir())
    for document in [json.loads(path.read_bytes())]
}
"""Proofs that are kept, by what the law is but for its conformance questions."""


@pytest.mark.parametrize(("packs", "overlay"), STACKS)
def test_proofs_of_every_shipped_stack_are_kept(
    packs: tuple[str, ...], overlay: str | None
) -> None:
    """So that who activates it needs no solver. Else: run ``make proofs``."""
    draft = policy(packs, overlay).bundle
    assert draft.revision in KEPT
    document = dict(KEPT[draft.revision])
    assert document.pop("file") == document["revision"]
    proofs = canonical({**document, "revision": draft.revision})
    assert unproved(Bundle(files={**draft.files, PROOFS: proofs})) == ""


def test_no_other_proofs_are_kept() -> None:
    """What is kept is of a stack that is shipped. Else: run ``make proofs``."""
    laws = {policy(packs, overlay).revision for packs, overlay in STACKS}
    assert set(KEPT) == laws


@pytest.mark.parametrize(("packs", "overlay"), AGAIN)
def test_what_is_kept_is_what_is_proved(
    packs: tuple[str, ...], overlay: str | None
) -> None:
    """Claim by claim, sentence by sentence. Else: run ``make proofs``."""
    bundle = assemble(library(), packs, overlay)
    kept = with_kept_proofs(bundle, POLICIES).document(PROOFS)
    assert proved(bundle)[0].document(PROOFS) == kept


async def _holds(
    invariant: Invariant, law: Policy, dice: random.Random, questions: int
) -> None:
    """Draw questions and fail at the first answer that must never come out."""
    for _ in range(questions):
        question, vectors = _drawn(invariant, law.vocabulary, dice)
        decisions = await law.decide(question, vectors)
        for vector, decision in zip(vectors, decisions, strict=True):
            for ask in decision.asks.values():
                found = (question.document, vector, ask)
                assert ask.effect not in invariant.effects, found
                assert ask.outcome not in invariant.outcomes, found


def _drawn(
    invariant: Invariant, vocabulary: Vocabulary, dice: random.Random
) -> tuple[Question, list[Vector]]:
    """Draw one question with some records within what the invariant is about."""
    asks = _asks(invariant.id)
    kind, use = dice.choice(sorted(asks))
    every = asks[kind, use]
    categories = dice.sample(every, min(4, len(every)))
    facts = {
        name: _value(name, vocabulary, dice)
        for name, fact in vocabulary.facts.items()
        if fact.scope == "request" and dice.random() < CHANCE_OF_FACT
    }
    facts["purpose"] = dice.choice(sorted(invariant.purposes))
    papers = _papers(vocabulary, dice)
    day = _day(invariant, dice)
    for given in invariant.given:
        _force(given, vocabulary, dice, day, (facts, {}, papers, {}))
    question = Question.build(
        vocabulary=vocabulary,
        day=day,
        custodian=dice.choice(sorted(invariant.custodians)),
        dataset_kind=dice.choice(sorted(invariant.datasets)),
        requester_class=dice.choice(sorted(invariant.requesters)),
        facts=facts,
        asks=[
            Ask(kind=kind, use=use, category=category, facts=papers)
            for category in categories
        ],
    )
    records = [
        _record(invariant, vocabulary, dice, day, categories) for _ in range(RECORDS)
    ]
    return question, records


def _record(
    invariant: Invariant,
    vocabulary: Vocabulary,
    dice: random.Random,
    day: int,
    categories: list[str],
) -> Vector:
    """Draw a record with which what is given holds."""
    facts = {
        name: _value(name, vocabulary, dice)
        for name, fact in vocabulary.facts.items()
        if fact.scope == "record"
    }
    of_category: dict[str, Value] = {}
    for given in invariant.given:
        _force(given, vocabulary, dice, day, ({}, facts, {}, of_category))
    public = {
        category: {"publicly_available": dice.random() < CHANCE_OF_FACT} | of_category
        for category in categories
    }
    return Vector(facts=facts, categories=public)


@lru_cache(maxsize=1)
def _asks(name: str) -> dict[tuple[str, str], list[str]]:
    """Return the categories that an invariant is about, by kind and use."""
    asks: dict[tuple[str, str], list[str]] = {}
    for kind, use, category in sorted(INVARIANTS[name].asks):
        asks.setdefault((kind, use), []).append(category)
    return asks


CHANCE_OF_FACT = 0.5
CHANCE_OF_PAPER = 0.15
SINCE = 2018


def _day(invariant: Invariant, dice: random.Random) -> int:
    day = dice.randint(SINCE, SINCE + 10) * 10000 + dice.randint(1, 12) * 100
    return max(day + dice.randint(1, 28), invariant.since)


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
    given: Given,
    vocabulary: Vocabulary,
    dice: random.Random,
    day: int,
    drawn: tuple[dict[str, Value], ...],
) -> None:
    """Make what is given hold in what was drawn."""
    request, record, papers, of_category = drawn
    if isinstance(given, PaperTest) and given.negated:
        for name in given.facts:
            if papers.get(name) in given.states:
                papers.pop(name)
    elif isinstance(given, PaperTest):
        papers[dice.choice(sorted(given.facts))] = dice.choice(sorted(given.states))
    else:
        known = not isinstance(given, Missing)
        value = _meeting(given, dice, day) if known else UNKNOWN
        places = {"request": request, "record": record, "record_category": of_category}
        places[vocabulary.scopes[_fact(given)]][_fact(given)] = value


def _fact(given: Given) -> str:
    assert isinstance(given, Missing | ValueTest | Comparison), given
    return given.fact


def _meeting(given: Given, dice: random.Random, day: int) -> Value:
    """Draw a value that meets a test of a fact."""
    if isinstance(given, ValueTest):
        word = dice.choice(sorted(given.values))
        return word == "true" if word in {"true", "false"} else word
    assert isinstance(given, Comparison)
    assert (given.op, given.years) == ("lt", True), f"no draw for {given}"
    past = day - given.bound * 10000
    return dice.choice([past - 1, past - 30000])
