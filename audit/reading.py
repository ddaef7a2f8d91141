"""Where a verifier reads a log from: a folder or a web address."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from audit.errors import CannotTell, FileUnreadable, Malformed
from audit.regular import small
from audit.tiles import WIDTH, Tile
from audit.treefile import cut
from audit.walking import walk

__all__ = [
    "ABOUT",
    "BUCKET",
    "DATABASE",
    "ENTRIES",
    "SUMS",
    "WEB",
    "FolderSource",
    "LiveSource",
    "Room",
    "Source",
    "driver",
    "is_export",
    "is_tree",
    "read_tile",
]


WEB = ("http://", "https://")
DATABASE = ("postgresql://", "postgres://")
BUCKET = "s3://"
"""How the addresses of logs elsewhere begin."""
ABOUT = "export.json"
"""What an export says of itself."""
ENTRIES = "entries.jsonl"
"""An export's entries, one a line."""
SUMS = "SHA256SUMS"
"""The digests of an export's files."""
_OF_EXPORT = (ABOUT, ENTRIES, SUMS)
_ROOM = 1 << 20
"""Bytes that most bundles have room in."""


class Source(Protocol):
    """A tree's files by path."""

    def read(self, path: str) -> bytes | None:
        """Return a file; none if there is none; ``SourceUnreadable`` otherwise."""

    def wider(self, tile: Tile) -> bytes | None:
        """Return a partial tile cut from a wider partial one, if one can be had."""

    def tiles(self) -> Iterator[Tile]:
        """Yield every tile that lies there, if that can be known."""

    def files(self) -> Iterator[str]:
        """Yield the path of each file that is no tile, if that can be known."""


@dataclass(frozen=True, slots=True)
class LiveSource:
    """A tree that is still written. It may grow: what it has had, it has."""

    ask: Callable[[str], bytes | None]
    """Returns a file by its path; a narrower tile is cut there."""

    def read(self, path: str) -> bytes | None:
        """Return a file; none if there is none."""
        return self.ask(path)

    def wider(self, _tile: Tile) -> None:
        """Return none: a narrower tile is cut where it is read."""

    def files(self) -> Iterator[str]:
        """Yield nothing: it can't be known."""
        yield from ()

    def tiles(self) -> Iterator[Tile]:
        """Yield nothing: it can't be known."""
        yield from ()


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A public tree in a folder."""

    root: Path

    def read(self, path: str) -> bytes | None:
        """Return a file; none if there is none."""
        try:
            with open(f"{self.root}/{path}", "rb", buffering=0, opener=small) as file:
                return file.readall()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise FileUnreadable(f"{path}: {error.strerror}") from None

    def read_into(self, path: str, room: Room) -> int | None:
        """Read a file into a room, which grows if it must; return its bytes' number.

        None if there is none; ``SourceUnreadable`` otherwise.
        """
        length = 0
        try:
            with open(f"{self.root}/{path}", "rb", buffering=0, opener=small) as file:
                while count := file.readinto(memoryview(room.memory)[length:]):
                    length += count
                    if length == len(room.memory):
                        room.memory = room.memory + bytes(length)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise FileUnreadable(f"{path}: {error.strerror}") from None
        return length

    def wider(self, tile: Tile) -> bytes | None:
        """Return a partial tile cut from a wider partial one that lies there."""
        folder = (self.root / tile.path).parent
        try:
            widths = [int(each.name) for each in folder.iterdir() if _width(each)]
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise FileUnreadable(f"{tile.path}: {error.strerror}") from None
        enough = [width for width in widths if width > tile.width]
        if not enough:
            return None
        data = self.read(replace(tile, width=min(enough)).path)
        return None if data is None else cut(tile, data)

    def files(self) -> Iterator[str]:
        """Yield the path of each file that is no tile; not a writer's unfinished."""
        for name in walk(self.root, skipped="tile"):
            last = name.rpartition("/")[2]
            if not (last.startswith(".") and last.endswith(".new")):
                yield name

    def tiles(self) -> Iterator[Tile]:
        """Yield every tile that lies there; other files under ``tile/`` are refused.

        Raises:
            Malformed: ``tile-path``, naming a file that is no tile.
        """
        for name in walk(self.root / "tile"):
            if not name.rpartition("/")[2].startswith("."):
                try:
                    yield Tile.parse(f"tile/{name}")
                except Malformed:
                    raise Malformed("tile-path", f"tile/{name}") from None


@dataclass(kw_only=True, slots=True)
class Room:
    """Memory that large files are read into, one after the other.

    To be given half a megabyte by the system for each, page by page, costs a third of
    what hashing it does.
    """

    memory: bytearray = field(default_factory=lambda: bytearray(_ROOM))
    """What was read, to be changed at will; behind it whatever was there before."""

    def read(self, source: Source, tile: Tile) -> int | None:
        """Read a tile as :func:`read_tile` does; return its length.

        Raises:
            Malformed: the wider one can't be cut.
        """
        # One that is a folder and more reads in its own way.
        if type(source) is FolderSource:
            length = source.read_into(tile.path, self)
            if length is not None:
                return length
        data = read_tile(source, tile)
        if data is None:
            return None
        # Never empty: what a file is read into must hold a byte of it.
        self.memory = bytearray(data) or bytearray(1)
        return len(data)


def _width(path: Path) -> bool:
    return path.name.isascii() and path.name.isdigit()


def driver(module: str) -> Any:  # noqa: ANN401 - what only this needs is not imported
    """Return a module that needs more than ``cryptography``.

    Raises:
        CannotTell: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise CannotTell(f"this needs {error.name}, which is not installed") from None


def is_export(where: str) -> bool:
    """Whether an argument of the command line names an export, or what is left of one.

    Who takes one of its files away must not make of it a log, of which the others are
    not looked at.
    """
    return any(os.path.lexists(f"{where}/{name}") for name in _OF_EXPORT)


def is_tree(where: str) -> bool:
    """Whether a folder is an export or a public tree, whatever else lies in it.

    A store's own has its tree in a folder of its own.
    """
    return is_export(where) or (Path(where) / "tile").is_dir()


def read_tile(source: Source, tile: Tile) -> bytes | None:
    """Return a tile's bytes; a partial one may be cut from a wider one.

    Raises:
        Malformed: the wider one can't be cut.
    """
    data = source.read(tile.path)
    if data is not None or tile.width == WIDTH:
        return data
    whole = source.read(tile.full.path)
    return source.wider(tile) if whole is None else cut(tile, whole)
