"""Checks bundles against the hashes beside them: the part that takes the time.

Each bundle is hashed entry by entry and compared with its tile. What differs is
noted for both, because only the signed root can say which of the two was altered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from audit.errors import Malformed
from audit.leafcheck import LeafFacts, facts_of
from audit.leafforms import Schemas
from audit.merkle import HASH_SIZE, root_of
from audit.reading import Source, read_tile
from audit.tiles import ENTRIES, WIDTH, Tile

__all__ = ["BundleCheck", "Doubt", "check_bundles", "width_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """A bundle and its tile that do not agree, or one that does not read."""

    index: int
    width: int
    entries: tuple[bytes, ...]
    """Hashes of the entries, as far as the bundle reads."""
    spans: tuple[tuple[int, int], ...]
    """First and last byte of each entry in the bundle."""
    bundle_fault: str
    tile: tuple[bytes, ...]
    """Hashes in the tile, as far as it reads."""
    tile_fault: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleCheck:
    """What a run of bundles came to."""

    roots: tuple[bytes, ...]
    """The tree hash over each bundle; of its tile where the bundle does not read."""
    last: tuple[bytes, ...]
    """The hashes of the last bundle if it is not full."""
    doubts: tuple[Doubt, ...]
    facts: LeafFacts


def width_of(index: int, size: int) -> int:
    """Return how many entries a bundle has in a tree."""
    return min(WIDTH, size - index * WIDTH)


def check_bundles(
    source: Source,
    indices: Iterable[int],
    *,
    size: int,
    leaves: bool,
    progress: Callable[[int], None],
) -> BundleCheck:
    """Check some bundles of a tree of ``size`` entries."""
    roots: list[bytes] = []
    last: Sequence[bytes] = ()
    doubts: list[Doubt] = []
    facts, schemas = LeafFacts(), Schemas(source)
    for index in indices:
        width = width_of(index, size)
        bundle, hashes, doubt = _check(source, index, width)
        if doubt is not None:
            doubts.append(doubt)
        if width == WIDTH:
            roots.append(root_of(hashes) if hashes else bytes(HASH_SIZE))
        else:
            last = hashes
        if leaves and bundle:
            facts.add(facts_of(index * WIDTH, bundle, schemas.of))
        progress(width)
    return BundleCheck(
        roots=tuple(roots), last=tuple(last), doubts=tuple(doubts), facts=facts
    )


def _check(
    source: Source, index: int, width: int
) -> tuple[list[bytes], list[bytes], Doubt | None]:
    """Return a bundle's entries, its hashes, and what is doubtful about it."""
    entries, hashes, bundle_fault = _entries(source, index, width)
    tile, tile_fault = _hashes(source, index, width)
    if not bundle_fault and not tile_fault and b"".join(hashes) == tile:
        return entries, hashes, None
    tile_hashes = [tile[i : i + HASH_SIZE] for i in range(0, len(tile), HASH_SIZE)]
    doubt = Doubt(
        index=index,
        width=width,
        entries=tuple(hashes),
        spans=tuple(_spans(entries)),
        bundle_fault=bundle_fault,
        tile=tuple(tile_hashes),
        tile_fault=tile_fault,
    )
    return (
        [] if bundle_fault else entries,
        tile_hashes if bundle_fault else hashes,
        doubt,
    )


def _entries(
    source: Source, index: int, width: int
) -> tuple[list[bytes], list[bytes], str]:
    """Return the entries of a bundle, their hashes, or why it does not read."""
    tile = Tile(level=ENTRIES, index=index, width=width)
    try:
        data = read_tile(source, tile)
    except Malformed as error:
        return [], [], str(error)
    if data is None:
        return [], [], "missing"
    entries: list[bytes] = []
    hashes: list[bytes] = []
    at, end = 0, len(data)
    # One pass over a whole log's bytes: the loop that the time goes into.
    for place in range(width):
        start = at + 2
        stop = start + (data[at] << 8 | data[at + 1]) if start <= end else end + 1
        if stop > end:
            fault = f"ends inside entry {index * WIDTH + place}, byte {at}"
            return entries, hashes, fault
        entry = data[start:stop]
        entries.append(entry)
        hashes.append(sha256(b"\x00" + entry).digest())
        at = stop
    fault = "" if at == end else f"bytes after the last entry, from {at}"
    return entries, hashes, fault


def _spans(entries: Sequence[bytes]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    at = 0
    for entry in entries:
        spans.append((at, at + 1 + len(entry)))
        at += 2 + len(entry)
    return spans


def _hashes(source: Source, index: int, width: int) -> tuple[bytes, str]:
    """Return a tile of leaf hashes, or why it does not read."""
    data = read_tile(source, Tile(level=0, index=index, width=width))
    if data is None:
        return b"", "missing"
    if len(data) != width * HASH_SIZE:
        return b"", f"{len(data)} bytes instead of {width * HASH_SIZE}"
    return data, ""
