"""Two sides of a change of the small law, and questions to put to both."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.policy import Vector
from gateway.policy.compare.deciders import EmbeddedDecider
from gateway.policy.compare.past import Past, past_of
from gateway.policy.compare.sides import Side, built, side_of_stack
from gateway.policy.pack import load_library
from tests.gateway.policy.small import REVEALS, question, rule, vocabulary, write

__all__ = ["TRUE", "asked", "deciders", "law", "side"]

TRUE: dict[str, Any] = {"fact": "convicted", "is": True}


def law(name: str = "st.a", **members: Any) -> dict[str, Any]:
    """Return a rule that closes, but for the convicted."""
    when = members.pop("when", [TRUE])
    unless = [{"id": "c", "when": when, "effect": members.pop("then", "permit")}]
    return rule(name, **{"unless": unless, "reveals": REVEALS, **members})


def side(root: Path, *rules: dict[str, Any], **written: Any) -> Side:
    """Return a side of a pack ``st`` with these rules, built."""
    overlay = "county" if "overlay" in written else None
    made = load_library(write(root, rules={"st": rules}, **written))
    return built(side_of_stack(made, ["st"], overlay), made)


def deciders(before: Side, after: Side) -> tuple[EmbeddedDecider, EmbeddedDecider]:
    """Return who answers for each side, here."""
    return EmbeddedDecider(before.deciding), EmbeddedDecider(after.deciding)


def asked(*facts: dict[str, Any] | None, count: int = 1, **members: Any) -> list[Past]:
    """Return one question for each record; pending for None."""
    one = question(vocabulary(), **members)
    return [
        Past(
            question=past_of(one, None if f is None else Vector(facts=f)).question,
            count=count,
        )
        for f in facts
    ]
