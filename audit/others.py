"""Tiles that lie in a log and are not in force: of earlier sizes, or of later ones."""

from __future__ import annotations

from dataclasses import dataclass, field

from audit.errors import FileUnreadable, Malformed, SourceUnreadable
from audit.finding import Finding, Kind
from audit.merkle import HASH_SIZE
from audit.reading import Source, read_tile
from audit.tiles import ENTRIES, WIDTH, Tile
from audit.treefile import cut

__all__ = ["Others"]


@dataclass(kw_only=True, slots=True)
class Others:
    """Tiles that lie there and are not in force."""

    findings: list[Finding] = field(default_factory=list)
    reaches: int = 0
    """How many entries the tiles there are of."""
    unread: list[str] = field(default_factory=list)

    def look(self, source: Source, size: int) -> None:
        """Compare the tiles of earlier sizes that lie there with the ones in force."""
        try:
            for tile in source.tiles():
                self._compare(source, size, tile)
        except SourceUnreadable as error:
            self.unread.append(str(error))
        except Malformed as error:
            reason = "no file of a tree is named so"
            found = Finding(where=error.detail, reason=reason, kind=Kind.FILE_CHANGED)
            self.findings.append(found)

    def _compare(self, source: Source, size: int, tile: Tile) -> None:
        if tile.level == 0:
            self.reaches = max(self.reaches, tile.index * WIDTH + tile.width)
        here = size >> (8 * max(tile.level, 0))
        width = min(WIDTH, here - tile.index * WIDTH)
        # Those as wide are in force, and compared already; or of a later size.
        if tile.width < width:
            now = Tile(level=tile.level, index=tile.index, width=width)
            try:
                self.findings += _start_fault(source, tile, now)
            except FileUnreadable as error:
                self.unread.append(str(error))


def _start_fault(source: Source, tile: Tile, now: Tile) -> list[Finding]:
    """Return where a tile of an earlier size is not the start of the one in force."""
    whole = read_tile(source, now)
    right = b"" if whole is None else cut(tile, whole)
    there = source.read(tile.path) or b""
    if there == right:
        return []
    pairs = enumerate(zip(there, right, strict=False))
    shorter = min(len(there), len(right))
    same = next((at for at, (one, other) in pairs if one != other), shorter)
    reason = f"not the start of the tile in force, from byte {same}"
    place = same // HASH_SIZE
    if tile.level == ENTRIES:
        place = _entry_of(right, same)
    index = tile.index * WIDTH + place if tile.level <= 0 else None
    kind = Kind.BUNDLE_CHANGED if tile.level == ENTRIES else Kind.TILE_CHANGED
    return [Finding(where=tile.path, reason=reason, index=index, kind=kind)]


def _entry_of(bundle: bytes, at: int) -> int:
    """Return in which entry of a bundle a byte lies."""
    place, end = 0, 0
    while end < len(bundle):
        end += 2 + int.from_bytes(bundle[end : end + 2], "big")
        if at < end:
            break
        place += 1
    return place
