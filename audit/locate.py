"""Says where a tree was altered, when its entries do not give the signed root.

The stored tiles are believed from the root downwards, as far as they hash to it. At
each place either the stored tile or the one made from what is below must hash to the
believed hash above; which of the two does tells what was altered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from audit.bundles import Doubt
from audit.errors import Malformed
from audit.levels import Level, edges_of, levels_above, root_of_edges
from audit.merkle import HASH_SIZE, root_of
from audit.note import b64encode
from audit.reading import Source, read_tile
from audit.tiles import ENTRIES, WIDTH, Tile, hashes_of

__all__ = ["Finding", "locate", "stored_tile", "tile_findings"]

_MOST = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is not as it must be: where, and what."""

    where: str
    reason: str
    index: int | None = None

    @property
    def text(self) -> str:
        """The finding as one line."""
        entry = "" if self.index is None else f", entry {self.index}"
        return f"{self.where}{entry}: {self.reason}"


def stored_tile(source: Source, tile: Tile) -> tuple[Level, str]:
    """Return the hashes of a stored tile, and what is wrong with the file."""
    try:
        data = read_tile(source, tile)
        hashes = hashes_of(data or b"")
    except Malformed as error:
        return [], str(error)
    if data is None:
        return [], "missing"
    if len(hashes) != tile.width:
        return [], f"{len(data)} bytes instead of {tile.width * HASH_SIZE}"
    return hashes, ""


def tile_findings(
    tile: Tile, stored: Sequence[bytes], fault: str, right: Sequence[bytes]
) -> list[Finding]:
    """Return how a stored tile differs from the right one."""
    if fault:
        return [Finding(where=tile.path, reason=fault)]
    return [
        Finding(
            where=tile.path,
            reason=(
                "a hash that is not the one that was signed "
                f"(bytes {HASH_SIZE * place}-{HASH_SIZE * place + HASH_SIZE - 1})"
            ),
            index=tile.index * WIDTH + place if tile.level == 0 else None,
        )
        for place, (one, other) in enumerate(zip(stored, right, strict=True))
        if one != other
    ][:_MOST]


def locate(
    source: Source,
    *,
    size: int,
    root: bytes,
    levels: Sequence[Level],
    doubts: Sequence[Doubt],
) -> list[Finding]:
    """Return what was altered; never empty."""
    by_index = {doubt.index: doubt for doubt in doubts}
    levels = _voted(source, levels, by_index)
    search = _Search(source, size, levels, by_index)
    edges = search.believed_edges(root)
    if edges is None:
        return [*search.all_doubts(), _nowhere(levels, root, size)]
    findings = list(search.descend(edges))
    return findings or [_nowhere(levels, root, size)]


def _voted(
    source: Source, levels: Sequence[Level], doubts: dict[int, Doubt]
) -> list[Level]:
    """Return the levels with each doubtful bundle's hash as two of three say.

    The three are the bundle, its tile and the hash above. No vote is believed: it
    only makes a candidate, which still has to lead to the signed root.
    """
    first = list(levels[1])
    for index, doubt in doubts.items():
        if index < len(first) and len(doubt.tile) == WIDTH:
            number, place = divmod(index, WIDTH)
            width = min(WIDTH, len(first) - number * WIDTH)
            above, _ = stored_tile(source, Tile(level=1, index=number, width=width))
            by_tile = root_of(doubt.tile)
            if above and above[place] == by_tile:
                first[index] = by_tile
    return [list(levels[0]), *levels_above(first)[1:]]


def _nowhere(levels: Sequence[Level], root: bytes, size: int) -> Finding:
    found = b64encode(root_of_edges(edges_of(levels)))
    return Finding(
        where=f"tree of {size}",
        reason=(
            f"entries and tiles give the root {found}, signed is {b64encode(root)}: "
            "more was rewritten than can be told apart"
        ),
    )


class _Search:
    def __init__(
        self,
        source: Source,
        size: int,
        levels: Sequence[Level],
        doubts: dict[int, Doubt],
    ) -> None:
        self._source = source
        self._size = size
        self._levels = levels
        self._doubts = doubts

    def believed_edges(self, root: bytes) -> list[Level] | None:
        """Return the edge of each level that leads to the root, stored or made."""
        made = edges_of(self._levels)
        choices: list[list[Level]] = []
        for level, edge in enumerate(made):
            index = (self._size >> (8 * level)) // WIDTH
            width = (self._size >> (8 * level)) % WIDTH
            both = [edge] if len(edge) == width else []
            if width:
                tile = Tile(level=level, index=index, width=width)
                stored, fault = stored_tile(self._source, tile)
                if not fault and stored != edge:
                    both.insert(0, stored)
            choices.append(both)
        # A tree of 2^40 entries has six levels: at most 64 ways.
        for edges in product(*choices):
            if root_of_edges(edges) == root:
                return list(edges)
        return None

    def descend(self, edges: Sequence[Level]) -> Iterator[Finding]:
        """Go down from the believed edges and say what does not hash to them."""
        above: dict[int, bytes] = {}
        for level in range(len(edges) - 1, -1, -1):
            full = (self._size >> (8 * level)) // WIDTH
            below: dict[int, bytes] = {}
            for index, believed in sorted(above.items()):
                if level:
                    yield from self._tile(level, index, believed, below)
                else:
                    yield from self._bundle(index, believed)
            yield from self._edge(level, full, edges[level])
            for place, each in enumerate(edges[level]):
                below[full * WIDTH + place] = each
            above = below

    def _tile(
        self, level: int, index: int, believed: bytes, below: dict[int, bytes]
    ) -> Iterator[Finding]:
        tile = Tile(level=level, index=index)
        stored, fault = stored_tile(self._source, tile)
        made = self._levels[level][index * WIDTH : (index + 1) * WIDTH]
        if stored and root_of(stored) == believed:
            chosen = stored
        elif root_of(made) == believed:
            chosen = made
            yield from tile_findings(tile, stored, fault, made)
        else:
            yield Finding(where=tile.path, reason="altered, and what is below as well")
            return
        for place, each in enumerate(chosen):
            below[index * WIDTH + place] = each

    def _edge(self, level: int, index: int, believed: Level) -> Iterator[Finding]:
        if not believed:
            return
        if level == 0:
            doubt = self._doubts.get(index)
            if doubt is not None:
                yield from _judge(doubt, believed)
            return
        tile = Tile(level=level, index=index, width=len(believed))
        stored, fault = stored_tile(self._source, tile)
        if stored != believed:
            yield from tile_findings(tile, stored, fault, believed)

    def _bundle(self, index: int, believed: bytes) -> Iterator[Finding]:
        doubt = self._doubts.get(index)
        bundle = Tile(level=ENTRIES, index=index)
        if doubt is None:
            if self._levels[1][index] != believed:
                first = index * WIDTH
                yield Finding(
                    where=bundle.path,
                    reason=(
                        f"entries {first}-{first + WIDTH - 1} and their hashes were "
                        "both rewritten"
                    ),
                    index=first,
                )
            return
        for hashes in (doubt.tile, doubt.entries):
            if len(hashes) == WIDTH and root_of(hashes) == believed:
                yield from _judge(doubt, list(hashes))
                return
        yield from _both(doubt)

    def all_doubts(self) -> Iterator[Finding]:
        """Say of each doubtful bundle what differs, as nothing can be believed."""
        for doubt in self._doubts.values():
            yield from _both(doubt)


def _judge(doubt: Doubt, right: Level) -> Iterator[Finding]:
    """Compare a bundle and its tile with the right hashes."""
    tile = Tile(level=0, index=doubt.index, width=doubt.width)
    if doubt.tile_fault or list(doubt.tile) != right:
        yield from tile_findings(tile, doubt.tile, doubt.tile_fault, right)
    bundle = Tile(level=ENTRIES, index=doubt.index, width=doubt.width)
    wrong = [
        place
        for place, each in enumerate(right)
        if place >= len(doubt.entries) or doubt.entries[place] != each
    ]
    if doubt.bundle_fault:
        # One wrong length moves all that follows: only the first one is told.
        wrong = wrong[:1]
    for place in wrong[:_MOST]:
        yield Finding(
            where=bundle.path,
            reason=_entry_reason(doubt, place),
            index=doubt.index * WIDTH + place,
        )
    if doubt.bundle_fault and not wrong:
        yield Finding(where=bundle.path, reason=doubt.bundle_fault)


def _entry_reason(doubt: Doubt, place: int) -> str:
    if place < len(doubt.spans):
        first, last = doubt.spans[place]
        span = f"bytes {first}-{last}"
    else:
        span = f"from byte {doubt.spans[-1][1] + 1 if doubt.spans else 0}"
    fault = f"; the file {doubt.bundle_fault}" if doubt.bundle_fault else ""
    return f"not the entry that was signed ({span}){fault}"


def _both(doubt: Doubt) -> Iterator[Finding]:
    bundle = Tile(level=ENTRIES, index=doubt.index, width=doubt.width)
    tile = Tile(level=0, index=doubt.index, width=doubt.width)
    first = doubt.index * WIDTH
    last = first + doubt.width - 1
    yield Finding(
        where=bundle.path,
        reason=doubt.bundle_fault or f"entries {first}-{last} do not fit {tile.path}",
        index=first,
    )
    if doubt.tile_fault:
        yield Finding(where=tile.path, reason=doubt.tile_fault)
