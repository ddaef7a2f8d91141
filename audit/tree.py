"""The right edge of the tree in memory: what the next entries are hashed onto."""

from __future__ import annotations

from collections.abc import Iterable

from audit.merkle import EMPTY_ROOT, HASH_SIZE, root_of
from audit.tiles import WIDTH, Tile, hashes_of

__all__ = ["Tree"]

_FULL = WIDTH * HASH_SIZE


class Tree:
    """A growing tree that keeps one unfinished tile a level."""

    def __init__(self) -> None:
        self.size = 0
        self._edges: list[bytearray] = [bytearray()]

    def add(self, leaves: Iterable[bytes]) -> list[tuple[Tile, bytes]]:
        """Add leaf hashes; return the tiles that became full, lower levels first."""
        done: list[tuple[Tile, bytes]] = []
        for leaf in leaves:
            self._edges[0] += leaf
            self.size += 1
            if len(self._edges[0]) == _FULL:
                self._carry(done)
        return done

    def _carry(self, done: list[tuple[Tile, bytes]]) -> None:
        level = 0
        while len(self._edges[level]) == _FULL:
            data = bytes(self._edges[level])
            index = (self.size >> (8 * (level + 1))) - 1
            done.append((Tile(level=level, index=index), data))
            self._edges[level].clear()
            level += 1
            if level == len(self._edges):
                self._edges.append(bytearray())
            self._edges[level] += root_of(hashes_of(data))

    def resume(self, size: int, edges: list[bytes]) -> None:
        """Begin at a size whose unfinished tiles are known, level by level."""
        self.size = size
        self._edges = [bytearray(each) for each in edges] or [bytearray()]

    def partial(self) -> list[tuple[Tile, bytes]]:
        """Return the unfinished tiles, lower levels first."""
        found: list[tuple[Tile, bytes]] = []
        for level, edge in enumerate(self._edges):
            if edge:
                index = self.size >> (8 * (level + 1))
                width = len(edge) // HASH_SIZE
                tile = Tile(level=level, index=index, width=width)
                found.append((tile, bytes(edge)))
        return found

    def root(self) -> bytes:
        """Return the root of the tree as it is."""
        below: list[bytes] = []
        for edge in self._edges:
            # The part on the right is smaller than one subtree of this level, so it
            # stands where the next subtree's hash would.
            hashes = hashes_of(bytes(edge)) + below
            below = [root_of(hashes)] if hashes else []
        return below[0] if below else EMPTY_ROOT
