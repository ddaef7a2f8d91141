"""Reads a log in a database as verifiers and auditors do, in the read-only role."""

from __future__ import annotations

from collections.abc import Iterator

from audit.checkpoint import Checkpoint
from audit.errors import (
    AuditError,
    FileUnreadable,
    LogError,
    LogUnavailable,
    Malformed,
    SourceUnreadable,
)
from audit.merkle import HASH_SIZE
from audit.note import Note
from audit.postgres.links import Links
from audit.postgres.server import Server
from audit.postgres.shelf import PostgresShelf, whole
from audit.tiles import ENTRIES, WIDTH, Tile

__all__ = ["PostgresSource"]

_BUNDLES = "tile/entries/"


class PostgresSource:
    """The live tree of a log, as it was when its checkpoint was first read."""

    def __init__(self, server: Server) -> None:
        """Take how to reach the database."""
        self._links = Links(server)
        self.shelf = PostgresShelf(self._links)
        self._note: bytes | None = None
        self._size = 0

    def read(self, path: str) -> bytes | None:
        """Return a file; none if there is none; ``SourceUnreadable`` otherwise."""
        try:
            if path == "checkpoint":
                return self._checkpoint()
            if self._note is None:
                self._checkpoint()
            if path.startswith(_BUNDLES):
                return self._bundle(path)
            return self.shelf.read(path, self._size)
        except LogUnavailable as error:
            raise SourceUnreadable(f"{path}: {error}") from None
        except LogError as error:
            raise FileUnreadable(f"{path}: {error}") from None

    def _bundle(self, path: str) -> bytes | None:
        """Return as much of a bundle as is stored, or none.

        Who verifies says what of it is gone or altered, as of a file.
        """
        tile = Tile.parse(path)
        if not tile.within(self._size):
            return None
        return self.shelf.start_of(tile) or None

    def _checkpoint(self) -> bytes | None:
        if self._note is None:
            row = self._links.row("SELECT note FROM sallyport_log.pub_coord")
            if row is None:
                return None
            self._note = whole(row[0], "the checkpoint")
            try:
                self._size = Checkpoint.parse(Note.parse(self._note).text).size
            except AuditError:
                self._size = 0  # whoever verifies says what is wrong with it
        return self._note

    def wider(self, _tile: Tile) -> None:
        """Return none: a narrower tile is cut where it is read."""

    def files(self) -> Iterator[str]:
        """Yield the path of each file that is no tile."""
        self._checkpoint()
        found = self.shelf.files()
        yield from sorted(name for name, entry in found.items() if entry < self._size)

    def tiles(self) -> Iterator[Tile]:
        """Yield every tile of hashes that is stored, and the last bundle there is.

        Raises:
            Malformed: ``tile-path``, naming a row that is of no tile.
        """
        rows = self._links.rows(
            "SELECT level, place, length(hashes) FROM sallyport_log.tile"
            " ORDER BY level, place"
        )
        for level, place, length in rows:
            width = (length or 0) // HASH_SIZE
            if level < 0 or place < 0 or not 0 < width <= WIDTH:
                raise Malformed("tile-path", f"the table of tiles, {level}, {place}")
            yield Tile(level=level, index=place, width=width)
        row = self._links.row("SELECT next FROM sallyport_log.seq_coord")
        size = 0 if row is None else row[0]
        if size > 0 and size % WIDTH:
            yield Tile(level=ENTRIES, index=size // WIDTH, width=size % WIDTH)

    def close(self) -> None:
        """Close the connections."""
        self._links.close()
