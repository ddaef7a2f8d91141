"""Which conditions clauses test, what a value makes of one, and how each is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, TypeGuard

import orjson

from gateway.policy.clauses import Clause
from gateway.policy.law import Condition, Known, ValueTest
from gateway.policy.vocabulary import UNKNOWN

__all__ = ["Shared", "Tested", "asks", "holds", "is_value", "order_of", "tested_by"]

Tested: TypeAlias = tuple[Condition, tuple[int, int]]
"""A condition with the clauses that want it: strictly, or open."""


class Shared:
    """Keeps each distinct table once, under a name that nodes point to."""

    def __init__(self) -> None:
        self.tables: dict[str, object] = {}
        self._names: dict[bytes, str] = {}

    def name(self, table: object) -> str:
        """Return the name of a table with this content."""
        data = orjson.dumps(table, option=orjson.OPT_SORT_KEYS)
        if data not in self._names:
            self._names[data] = name = f"s{len(self._names)}"
            self.tables[name] = table
        return self._names[data]


def tested_by(clauses: Sequence[Clause]) -> dict[Condition, tuple[int, int]]:
    """Return each condition with the clauses that want it: strictly, or open."""
    found: dict[Condition, tuple[int, int]] = {}
    for i, clause in enumerate(clauses):
        for condition, is_open in clause.parts:
            strict, open_ = found.get(condition, (0, 0))
            one = 1 << i
            found[condition] = (
                (strict, open_ | one) if is_open else (strict | one, open_)
            )
    return found


def is_value(test: Condition) -> TypeGuard[ValueTest | Known]:
    """Tell whether a condition looks at a fact's value in a list, or if it is known."""
    return isinstance(test, ValueTest | Known)


def asks(test: Condition, fact: str) -> bool:
    """Tell whether a condition looks so at one fact."""
    return is_value(test) and test.fact == fact


def holds(test: Condition, value: str, open_: bool) -> bool:  # noqa: FBT001  # the mode of one condition, not an option
    """Tell whether a value satisfies a condition; what is unknown, an open one."""
    if value == UNKNOWN:
        return open_
    return not isinstance(test, ValueTest) or value in test.values


def order_of(condition: object) -> str:
    """Return text that orders conditions, whatever order their sets are in."""
    parts = {}
    for name in condition.__slots__:  # type: ignore[attr-defined]  # slotted dataclasses
        value = getattr(condition, name)
        parts[name] = sorted(value) if isinstance(value, frozenset) else value
    return f"{type(condition).__name__}{parts}"
