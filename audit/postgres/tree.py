"""The tree's tiles in the database: reading its edge, and its root at any size."""

from __future__ import annotations

from collections.abc import Sequence

from audit.errors import LogDamaged
from audit.merkle import HASH_SIZE
from audit.postgres.server import Session
from audit.tiles import WIDTH, Tile
from audit.tree import Tree

__all__ = ["BATCHES", "root_at", "tree_at", "write_tiles"]

BATCHES = (
    "SELECT first, hashes FROM sallyport_log.seq WHERE first >= %s"
    " ORDER BY first LIMIT %s"
)
"""Some batches that are not in the tree yet, in order."""

_EDGES = (
    "SELECT w.level, t.hashes FROM unnest(%b::integer[], %b::bigint[])"
    " AS w (level, place) JOIN sallyport_log.tile t USING (level, place)"
)
_WRITE = (
    "INSERT INTO sallyport_log.tile AS t (level, place, hashes)"
    " SELECT * FROM unnest(%b::integer[], %b::bigint[], %b::bytea[])"
    " ON CONFLICT (level, place) DO UPDATE SET hashes = excluded.hashes"
)


def tree_at(session: Session, size: int) -> Tree:
    """Return the tree as it was at a size, from the tiles at its edge.

    Raises:
        LogDamaged: a tile is missing, or narrower than it was.
    """
    wanted = _edge(size)
    found: dict[int, bytes] = {}
    if wanted:
        places = ([level for level, _, _ in wanted], [at for _, at, _ in wanted])
        found = dict(session.execute(_EDGES, places, binary=True).fetchall())
    edges: list[bytes] = []
    for level, place, width in wanted:
        hashes = found.get(level, b"")[: width * HASH_SIZE]
        if len(hashes) != width * HASH_SIZE:
            tile = Tile(level=level, index=place, width=width)
            raise LogDamaged(f"{tile.path} is missing")
        while len(edges) < level:
            edges.append(b"")
        edges.append(hashes)
    tree = Tree()
    tree.resume(size, edges)
    return tree


def _edge(size: int) -> list[tuple[int, int, int]]:
    """Return level, place and width of each tile that is not full at a size."""
    found: list[tuple[int, int, int]] = []
    level = 0
    while here := size >> (8 * level):
        if here % WIDTH:
            found.append((level, here // WIDTH, here % WIDTH))
        level += 1
    return found


def root_at(session: Session, size: int) -> bytes:
    """Return the root of the first ``size`` entries; ``LogDamaged`` as above."""
    return tree_at(session, size).root()


def write_tiles(session: Session, tiles: Sequence[tuple[Tile, bytes]]) -> None:
    """Store tiles, new ones or wider ones; the database refuses others."""
    columns = (
        [tile.level for tile, _ in tiles],
        [tile.index for tile, _ in tiles],
        [data for _, data in tiles],
    )
    session.execute(_WRITE, columns)
