"""The two readable faces of the tree: live, for auditors, and public, delayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.errors import Malformed
from audit.merkle import HASH_SIZE
from audit.regular import contents
from audit.tiles import ENTRIES, Tile, entries_of, pack_entries

if TYPE_CHECKING:
    from audit.folder import Folder

__all__ = ["cut", "read_file"]


def read_file(
    folder: Folder, path: str, *, size: int, files: dict[str, int]
) -> bytes | None:
    """Return a file of the tree as it was at ``size`` entries; none if not in it.

    Reads the disk: call it from a thread. Any other path is none as well; nothing
    outside the tree can be named.
    """
    if path in files:
        return _attachment(folder, path) if files[path] < size else None
    try:
        tile = Tile.parse(path)
    except Malformed:
        return None
    if not tile.within(size):
        return None
    data = folder.tile_bytes(tile)
    return None if data is None else cut(tile, data)


def _attachment(folder: Folder, path: str) -> bytes | None:
    try:
        return contents(folder.live / path)
    except FileNotFoundError:
        return None


def cut(tile: Tile, data: bytes) -> bytes:
    """Return the part of a wider tile that is the asked one."""
    if tile.level != ENTRIES:
        return data[: tile.width * HASH_SIZE]
    return pack_entries(entries_of(data, tile.width))
