"""A store as its auditors see it, sealed part included: a folder or a database.

Beside its writers or without them; nothing here changes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

from audit.batch import Stored
from audit.encoding import Json
from audit.errors import LogDamaged, SourceUnreadable
from audit.folder import Folder, sealed_path
from audit.frames import frames
from audit.history import Past, read_past
from audit.keyring import Keyring
from audit.reading import DATABASE, FolderSource, Source, driver, is_tree
from audit.regular import contents
from audit.salvage import Lost, Salvaged, salvaged
from audit.stored import sealed_record
from audit.tiles import WIDTH
from audit.treefile import read_file

__all__ = ["FolderKeep", "Keep", "keep_at", "split"]

_LENGTH = 4


def split(data: bytes) -> Iterator[bytes]:
    """Yield the records of a file, the last as short as the file was cut."""
    at = 0
    while at < len(data):
        start = at + _LENGTH
        at = start + int.from_bytes(data[at:start], "big")
        yield data[start:at]


class Keep(Protocol):
    """What can be read of a store."""

    @property
    def name(self) -> str:
        """What it is called in a sentence."""

    def source(self) -> Source:
        """Return the live tree."""

    def state(self) -> dict[str, Json]:
        """Return what the log keeps of itself; ``LogMissing`` where there is none."""

    def keyring(self) -> Keyring:
        """Return the log's keys with their periods."""

    def past(self, keys: Keyring) -> list[Past]:
        """Return the checkpoints that are kept, the live one last."""

    def stored(self) -> int:
        """Return how many entries are stored, signed or not."""

    def files(self) -> dict[str, int]:
        """Return which entry brought each public file."""

    def read(self, path: str, size: int) -> bytes | None:
        """Return a public file of the tree as it was at ``size`` entries."""

    def record(self, index: int) -> bytes:
        """Return the sealed record of an entry, also where others no longer read.

        Raises:
            LogDamaged: there is none.
            Malformed: what it lies in does not read.
        """

    def records(self, number: int) -> tuple[str, dict[int, bytes]]:
        """Return where the sealed records of a bundle lie, and those there are.

        Raises:
            SourceUnreadable: they could not be read.
        """

    def doubles(self, number: int) -> Iterator[tuple[int, bytes]]:
        """Yield the leaves of a bundle that are stored at a second place too."""

    def lost(self) -> Sequence[Lost]:
        """Return what no longer reads."""

    def risks(self) -> Sequence[str]:
        """Return how what is acknowledged could be lost all the same, as sentences."""

    def epoch(self, epoch: bytes) -> bytes | None:
        """Return an epoch's sealed keys; none if they are gone.

        Raises:
            SourceUnreadable: they could not be read.
        """


class FolderKeep:
    """A store in a folder; what lies in its write-ahead file is read once."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    @cached_property
    def _tail(self) -> Salvaged:
        return salvaged(self.folder.wal)

    @cached_property
    def _files(self) -> dict[str, int]:
        try:
            bodies, _ = frames(contents(self.folder.files), self.folder.files.name)
        except FileNotFoundError:
            return {}
        lines = [json.loads(body) for body in bodies]
        return {line["name"]: line["index"] for line in lines}

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.root.name

    def source(self) -> FolderSource:
        """Return the live tree."""
        return FolderSource(self.folder.live)

    def state(self) -> dict[str, Json]:
        """Return what the log keeps of itself."""
        return self.folder.read_state()

    def keyring(self) -> Keyring:
        """Return the log's keys with their periods."""
        return self.folder.keyring()

    def past(self, keys: Keyring) -> list[Past]:
        """Return the checkpoints that are kept, the live one last."""
        try:
            live = Past.of(contents(self.folder.checkpoint), keys)
        except FileNotFoundError:
            raise LogDamaged("the store has no checkpoint") from None
        return [*read_past(self.folder.history, keys), live]

    def stored(self) -> int:
        """Return how many entries are stored: a segment of the tail always stays."""
        batches = self._tail.batches
        return batches[-1].end if batches else 0

    def files(self) -> dict[str, int]:
        """Return which entry brought each public file."""
        return self._files

    def read(self, path: str, size: int) -> bytes | None:
        """Return a public file of the tree as it was at ``size`` entries."""
        return read_file(self.folder, path, size=size, files=self._files)

    def record(self, index: int) -> bytes:
        """Return the sealed record of an entry."""
        return sealed_record(self.folder, index)

    def records(self, number: int) -> tuple[str, dict[int, bytes]]:
        """Return where the sealed records of a bundle lie, and those there are."""
        path = self.folder.sealed(number)
        if path.exists():
            data = _read(path, sealed_path(number))
            return sealed_path(number), dict(enumerate(split(data), number * WIDTH))
        tail = self._in_tail(number)
        return "wal", {index: entry.record for index, entry in tail}

    def doubles(self, number: int) -> Iterator[tuple[int, bytes]]:
        """Yield the leaves of a bundle that the write-ahead file has too."""
        for index, entry in self._in_tail(number):
            yield index, entry.leaf

    def _in_tail(self, number: int) -> Iterator[tuple[int, Stored]]:
        first = number * WIDTH
        for batch in self._tail.batches:
            for index in range(max(first, batch.first), min(first + WIDTH, batch.end)):
                yield index, batch.entries[index - batch.first]

    def lost(self) -> Sequence[Lost]:
        """Return what no longer reads of the write-ahead folder."""
        return self._tail.lost

    def risks(self) -> Sequence[str]:
        """Return nothing that can be known: the disk is the operator's."""
        return ()

    def epoch(self, epoch: bytes) -> bytes | None:
        """Return an epoch's sealed keys; none if they are gone."""
        try:
            return _read(self.folder.epoch(epoch), f"epochs/{epoch.hex()}.json")
        except FileNotFoundError:
            return None


def _read(path: Path, name: str) -> bytes:
    """Return what a file holds that may be missing; ``SourceUnreadable`` otherwise."""
    try:
        return contents(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SourceUnreadable(f"{name}: {error.strerror}") from None


def keep_at(where: str) -> Keep | None:
    """Return the store that an argument names; none for a public tree.

    Raises:
        CannotTell: it is a database, and what that needs is not installed.
    """
    if where.startswith(DATABASE):
        found: Keep = driver("audit.postgres.keep").keep_of(where)
        return found
    folder = Folder(root=Path(where))
    there = not is_tree(where) and (folder.state.exists() or folder.live.is_dir())
    return FolderKeep(folder) if there else None
