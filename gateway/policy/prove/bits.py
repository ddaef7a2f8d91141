"""Sets of a bundle's clauses as integers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.policy.bitset import union

__all__ = ["Bits"]


class Bits:
    """Sets of clauses as integers, one bit a clause."""

    def __init__(self, numbers: Iterable[int]) -> None:
        """Take the numbers of all clauses."""
        self.numbers = tuple(sorted(numbers))
        self._bit = {str(number): 1 << i for i, number in enumerate(self.numbers)}
        self._sets: dict[int, int] = {}

    def of(self, table: Mapping[str, Any]) -> int:
        """Return the set that a table's keys are; the silence is no clause."""
        key = id(table)  # tables of the bundle's data, which outlives this
        if key not in self._sets:
            self._sets[key] = union(self._bit.get(number, 0) for number in table)
        return self._sets[key]

    def bit(self, number: int) -> int:
        """Return the set of one clause."""
        return self._bit[str(number)]

    def members(self, some: int) -> Iterator[int]:
        """Yield the numbers of a set, the smallest first."""
        while some:
            lowest = some & -some
            yield self.numbers[lowest.bit_length() - 1]
            some ^= lowest
