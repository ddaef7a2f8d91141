"""Reads a store as it lies on the disk, beside its writer or without one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from audit.batch import Batch
from audit.errors import LogDamaged, Malformed
from audit.folder import Folder
from audit.regular import contents
from audit.salvage import salvaged
from audit.tiles import ENTRIES, WIDTH, Tile, entries_of
from audit.wal import stored_batches

__all__ = ["records_of", "sealed_record", "stored_leaves"]

_LENGTH = 4


def records_of(data: bytes) -> list[bytes]:
    """Return the sealed records of a file; ``Malformed("records-length")``."""
    records: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + _LENGTH
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data):
            raise Malformed("records-length")
        records.append(data[start:at])
    return records


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tail:
    """What the write-ahead file holds, read before the bundles are.

    A segment is deleted only after its entries lie in bundles; so what is not in
    here is there.
    """

    batches: tuple[Batch, ...]

    @property
    def start(self) -> int:
        return self.batches[0].first if self.batches else 0

    @property
    def end(self) -> int:
        return self.batches[-1].end if self.batches else 0


def _tail(folder: Folder) -> _Tail:
    return _Tail(batches=tuple(stored_batches(folder.wal)))


def stored_leaves(
    folder: Folder, start: int = 0, end: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """Yield index and bytes of leaves ``start`` (inclusive) to ``end`` (exclusive).

    Raises:
        LogDamaged: a bundle is missing or does not read.
    """
    tail = _tail(folder)
    end = tail.end if end is None else min(end, tail.end)
    for index in range(start // WIDTH, -(-min(end, tail.start) // WIDTH)):
        leaves = _bundle(folder, index)
        for place, leaf in enumerate(leaves):
            at = index * WIDTH + place
            if start <= at < min(end, tail.start):
                yield at, leaf
    for batch in tail.batches:
        for place, entry in enumerate(batch.entries):
            if start <= batch.first + place < end:
                yield batch.first + place, entry.leaf


def _bundle(folder: Folder, index: int) -> list[bytes]:
    tile = Tile(level=ENTRIES, index=index)
    try:
        return entries_of(contents(folder.tile(tile)), WIDTH)
    except FileNotFoundError:
        raise LogDamaged(f"{tile.path} is missing") from None
    except Malformed as error:
        raise LogDamaged(f"{tile.path}: {error}") from None


def sealed_record(folder: Folder, index: int) -> bytes:
    """Return the sealed record of one entry, also where others no longer read.

    Raises:
        LogDamaged: there is none.
        Malformed: the file it lies in does not read.
    """
    tail = salvaged(folder.wal)
    for batch in tail.batches:
        if batch.first <= index < batch.end:
            return batch.entries[index - batch.first].record
    try:
        records = records_of(contents(folder.sealed(index // WIDTH)))
        return records[index % WIDTH]
    except (FileNotFoundError, IndexError):
        lost = "".join(f"; {each.text}" for each in tail.lost)
        raise LogDamaged(f"no sealed record of entry {index}{lost}") from None
