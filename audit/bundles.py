"""Reads bundles and the tiles beside them: the part that takes the time.

Each bundle is hashed entry by entry. What is wrong with a file is said and not
raised: only the signed root can tell which of two files was altered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from audit.errors import Malformed
from audit.merkle import HASH_SIZE
from audit.reading import Source, read_tile
from audit.tiles import ENTRIES, WIDTH, Tile

__all__ = ["Bundle", "read_bundle", "spans_of", "stored_hashes", "width_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """A bundle and its tile, as they lie there."""

    index: int
    width: int
    entries: Sequence[bytes]
    """As many as could be read."""
    hashes: bytes
    """Of those."""
    fault: str
    """Why the bundle does not read to its end, or nothing."""
    tile: bytes
    """The hashes in the tile beside it; empty if it does not read."""
    tile_fault: str

    @property
    def agrees(self) -> bool:
        """Whether entries and tile are of each other."""
        return not self.fault and not self.tile_fault and self.hashes == self.tile


def width_of(index: int, size: int) -> int:
    """Return how many entries a bundle has in a tree."""
    return min(WIDTH, size - index * WIDTH)


def read_bundle(source: Source, index: int, size: int) -> Bundle:
    """Read one bundle of a tree of ``size`` entries, and the tile of its hashes."""
    width = width_of(index, size)
    entries, hashes, fault = _entries(source, index, width)
    tile, tile_fault = stored_hashes(source, Tile(level=0, index=index, width=width))
    return Bundle(
        index=index,
        width=width,
        entries=entries,
        hashes=b"".join(hashes),
        fault=fault,
        tile=tile,
        tile_fault=tile_fault,
    )


def _entries(
    source: Source, index: int, width: int
) -> tuple[list[bytes], list[bytes], str]:
    """Return the entries of a bundle, their hashes, or why it does not read."""
    try:
        data = read_tile(source, Tile(level=ENTRIES, index=index, width=width))
    except Malformed as error:
        return [], [], str(error)
    if data is None:
        return [], [], "missing"
    entries: list[bytes] = []
    at, end, fault = 0, len(data), ""
    # One pass over a whole log's bytes: the loop that the time goes into.
    for place in range(width):
        start = at + 2
        stop = start + (data[at] << 8 | data[at + 1]) if start <= end else end + 1
        if stop > end:
            where = "ends before" if at == end else "ends inside"
            fault = f"{where} entry {index * WIDTH + place}, byte {at}"
            break
        entries.append(data[start:stop])
        at = stop
    else:
        fault = "" if at == end else f"bytes after the last entry, from {at}"
    return entries, [sha256(b"\x00" + entry).digest() for entry in entries], fault


def stored_hashes(source: Source, tile: Tile) -> tuple[bytes, str]:
    """Return the hashes of a stored tile, or what is wrong with the file."""
    data = read_tile(source, tile)
    if data is None:
        return b"", "missing"
    if len(data) != tile.width * HASH_SIZE:
        return b"", f"{len(data)} bytes instead of {tile.width * HASH_SIZE}"
    return data, ""


def spans_of(entries: Sequence[bytes]) -> list[tuple[int, int]]:
    """Return the first and last byte of each entry in its bundle."""
    spans: list[tuple[int, int]] = []
    at = 0
    for entry in entries:
        spans.append((at, at + 1 + len(entry)))
        at += 2 + len(entry)
    return spans
