"""Where hashes and entries lie (C2SP tlog-tiles v0.1.0): paths, widths, bundles.

A tile holds up to 256 hashes of one level, a bundle up to 256 entries, each with
its length before it in two big-endian bytes. A full one never changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.errors import Malformed
from audit.merkle import HASH_SIZE

__all__ = [
    "ENTRIES",
    "MAX_ENTRY",
    "WIDTH",
    "Tile",
    "entries_of",
    "entry_pieces",
    "hashes_of",
    "pack_entries",
    "tiles_of",
]

WIDTH = 256
MAX_ENTRY = 65_535
ENTRIES = -1
_MAX_LEVEL = 63

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/"
    # Six groups and the last: more than 2^63 entries have.
    r"(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Tile:
    """One tile or, with level :data:`ENTRIES`, one bundle of entries."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path below the log's prefix."""
        kind = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{kind}/{_number(self.index)}{partial}"

    @property
    def full(self) -> Tile:
        """The full tile at the same place."""
        return Tile(level=self.level, index=self.index)

    def within(self, size: int) -> bool:
        """Whether a tree of ``size`` entries has all of this tile."""
        here = size >> (8 * max(self.level, 0))
        return self.index * WIDTH + self.width <= here

    @classmethod
    def parse(cls, path: str) -> Tile:
        """Read a path; ``Malformed("tile-path")`` if it is not the one of a tile."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise Malformed("tile-path")
        level = ENTRIES if match["level"] == "entries" else int(match["level"])
        index = int(match["index"].replace("x", "").replace("/", ""))
        width = int(match["width"]) if match["width"] else WIDTH
        tile = cls(level=level, index=index, width=width)
        # One tile, one name: leading zero groups and widths of 256 are refused.
        if level > _MAX_LEVEL or width > WIDTH or tile.path != path:
            raise Malformed("tile-path")
        return tile


def _number(index: int) -> str:
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.append(f"x{index % 1000:03d}")
    return "/".join(reversed(parts))


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield each tile of hashes of a tree, level by level, partial ones last."""
    level = 0
    while here := size >> (8 * level):
        for index in range(here // WIDTH):
            yield Tile(level=level, index=index)
        if here % WIDTH:
            yield Tile(level=level, index=here // WIDTH, width=here % WIDTH)
        level += 1


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """Return a bundle's bytes."""
    return b"".join(entry_pieces(entries))


def entry_pieces(entries: Sequence[bytes]) -> list[bytes]:
    """Return a bundle's bytes in pieces, which are the entries and not copies."""
    pieces: list[bytes] = []
    for entry in entries:
        pieces.append(len(entry).to_bytes(2, "big"))
        pieces.append(entry)
    return pieces


def entries_of(bundle: bytes, width: int) -> list[bytes]:
    """Return the first ``width`` entries of a bundle, which must hold as many.

    Raises:
        Malformed: ``bundle-short``, naming the entry and byte where it ends.
    """
    entries: list[bytes] = []
    at, end = 0, len(bundle)
    for number in range(width):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        if start > end or at > end:
            raise Malformed("bundle-short", f"entry {number} at byte {start - 2}")
        entries.append(bundle[start:at])
    return entries


def hashes_of(tile: bytes) -> list[bytes]:
    """Return the hashes of a tile; ``Malformed("tile-length")`` if cut inside one."""
    if len(tile) % HASH_SIZE:
        raise Malformed("tile-length", f"{len(tile)} bytes")
    return [tile[i : i + HASH_SIZE] for i in range(0, len(tile), HASH_SIZE)]
