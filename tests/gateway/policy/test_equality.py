"""Two engines and a second evaluator say the same of the same question."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from random import Random

import orjson
import pytest

from gateway.policy.opa import OpaServer
from gateway.policy.table import Table
from tests.gateway.policy.conftest import STACKS, Built, Opa
from tests.gateway.policy.generate import question
from tests.gateway.policy.reference import Answer, Reference

QUESTIONS_A_STACK = 550
"""Each is screened and decided: 4,400 answers of four stacks are compared."""

TOKEN = "nobody asks for it here" * 2


@pytest.mark.slow
@pytest.mark.services
@pytest.mark.parametrize(("packs", "overlay"), STACKS)
def test_two_engines_give_the_same_bytes(
    built: Callable[..., Built], opa: Opa, packs: list[str], overlay: str | None
) -> None:
    """Embedded engine and OPA agree byte for byte on generated questions.

    OPA is asked as a gateway asks it: one rule, over HTTP, through the client.
    """
    stack = built(packs, overlay)
    opa.put(stack.bundle)
    rng = Random(f"{packs}{overlay}")  # noqa: S311 - questions need not be secret

    async def ask() -> None:
        async with OpaServer(
            url=opa.url, token=TOKEN, deadline_s=60, monotonic=time.monotonic
        ) as server:
            other = server.engine(stack.bundle)
            for _ in range(QUESTIONS_A_STACK):
                asked, vectors = question(rng, stack.bundle.vocabulary, stack.rules)
                decision = asked.with_records(vectors)
                screened = await other.screen(asked.canonical)
                assert screened == stack.engine.answer(asked.canonical), asked.canonical
                assert await other.decide(decision) == stack.engine.answer(decision)

    asyncio.run(ask())


@pytest.mark.slow
@pytest.mark.parametrize(("packs", "overlay"), STACKS)
def test_the_reference_says_the_same(
    built: Callable[..., Built], packs: list[str], overlay: str | None
) -> None:
    """Effect, outcome, deciding rule and all that spoke are the plain evaluator's."""
    stack = built(packs, overlay)
    reference = Reference(stack.bundle.vocabulary, stack.rules)
    table = Table(stack.bundle.document("table/data.json"))
    rng = Random(f"reference {packs}{overlay}")  # noqa: S311 - questions need not be secret
    for _ in range(QUESTIONS_A_STACK):
        asked, vectors = question(rng, stack.bundle.vocabulary, stack.rules)
        data = asked.with_records(vectors)
        answer = orjson.loads(stack.engine.answer(data))
        document = orjson.loads(data)
        for record, decided in zip(document["records"], answer["records"], strict=True):
            expected = reference.answers(document, record)
            found = [answer_of(table, row) for row in decided["asks"]]
            assert found == expected, data


def answer_of(table: Table, row: dict[str, object]) -> Answer:
    """Return a row of an answer in the reference's words."""
    by, said = row["by"], row["said"]
    assert isinstance(by, int)
    assert isinstance(said, list)
    line = table.line(by)
    return Answer(
        effect=str(row["effect"]),
        outcome=str(row["outcome"]),
        rule=line.rule.id,
        case=line.case,
        spoke=frozenset((one.rule.id, one.case, one.says) for one in table.lines(said)),
    )


@pytest.mark.slow
@pytest.mark.parametrize(("packs", "overlay"), STACKS)
def test_what_is_decided_was_possible(
    built: Callable[..., Built], packs: list[str], overlay: str | None
) -> None:
    """Each decision is one the screen allowed, and a closed screen stays closed."""
    stack = built(packs, overlay)
    rng = Random(f"inside {packs}{overlay}")  # noqa: S311 - questions need not be secret
    for _ in range(QUESTIONS_A_STACK):
        asked, vectors = question(rng, stack.bundle.vocabulary, stack.rules)
        screen = asyncio.run(stack.policy.screen(asked))
        settled = screen.as_decision()
        for decision in asyncio.run(stack.policy.decide(asked, vectors)):
            for key, ask in decision.asks.items():
                possible = screen.asks[key]
                assert ask.outcome in possible.outcomes, asked.canonical
                assert ask.effect in {e.partition("_")[0] for e in possible.effects}
                if settled is not None:
                    assert settled.asks[key].outcome == ask.outcome
