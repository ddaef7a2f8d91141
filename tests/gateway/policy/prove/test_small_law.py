"""Over a small law with every kind of test, formula and engine always agree."""

from __future__ import annotations

from pathlib import Path
from random import Random

import orjson

from gateway.policy import Ask, Bundle, Question, Vector, Vocabulary
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.prove.stack import Stack
from gateway.policy.vocabulary import UNKNOWN, Value
from tests.gateway.policy.prove.concrete import Concrete
from tests.gateway.policy.prove.laws import EVERY_TEST, OVERLAY, bundle_of
from tests.gateway.policy.prove.test_translation import engines_say, formula_says

QUESTIONS = 300
DAYS = (20191231, 20200101, 20251231, 20260101, 20260115, 20260630, 20260701)
"""Days of questions, about the days on which the law changes."""
VALIDATED = (
    *(19991231, 20000101, 20191231, 20200101, 20260109, 20260110, 20260115),
    *(20150114, 20150115, 20200115, 20210114, 20210115, 20210116, 20260701, 20300101),
)
"""Days of a record, about the bounds: constant, years back, and still to come."""


def test_formula_and_engine_say_the_same(tmp_path: Path) -> None:
    """Words, numbers, days, papers, eras: drawn evenly, near every bound."""
    agree(bundle_of(tmp_path, *EVERY_TEST, overlay=OVERLAY))


def test_what_no_number_reaches_is_beyond_them_all(tmp_path: Path) -> None:
    """A level is 3 at most: none is 10, though ten ends in the bits of two."""
    bundle = bundle_of(tmp_path, *EVERY_TEST, overlay=OVERLAY)
    text = bundle.files["compiled/data.json"]
    beyond = text.replace(b'"bound":2,"fact":"level"', b'"bound":10,"fact":"level"')
    assert beyond != text
    agree(Bundle(files={**bundle.files, "compiled/data.json": beyond}))


def agree(bundle: Bundle) -> None:
    """Ask the formula and the engine."""
    formula, engine = Concrete(Stack(bundle)), EmbeddedEngine(bundle)
    dice = Random(7)  # noqa: S311 - repeatable draws, no secret
    for _ in range(QUESTIONS):
        asked, vector = drawn(bundle.vocabulary, dice)
        decided = orjson.loads(engine.answer(asked.with_records([vector])))
        screened = orjson.loads(engine.answer(asked.canonical))
        said = list(engines_say(decided, screened))
        assert said == list(formula_says(formula, asked, [vector])), (
            asked.canonical,
            vector.canonical,
        )


def drawn(known: Vocabulary, dice: Random) -> tuple[Question, Vector]:
    """Draw one question and its record, of any words and values."""
    facts = {
        fact: value
        for fact in known.facts
        if (value := valued(known, dice, fact)) != UNKNOWN
    }
    kind, use = dice.choice(sorted(known.asked))
    category = dice.choice(sorted(known.asked[kind, use]))
    papers: dict[str, Value] = {
        fact: dice.choice(known.paper_states)
        for fact in sorted(known.paper_facts)
        if dice.random() < CHANCE_OF_PAPER
    }
    question = Question.build(
        vocabulary=known,
        day=dice.choice(DAYS),
        custodian=dice.choice(sorted(known.custodian_types)),
        dataset_kind=dice.choice(sorted(known.datasets)),
        requester_class=dice.choice(sorted(known.requester_classes)),
        facts=of("request", facts, known),
        asks=[Ask(kind=kind, use=use, category=category, facts=papers)],
    )
    own = of("record_category", facts, known)
    return question, Vector(
        facts=of("record", facts, known), categories={category: own}
    )


CHANCE_OF_PAPER = 0.4
CHANCE_OF_UNKNOWN = 0.25


def valued(known: Vocabulary, dice: Random, fact: str) -> Value:
    """Draw a value of a fact, or that it is unknown."""
    if dice.random() < CHANCE_OF_UNKNOWN:
        return UNKNOWN
    types = known.facts[fact]
    match types.type:
        case "boolean":
            return dice.random() < 1 / 2
        case "integer":
            return dice.randint(0, types.max or 0)
        case "day":
            return dice.choice(VALIDATED)
        case "code":
            return dice.choice(sorted(known.code_values[fact]))


def of(scope: str, facts: dict[str, Value], known: Vocabulary) -> dict[str, Value]:
    """Return the facts of a scope."""
    return {fact: v for fact, v in facts.items() if known.scopes[fact] == scope}
