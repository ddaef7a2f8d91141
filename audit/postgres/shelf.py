"""Gives what is stored in the database: leaves, tiles, files, sealed records."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from audit.contract import News
from audit.errors import LogDamaged, Malformed
from audit.postgres.links import Links
from audit.tiles import ENTRIES, WIDTH, Tile, entries_of, pack_entries
from audit.treefile import cut

__all__ = ["PostgresShelf", "whole"]

_STEP = 2048
"""Entries read at a time."""

_LEAVES = (
    "SELECT first, count, leaves FROM sallyport_log.seq WHERE first >="
    " coalesce((SELECT max(first) FROM sallyport_log.seq WHERE first <= %s), 0)"
    " AND first < %s ORDER BY first"
)
_RECORDS = (
    "SELECT first, records FROM sallyport_log.sealed WHERE first >="
    " coalesce((SELECT max(first) FROM sallyport_log.sealed WHERE first <= %s), 0)"
    " AND first < %s ORDER BY first"
)

_SINCE = (
    "SELECT c.next, f.entry, f.name FROM sallyport_log.seq_coord c"
    " LEFT JOIN sallyport_log.file f ON f.entry >= %s AND starts_with(f.name, %s)"
    " ORDER BY f.entry, f.name"
)
"""One statement, so both are of one moment: no entry below the size comes later."""


@dataclass(frozen=True, slots=True)
class PostgresShelf:
    """Reads in whatever role may."""

    links: Links

    def leaves(
        self, start: int = 0, end: int | None = None
    ) -> Iterator[tuple[int, bytes]]:
        """Yield index and bytes of leaves; see :class:`audit.contract.Shelf`."""
        at = start
        while end is None or at < end:
            before = at
            some = at + _STEP if end is None else min(end, at + _STEP)
            rows = self.links.rows(_LEAVES, at, some)
            for first, count, data in rows:
                if first > at:
                    raise LogDamaged(f"entry {at} is missing")
                for place, leaf in enumerate(_leaves(first, count, data), first):
                    if place >= at and (end is None or place < end):
                        yield place, leaf
                at = max(at, first + count)
            if at == before:
                return

    def read(self, path: str, size: int) -> bytes | None:
        """Return a public file of the tree as it was at ``size`` entries."""
        try:
            tile = Tile.parse(path)
        except Malformed:
            return self._file(path, size)
        if not tile.within(size):
            return None
        if tile.level == ENTRIES:
            return self._bundle(tile)
        row = self.links.row(
            "SELECT hashes FROM sallyport_log.tile WHERE level = %s AND place = %s",
            tile.level,
            tile.index,
        )
        return None if row is None else cut(tile, whole(row[0], tile.path))

    def _bundle(self, tile: Tile) -> bytes:
        start = tile.index * WIDTH
        leaves = [leaf for _, leaf in self.leaves(start, start + tile.width)]
        if len(leaves) != tile.width:
            raise LogDamaged(f"entry {start + len(leaves)} is missing")
        return pack_entries(leaves)

    def start_of(self, tile: Tile) -> bytes:
        """Return a bundle up to where an entry of it is missing or does not read."""
        start, leaves = tile.index * WIDTH, list[bytes]()
        with contextlib.suppress(LogDamaged):
            leaves += (leaf for _, leaf in self.leaves(start, start + tile.width))
        return pack_entries(leaves)

    def _file(self, path: str, size: int) -> bytes | None:
        row = self.links.row(
            "SELECT body FROM sallyport_log.file WHERE name = %s AND entry < %s",
            path,
            size,
        )
        return None if row is None else whole(row[0], path)

    def files(self) -> dict[str, int]:
        """Return which entry brought each public file."""
        return dict(self.links.rows("SELECT name, entry FROM sallyport_log.file"))

    def since(self, start: int, kind: str) -> News:
        """Return what entries from ``start`` on brought, and how many there are.

        Raises:
            LogDamaged: the log's coordinates are missing.
            LogUnavailable: no answer.
        """
        rows = self.links.rows(_SINCE, start, f"{kind}/")
        if not rows:
            raise LogDamaged("the log's coordinates are missing")
        files = tuple((row[1], row[2]) for row in rows if row[1] is not None)
        return News(size=rows[0][0], files=files)

    def records(self, start: int, end: int) -> list[tuple[int, bytes]]:
        """Return the sealed records of some entries, and of those stored with them.

        Each item is of one batch: its first index, and its file of records.
        """
        rows = self.links.rows(_RECORDS, start, end)
        return [(first, whole(data, "a sealed record")) for first, data in rows]

    def epoch(self, epoch: bytes) -> bytes | None:
        """Return an epoch's sealed keys; none if they are gone."""
        row = self.links.row(
            "SELECT document FROM sallyport_log.epoch WHERE id = %b",
            epoch,
        )
        return None if row is None else whole(row[0], f"the epoch {epoch.hex()}")


def whole(value: object, what: str) -> bytes:
    """Return the bytes of a column; whoever owns the table may have changed its type.

    Raises:
        LogDamaged: there are none.
    """
    if isinstance(value, bytes):
        return value
    raise LogDamaged(f"{what}: the database has no bytes of it")


def _leaves(first: int, count: int, data: object) -> list[bytes]:
    try:
        return entries_of(whole(data, f"the entries from {first} on"), count)
    except Malformed as error:
        raise LogDamaged(f"the entries from {first} on: {error}") from None
