"""The write-ahead file: where an entry becomes durable.

Segments ``wal/<first index>`` hold one frame a batch. A segment goes only when all
its entries lie in full, durable bundles; the newest one always stays, so that the
last time is known after a restart.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from audit.batch import Batch
from audit.disk import Faults, step, sync_folder, write_all
from audit.errors import LogDamaged, LogFailed, LogFull
from audit.frames import frame, frames
from audit.regular import contents

__all__ = ["NO_ROOM", "Wal", "stored_batches"]

_SEGMENT_BYTES = 8_000_000
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def _segments(folder: Path) -> list[tuple[int, Path]]:
    names = [path for path in folder.iterdir() if path.name.isdigit()]
    return sorted((int(path.name), path) for path in names)


def stored_batches(folder: Path) -> Iterator[Batch]:
    """Yield the batches of a write-ahead folder, changing nothing.

    A batch that a crash cut at the very end is left out: nobody was told of it.

    Raises:
        LogDamaged: something there does not read, or a batch is missing.
    """
    found = _segments(folder)
    following: int | None = None
    for number, (_, path) in enumerate(found):
        data = contents(path)
        bodies, end = frames(data, path.name)
        if end != len(data) and number != len(found) - 1:
            raise LogDamaged(f"wal/{path.name}: cut at byte {end}")
        for body in bodies:
            batch = Batch.parse(body)
            if following not in {None, batch.first}:
                raise LogDamaged(f"wal/{path.name}: entry {following} is missing")
            following = batch.end
            yield batch


class Wal:
    """Appends batches. One thread at a time; after :class:`LogFailed` no more."""

    def __init__(self, *, folder: Path, faults: Faults) -> None:
        self._folder = folder
        self._faults = faults
        self._handle: int | None = None
        self._length = 0

    def mend(self) -> None:
        """Cut off what a crash left unfinished, once, at start."""
        found = _segments(self._folder)
        if not found:
            return
        _, path = found[-1]
        data = contents(path)
        bodies, end = frames(data, path.name)
        if end == len(data) and bodies:
            return
        with path.open("r+b") as file:
            file.truncate(end)
            os.fsync(file.fileno())
        if not bodies:  # an empty segment would hide the last time behind it
            path.unlink()
            sync_folder(self._folder)

    def append(self, batch: Batch) -> None:
        """Write a batch and return when it is durable.

        Raises:
            LogFull: no room; nothing of it stays, and the next may succeed.
            LogFailed: it is not known what the disk holds.
        """
        data = frame(batch.pack())
        try:
            handle = self._open(batch.first)
            with step(self._faults, "wal write"):
                write_all(handle, [data])
        except OSError as error:
            self._take_back()
            if error.errno in NO_ROOM:
                raise LogFull("no room for the write-ahead file") from None
            raise LogFailed(f"write-ahead file: {error.strerror}") from None
        try:
            with step(self._faults, "wal sync"):
                os.fdatasync(handle)
        except OSError as error:
            raise LogFailed(f"write-ahead file, sync: {error.strerror}") from None
        self._length += len(data)

    def _open(self, first: int) -> int:
        if self._handle is not None and self._length > _SEGMENT_BYTES:
            self.close()
        if self._handle is None:
            path = self._folder / f"{first:016d}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            handle = os.open(path, flags, 0o600)
            try:
                with step(self._faults, "wal create"):
                    sync_folder(self._folder)
            except OSError:
                os.close(handle)
                raise
            self._handle, self._length = handle, os.fstat(handle).st_size
        return self._handle

    def _take_back(self) -> None:
        """Remove an unfinished frame, or stop: a later one must not follow it."""
        if self._handle is None:
            return
        try:
            with step(self._faults, "wal take back"):
                os.ftruncate(self._handle, self._length)
                os.fsync(self._handle)
        except OSError as error:
            raise LogFailed(f"write-ahead file: {error.strerror}") from None

    def drop_before(self, index: int) -> None:
        """Delete segments whose entries all lie before ``index``; keep the newest."""
        found = _segments(self._folder)
        for (_, path), (following, _) in pairwise(found):
            if following <= index:
                with step(self._faults, "wal drop"):
                    path.unlink()

    def close(self) -> None:
        """Close the open segment; the next append begins another."""
        if self._handle is not None:
            with contextlib.suppress(OSError):
                os.close(self._handle)
            self._handle = None
