"""Reads bundles and the tiles beside them: the part that takes the time.

Each bundle is hashed entry by entry. What is wrong with a file is said and not
raised: only the signed root can tell which of two files was altered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from audit.errors import FileUnreadable, Malformed
from audit.merkle import HASH_SIZE
from audit.reading import Room, Source, read_tile
from audit.tiles import ENTRIES, WIDTH, Tile

__all__ = ["Bundle", "Unread", "read_bundle", "spans_of", "stored_hashes", "width_of"]

_LENGTH = 2
"""Bytes before each entry that say how long it is."""
_NOTHING = memoryview(b"")


class Unread(str):
    """Why a file can't be read: a fault of it that says nothing about the log.

    It is as good as missing, and never a finding.
    """

    __slots__ = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """A bundle and its tile, as they lie there."""

    index: int
    width: int
    data: memoryview
    """The bundle's bytes, the lengths of entries excepted."""
    ends: Sequence[int]
    """Where in them each entry ends, of as many as could be read."""
    hashes: bytes
    """Of those."""
    fault: str
    """Why the bundle does not read to its end, or nothing."""
    tile: bytes
    """The hashes in the tile beside it; empty if it does not read."""
    tile_fault: str

    @property
    def entries(self) -> list[bytes]:
        """As many as could be read; only while nothing else is read into its room."""
        starts = (0, *self.ends)
        pairs = zip(starts, self.ends, strict=False)
        return [bytes(self.data[at + _LENGTH : end]) for at, end in pairs]

    @property
    def agrees(self) -> bool:
        """Whether entries and tile are of each other."""
        return not self.fault and not self.tile_fault and self.hashes == self.tile


def width_of(index: int, size: int) -> int:
    """Return how many entries a bundle has in a tree."""
    return min(WIDTH, size - index * WIDTH)


def read_bundle(
    source: Source, index: int, size: int, room: Room | None = None
) -> Bundle:
    """Read one bundle of a tree of ``size`` entries, and the tile of its hashes.

    Args:
        source: the log.
        index: which bundle.
        size: entries of the tree.
        room: memory to read it into; what was read there before is gone then.
    """
    width = width_of(index, size)
    data, ends, hashes, fault = _hashed(source, index, width, room or Room())
    tile, tile_fault = stored_hashes(source, Tile(level=0, index=index, width=width))
    return Bundle(
        index=index,
        width=width,
        data=data,
        ends=ends,
        hashes=hashes,
        fault=fault,
        tile=tile,
        tile_fault=tile_fault,
    )


def _hashed(
    source: Source, index: int, width: int, room: Room
) -> tuple[memoryview, list[int], bytes, str]:
    """Return a bundle's bytes, where entries end, their hashes, or what is wrong."""
    try:
        end = room.read(source, Tile(level=ENTRIES, index=index, width=width))
    except Malformed as error:
        return _NOTHING, [], b"", str(error)
    except FileUnreadable as error:
        return _NOTHING, [], b"", Unread(error)
    if end is None:
        return _NOTHING, [], b"", "missing"
    memory = room.memory
    data = memoryview(memory)[:end]
    ends: list[int] = []
    hashes: list[bytes] = []
    at, fault = 0, ""
    # One pass over a whole log's bytes: the loop that the time goes into.
    for place in range(width):
        low = at + 1
        stop = low + 1 + (memory[at] << 8 | memory[low]) if low < end else end + 1
        if stop > end:
            where = "ends before" if at == end else "ends inside"
            fault = f"{where} entry {index * WIDTH + place}, byte {at}"
            break
        # The zero that a leaf is hashed with stands where the length ended, so that
        # no entry is copied.
        memory[low] = 0
        hashes.append(sha256(data[low:stop]).digest())
        ends.append(stop)
        at = stop
    else:
        fault = "" if at == end else f"bytes after the last entry, from {at}"
    return data, ends, b"".join(hashes), fault


def stored_hashes(source: Source, tile: Tile) -> tuple[bytes, str]:
    """Return the hashes of a stored tile, or what is wrong with the file."""
    try:
        data = read_tile(source, tile)
    except FileUnreadable as error:
        return b"", Unread(error)
    if data is None:
        return b"", "missing"
    if len(data) != tile.width * HASH_SIZE:
        return b"", f"{len(data)} bytes instead of {tile.width * HASH_SIZE}"
    return data, ""


def spans_of(bundle: Bundle) -> list[tuple[int, int]]:
    """Return the first and last byte of each entry in its bundle."""
    starts = (0, *bundle.ends)
    return [(at, end - 1) for at, end in zip(starts, bundle.ends, strict=False)]
