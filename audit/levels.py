"""A whole tree by levels of 256: pure functions over lists of hashes.

Level 0 holds only the hashes of the unfinished bundle, level 1 one hash for each full
bundle, level n + 1 one for each full tile of level n.
"""

from __future__ import annotations

from collections.abc import Sequence

from audit.merkle import EMPTY_ROOT, root_of
from audit.tiles import WIDTH

__all__ = ["Level", "edges_of", "levels_above", "root_of_edges", "root_over"]

Level = list[bytes]


def levels_above(first: Sequence[bytes]) -> list[Level]:
    """Return the levels of the tree over hashes of level 1; level 0 stays empty."""
    levels: list[Level] = [[], list(first)]
    while len(levels[-1]) >= WIDTH:
        below = levels[-1]
        levels.append(
            [
                root_of(below[i : i + WIDTH])
                for i in range(0, len(below) - WIDTH + 1, WIDTH)
            ]
        )
    return levels


def edges_of(levels: Sequence[Level]) -> list[Level]:
    """Return the hashes of each level that no higher one covers."""
    return [
        list(level[len(level) // WIDTH * WIDTH :]) if place else list(level)
        for place, level in enumerate(levels)
    ]


def root_over(levels: Sequence[Level]) -> bytes:
    """Return the root of a tree whose levels are known."""
    return root_of_edges(edges_of(levels))


def root_of_edges(edges: Sequence[Level]) -> bytes:
    """Return the root over the unfinished tiles of each level."""
    below: Level = []
    for edge in edges:
        hashes = [*edge, *below]
        below = [root_of(hashes)] if hashes else []
    return below[0] if below else EMPTY_ROOT
