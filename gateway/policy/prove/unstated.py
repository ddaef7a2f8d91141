"""What is false where nobody states a fact, held against the tables that say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gateway.policy.bitset import union
from gateway.policy.prove.bits import Bits
from gateway.policy.vocabulary import UNKNOWN, Vocabulary

__all__ = [
    "SCOPES",
    "Comparing",
    "Unstated",
    "default_kills",
    "unstated_number",
    "unstated_wrong",
]

SCOPES = ("request", "record", "record_category")


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparing:
    """A comparison, and the clauses that each truth of it makes false."""

    fact: str
    op: str
    bound: int
    years: bool
    dead: Mapping[str, int]


Unstated: TypeAlias = Mapping[str, Mapping[str, tuple[int, int]]]
"""Scope -> fact -> what it kills unstated, in older bundles and in others.

In bundles built before, a number that is unknown is compared all the same.
"""


def default_kills(
    vocabulary: Vocabulary,
    values: Mapping[str, Mapping[str, int]],
    comparisons: Mapping[str, Comparing],
) -> Unstated:
    """Return what each fact kills where nobody states it, by the vocabulary's defaults.

    Args:
        vocabulary: the bundle's.
        values: fact -> value -> what it kills.
        comparisons: those of numbers, each with what its truths kill.
    """
    older = {
        fact: kills.get(_word(vocabulary.defaults[fact]), 0)
        for fact, kills in values.items()
    }
    newer = dict(older)
    for test in comparisons.values():
        if vocabulary.defaults[test.fact] == UNKNOWN:
            newer[test.fact] = newer.get(test.fact, 0) | test.dead["unknown"]
    return {
        scope: {
            fact: (older.get(fact, 0), newer[fact])
            for fact in sorted(newer)
            if vocabulary.scopes[fact] == scope
        }
        for scope in SCOPES
    }


def unstated_wrong(
    tests: Mapping[str, Any], kills: Unstated, here: int, bits: Bits
) -> Iterator[str]:
    """Yield each fact whose being unstated kills others of these clauses than it does.

    And each that stands among the facts of another scope; and what is false of a
    category of which nothing is stated.
    """
    new = "bare" in tests
    for scope in SCOPES:
        said, own = tests[scope], kills[scope]
        for fact in sorted({*said, *(f for f in own if own[f][new] & here)}):
            expected = own[fact][new] & here if fact in own else None
            if bits.of(said.get(fact, NOTHING)) != expected:
                yield f"{fact} kills other clauses when unstated"
    if new:
        bare = union(bits.of(dead) for dead in tests["record_category"].values())
        if bits.of(tests["bare"]) != bare:
            yield "a category of which nothing is stated kills other clauses"


def unstated_number(tests: Mapping[str, Any], default: object) -> object:
    """Return how tests write what a number is where nobody states it."""
    return "" if "bare" in tests and default == UNKNOWN else default


NOTHING: Mapping[str, Any] = {}


def _word(default: object) -> str:
    """Return a default as tables write it."""
    if isinstance(default, bool):
        return str(default).lower()
    return default if isinstance(default, str) else "*"
