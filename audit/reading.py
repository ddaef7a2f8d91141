"""Where a verifier reads a log from: a folder or a web address."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from audit.errors import AuditError, Malformed
from audit.tiles import WIDTH, Tile
from audit.views import cut

__all__ = [
    "FolderSource",
    "Source",
    "SourceUnreadable",
    "WebSource",
    "open_source",
    "read_tile",
]

_TIMEOUT_S = 20.0
_MAX_BYTES = 64_000_000


class SourceUnreadable(AuditError):
    """The log could not be read for a reason that says nothing about it."""


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


class _SameHostOnly(urllib.request.HTTPRedirectHandler):
    """A log lives where its address says: redirects are not followed."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Refuse."""


@dataclass(frozen=True, slots=True)
class WebSource:
    """A public tree below a web address."""

    prefix: str

    def read(self, path: str) -> bytes | None:
        """Return a file; none if the server says that there is none."""
        opener = urllib.request.build_opener(_SameHostOnly)
        url = f"{self.prefix.rstrip('/')}/{urllib.parse.quote(path)}"
        try:
            with opener.open(url, timeout=_TIMEOUT_S) as answer:
                data: bytes = answer.read(_MAX_BYTES + 1)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in {404, 410}:
                return None
            raise SourceUnreadable(f"{path}: status {error.code}") from None
        except (OSError, ValueError) as error:
            raise SourceUnreadable(f"{path}: {type(error).__name__}") from None
        if len(data) > _MAX_BYTES:
            raise SourceUnreadable(f"{path}: more than {_MAX_BYTES} bytes")
        return data

    def tiles(self) -> Iterator[Tile]:
        """Yield nothing: a web server can't be asked what it has."""
        yield from ()


def open_source(where: str) -> Source:
    """Return the source that an argument of the command line names.

    A store's own folder is read at its live tree.
    """
    if where.startswith(("http://", "https://")):
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
