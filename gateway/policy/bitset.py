"""Sets of places as integers: bit ``i`` of a set is whether ``i`` is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Unions", "bits", "members", "union"]


def bits(flags: Iterable[bool]) -> int:
    """Return the set of places that are true."""
    return sum(1 << i for i, flag in enumerate(flags) if flag)


def members(chosen: int) -> Iterator[int]:
    """Yield the places of a set, smallest first."""
    while chosen:
        lowest = chosen & -chosen
        yield lowest.bit_length() - 1
        chosen ^= lowest


def union(sets: Iterable[int]) -> int:
    """Return the union of some sets."""
    found = 0
    for some in sets:
        found |= some
    return found


class Unions:
    """The unions of choices of some sets, looked up eight sets at a time."""

    def __init__(self, sets: Sequence[int]) -> None:
        """Take the sets; a choice is a set of their places."""
        self._eights: list[list[int]] = []
        for first in range(0, len(sets), 8):
            unions = [0]
            for some in sets[first : first + 8]:
                unions += [before | some for before in unions]
            self._eights.append(unions)

    def of(self, chosen: int) -> int:
        """Return the union of those that are chosen.

        Raises:
            OverflowError, IndexError: when one is chosen that is not there.
        """
        found = 0
        choices = chosen.to_bytes(len(self._eights), "little")
        for unions, choice in zip(self._eights, choices, strict=True):
            if choice:
                found |= unions[choice]
        return found
