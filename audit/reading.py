"""Where a verifier reads a log from: a folder or a web address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from audit.errors import Malformed, SourceUnreadable
from audit.tiles import WIDTH, Tile
from audit.treefile import cut

__all__ = [
    "FolderSource",
    "Source",
    "open_source",
    "read_tile",
]


class Source(Protocol):
    """A tree's files by path."""

    def read(self, path: str) -> bytes | None:
        """Return a file; none if there is none; ``SourceUnreadable`` otherwise."""

    def tiles(self) -> Iterator[Tile]:
        """Yield every tile that lies there, if that can be known."""


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A public tree in a folder."""

    root: Path

    def read(self, path: str) -> bytes | None:
        """Return a file; none if there is none."""
        try:
            return (self.root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise SourceUnreadable(f"{path}: {error.strerror}") from None

    def tiles(self) -> Iterator[Tile]:
        """Yield every tile that lies there; other files under ``tile/`` are refused.

        Raises:
            Malformed: ``tile-path``, naming a file that is no tile.
        """
        for path in sorted((self.root / "tile").rglob("*")):
            name = path.relative_to(self.root).as_posix()
            if path.is_file() and not path.name.startswith("."):
                try:
                    yield Tile.parse(name)
                except Malformed:
                    raise Malformed("tile-path", name) from None


def open_source(where: str) -> Source:
    """Return the source that an argument of the command line names.

    A store's own folder is read at its live tree.
    """
    if where.startswith(("http://", "https://")):
        # Only who reads over the web waits for the import of the web's modules.
        from audit.web import WebSource  # noqa: PLC0415

        return WebSource(where)
    root = Path(where)
    live = root / "live"
    return FolderSource(live if (live / "checkpoint").exists() else root)


def read_tile(source: Source, tile: Tile) -> bytes | None:
    """Return a tile's bytes; a partial one may be cut from the full one.

    Raises:
        Malformed: the full one can't be cut.
    """
    data = source.read(tile.path)
    if data is not None or tile.width == WIDTH:
        return data
    whole = source.read(tile.full.path)
    return None if whole is None else cut(tile, whole)
