"""The hashes of a tree as its signed root says they must be.

The stored tiles are believed from the root downwards, as far as they hash to it. Where
one does not, what lies below it is asked instead, and believed if that hashes to it.
So who needs a part of a tree reads that part and no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product

from audit.b64 import b64encode
from audit.bundles import Bundle, Unread, read_bundle, stored_hashes
from audit.finding import Finding, Kind, first_of
from audit.merkle import EMPTY_ROOT, HASH_SIZE, joined_root, subtree_hash
from audit.reading import Source
from audit.tiles import WIDTH, Tile

__all__ = ["Believed", "tile_findings"]

_BITS = 8
_KEPT = 64
"""Tiles held in memory; each has 8 KiB."""
_MOST_MISSING = 1000
"""Bundles found missing after which nothing more is made from entries."""
_NOTHING = bytes(HASH_SIZE)


class Believed:
    """What a signed root vouches for. Reads when asked."""

    def __init__(self, source: Source, *, size: int, root: bytes) -> None:
        self._source = source
        self._size = size
        self._root = root
        self._missing = 0
        self.unread: list[Unread] = []
        """Files without which some of it can't be told."""
        self._made_edges: Sequence[bytes] = ()
        self._edges = self._find_edges()
        self._cached = lru_cache(maxsize=_KEPT)(self._tile)

    def tile(self, level: int, index: int) -> bytes | None:
        """Return the hashes of a tile; none where nothing there leads to the root."""
        return self._cached(level, index)

    def node(self, level: int, index: int) -> bytes | None:
        """Return one hash of a level: of a complete subtree of 256^level entries."""
        tile = self.tile(level, index // WIDTH)
        at = index % WIDTH * HASH_SIZE
        return None if tile is None else tile[at : at + HASH_SIZE]

    def holds(self, bundle: Bundle) -> bool:
        """Whether the entries of a bundle are those that were signed."""
        if bundle.width < WIDTH:
            return self.tile(0, bundle.index) == bundle.hashes
        return self.node(1, bundle.index) == joined_root(bundle.hashes)

    def root_at(self, size: int) -> bytes | None:
        """Return the root of the first ``size`` entries; none if it can't be told."""
        if size == 0:
            return EMPTY_ROOT
        try:
            return subtree_hash(0, size, self.subtree)
        except LookupError:
            return None

    def subtree(self, level: int, index: int) -> bytes:
        """Return the hash of the complete subtree with 2^level entries."""
        count = 1 << (level % _BITS)
        first = index * count
        tile = self.tile(level // _BITS, first // WIDTH)
        if tile is None:
            raise LookupError
        at = first % WIDTH * HASH_SIZE
        return joined_root(tile[at : at + count * HASH_SIZE])

    # --- how they are found ---------------------------------------------------

    def _tile(self, level: int, index: int) -> bytes | None:
        if index == (self._size >> (_BITS * level)) // WIDTH:
            return None if self._edges is None else self._edges[level]
        right = self.node(level + 1, index)
        if right is None:
            return None
        stored, _ = stored_hashes(self._source, Tile(level=level, index=index))
        if stored and joined_root(stored) == right:
            return stored
        made = self._made(level, index, WIDTH, stored)
        return made if joined_root(made) == right else None

    def _edge_tiles(self) -> Iterator[Tile | None]:
        """Yield the unfinished tile of each level; none where a level has none."""
        level = 0
        while here := self._size >> (_BITS * level):
            index, width = divmod(here, WIDTH)
            yield Tile(level=level, index=index, width=width) if width else None
            level += 1

    def _find_edges(self) -> Sequence[bytes] | None:
        """Return the edge of each level that leads to the root, stored or made."""
        tiles = [*self._edge_tiles()]
        stored = [
            stored_hashes(self._source, tile)[0] if tile else b"" for tile in tiles
        ]
        if _root_of_edges(stored) == self._root:
            return stored
        choices = [
            self._choices(tile, there) if tile else [b""]
            for tile, there in zip(tiles, stored, strict=True)
        ]
        # A tree of 2^40 entries has six levels: at most 64 ways.
        for edges in product(*choices):
            if _root_of_edges(edges) == self._root:
                return edges
        self._made_edges = [each[-1] for each in choices]
        return None

    def _choices(self, tile: Tile, stored: bytes) -> list[bytes]:
        made = self._made(tile.level, tile.index, tile.width, stored)
        return [stored, made] if stored else [made]

    def _made(self, level: int, index: int, width: int, stored: bytes) -> bytes:
        """Return what lies below a tile makes of it.

        ``stored`` is what is there instead: a place where it agrees with what lies
        right below needs no second look.
        """
        if level == 0:
            bundle = read_bundle(self._source, index, self._size)
            self._missing += not bundle.ends
            if isinstance(bundle.fault, Unread) and not stored:
                self.unread.append(bundle.fault)
            return bundle.hashes
        places = range(0, width * HASH_SIZE, HASH_SIZE)
        return b"".join(
            self._below(level - 1, index * WIDTH + place, stored[at : at + HASH_SIZE])
            for place, at in enumerate(places)
        )

    def _below(self, level: int, index: int, above: bytes) -> bytes:
        """Return the root of a full tile that two of three witnesses agree on.

        They are the tile itself, what lies below it, and the hash above.
        """
        if self._missing > _MOST_MISSING:
            return _NOTHING
        tile, _ = stored_hashes(self._source, Tile(level=level, index=index))
        root = joined_root(tile)
        if root == above:
            return root
        made = joined_root(self._made(level, index, WIDTH, tile))
        return root if tile and made != above else made

    # --- what is not as it must be ----------------------------------------------

    def findings(self, first: int, end: int) -> Iterator[Finding]:
        """Yield which tiles above level 0 are altered, over bundles first to end.

        The unfinished tile of each level is looked at whatever the bundles.
        """
        if self._edges is None:
            yield self._rewritten()
            return
        edges = [*self._edge_tiles()]
        for level in range(len(edges) - 1, 0, -1):
            full = (self._size >> (_BITS * level)) // WIDTH
            shift = _BITS * level
            indices = range(first >> shift, min(full, ((end - 1) >> shift) + 1))
            whole = (Tile(level=level, index=index) for index in indices)
            for tile in filter(None, (*whole, edges[level])):
                yield from self._altered(tile)

    def _altered(self, tile: Tile) -> Iterator[Finding]:
        right = self.tile(tile.level, tile.index)
        if right is not None:
            stored, fault = stored_hashes(self._source, tile)
            if stored != right:
                yield from tile_findings(tile, stored, fault, right)
        elif self.node(tile.level + 1, tile.index) is not None:
            _, fault = stored_hashes(self._source, tile)
            unread = isinstance(fault, Unread)
            yield Finding(
                where=tile.path,
                reason=fault if unread else "altered, and what is below as well",
                kind=Kind.TREE_REWRITTEN,
            )

    def _rewritten(self) -> Finding:
        where, kind = f"tree of {self._size}", Kind.TREE_REWRITTEN
        if self.unread:
            return Finding(where=where, reason=self.unread[0], kind=kind)
        found = b64encode(_root_of_edges(self._made_edges))
        return Finding(
            where=where,
            reason=(
                f"entries and tiles give the root {found}, signed is"
                f" {b64encode(self._root)}: more was rewritten than can be told apart"
            ),
            kind=kind,
        )


def _root_of_edges(edges: Sequence[bytes]) -> bytes:
    """Return the root over the unfinished tiles of each level."""
    below = b""
    for edge in edges:
        hashes = edge + below
        below = joined_root(hashes) if hashes else b""
    return below or EMPTY_ROOT


def tile_findings(tile: Tile, stored: bytes, fault: str, right: bytes) -> list[Finding]:
    """Return how a stored tile differs from the right one."""
    if fault:
        return [Finding(where=tile.path, reason=fault, kind=Kind.TILE_CHANGED)]
    places = range(0, len(right), HASH_SIZE)
    found = [
        Finding(
            where=tile.path,
            reason=(
                "a hash that is not the one that was signed "
                f"(bytes {at}-{at + HASH_SIZE - 1})"
            ),
            index=tile.index * WIDTH + at // HASH_SIZE if tile.level == 0 else None,
            kind=Kind.TILE_CHANGED,
        )
        for at in places
        if stored[at : at + HASH_SIZE] != right[at : at + HASH_SIZE]
    ]
    return [*first_of(found)]
