"""A law of two rules, and the real engine with something done to its answers."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

from typing import Any

import orjson

from gateway.canonical import canonical
from gateway.policy import Bundle, Policy
from gateway.policy.embedded import EmbeddedEngine
from tests.gateway.policy.small import REVEALS, rule

CONVICTED = {"fact": "convicted", "is": True}
LAW = rule(
    "st.a",
    effect="prohibit",
    reveals=REVEALS,
    change=["agreement"],
    obligations=["log"],
    obligations_on={"permit": [{"do": "tell", "days": 3, "to": ["a"], "soon": True}]},
    unless=[
        {
            "id": "convicted",
            "when": [CONVICTED],
            "effect": "permit",
            "reason": "SEALED",
            "citation": "Law of the case",
        }
    ],
)
BAR = rule(
    "st.bar",
    layer="record_bar",
    reveals=REVEALS,
    when=[{"fact": "sealed", "is": True}],
    reason="SEALED",
)


class Scripted:
    """The real engine, with something done to its answers."""

    remote = False

    def __init__(self, engine: EmbeddedEngine, change: Any) -> None:
        self.name = "scripted"
        self.revision = engine.revision
        self.calls = 0
        self._engine = engine
        self._change = change

    async def screen(self, question: bytes) -> bytes:
        """Answer by the real engine, changed."""
        self.calls += 1
        return self._changed(await self._engine.screen(question))

    async def decide(self, question: bytes) -> bytes:
        """Answer by the real engine, changed."""
        self.calls += 1
        return self._changed(await self._engine.decide(question))

    def _changed(self, answer: bytes) -> bytes:
        changed = self._change(orjson.loads(answer))
        return changed if isinstance(changed, bytes) else canonical(changed)


def scripted(bundle: Bundle, change: Any) -> tuple[Policy, Scripted]:
    """Return a policy whose only engine is scripted."""
    engine = Scripted(EmbeddedEngine(bundle), change)
    return Policy(bundle=bundle, make_engines=lambda _: [engine]), engine
