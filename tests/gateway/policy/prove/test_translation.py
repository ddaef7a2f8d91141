"""The formula says of generated questions what both engines say.

This is what stands between a proof and a formula about some other law. The suite asks
a few hundred questions; ``make translation`` asks ten thousand.
"""

# ruff: noqa: ANN401 - answers are JSON

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

import orjson
import pytest

from gateway.policy import Question, Vector
from gateway.policy.opa import OpaServer
from gateway.policy.prove.cells import PLACES
from gateway.policy.prove.stack import Stack
from tests.gateway.policy.conftest import STACKS, Built, Opa
from tests.gateway.policy.generate import question
from tests.gateway.policy.prove.concrete import Concrete

QUESTIONS = int(os.environ.get("SALLYPORT_QUESTIONS", "160"))
"""Asked in all, of each stack its part."""


@pytest.mark.slow
@pytest.mark.services
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize(("packs", "overlay"), STACKS)
async def test_formula_and_engines_say_the_same(
    built: Callable[..., Built], opa: Opa, packs: list[str], overlay: str | None
) -> None:
    """What decides, and what a screen allows: OPA, regorus and the formula agree."""
    stack = built(packs, overlay)
    opa.put(stack.bundle)
    formula = Concrete(Stack(stack.bundle))
    dice = Random(f"formula {packs}{overlay}")  # noqa: S311 - repeatable draws, no secret
    async with OpaServer(
        url=opa.url, token=TOKEN, deadline_s=60, monotonic=time.monotonic
    ) as server:
        other = server.engine(stack.bundle)
        for _ in range(QUESTIONS // len(STACKS)):
            words = stack.bundle.vocabulary
            asked, drawn = question(dice, words, stack.rules, sent_on=False)
            vectors = [v for v in drawn if all(map(in_calendar, days_of(v)))]
            decision = asked.with_records(vectors)
            decided = stack.engine.answer(decision)
            screened = stack.engine.answer(asked.canonical)
            assert await other.decide(decision) == decided, decision
            assert await other.screen(asked.canonical) == screened, asked.canonical
            said = list(engines_say(orjson.loads(decided), orjson.loads(screened)))
            assert said == list(formula_says(formula, asked, vectors)), asked.canonical


TOKEN = "nobody asks for it here" * 2


def days_of(vector: Vector) -> Iterator[int]:
    """Yield the numbers of a record that could be days."""
    for value in vector.facts.values():
        if isinstance(value, int) and value > YEAR:
            yield value


YEAR = 1_0000


def in_calendar(day: int) -> bool:
    """Tell whether a day is one of the calendar; draws beside a bound may not be."""
    try:
        dt.date(day // YEAR, day // 100 % 100, day % 100)
    except ValueError:
        return False
    return True


def engines_say(decided: Any, screened: Any) -> Iterator[tuple[set[int], set[int]]]:
    """Yield, for each record and ask, the cell that decides and those allowed."""
    allowed = [
        {number // PLACES for number in row.get("may", [row.get("by")])}
        for row in screened["asks"]
    ]
    for record in decided["records"]:
        for row, possible in zip(record["asks"], allowed, strict=True):
            yield {row["by"] // PLACES}, possible


def formula_says(
    formula: Concrete, asked: Question, vectors: list[Vector]
) -> Iterator[tuple[set[int], set[int]]]:
    """Yield the same of the formula."""
    document: Mapping[str, Any] = orjson.loads(asked.canonical)
    for vector in vectors:
        for group in document["asks"]:
            for category in group["categories"]:
                facts = {
                    **document["facts"],
                    **group["facts"],
                    **vector.facts,
                    **vector.categories.get(category, {}),
                }
                ask = (group["kind"], group["use"], category)
                yield formula.cells(document, ask, facts)
