"""What writers that are killed asked for and were told: lines of one file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

__all__ = ["Notes", "Told"]

_END = "."


class Told(NamedTuple):
    """One receipt as it was noted."""

    key: str
    entry_index: int
    leaf_hash: str


class Notes:
    """The notes over all lives of a store; any number of processes write them.

    A line is one ``write`` to a file that is appended to. That does not make it whole:
    the kernel looks for a fatal signal at each page that it fills, so a kill may leave
    a line's start. Each line therefore begins on a new one and ends with a mark, and
    one without it was never said.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; it is made when it is not there."""
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._read = 0
        self._open: dict[str, None] = {}
        self._told: list[Told] = []
        self._errors: list[str] = []

    def line(self, text: str) -> None:
        """Write one line."""
        os.write(self._handle, f"\n{text} {_END}\n".encode())

    def open_keys(self) -> list[str]:
        """Return the keys that were asked for and never answered."""
        self._look()
        return list(self._open)

    def told(self) -> list[Told]:
        """Return the receipts, in the order in which they were noted."""
        self._look()
        return list(self._told)

    def errors(self) -> list[str]:
        """Return what ended a writer in a way that nobody foresaw."""
        self._look()
        return list(self._errors)

    def _look(self) -> None:
        """Take in what was written since the last look."""
        more = os.fstat(self._handle).st_size - self._read
        data = os.pread(self._handle, more, self._read)
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.decode().splitlines():
            match line.split():
                case ["ask", key, end] if end == _END:
                    self._open[key] = None
                case ["got", key, index, hashed, end] if end == _END:
                    self._open.pop(key, None)
                    self._told.append(Told(key, int(index), hashed))
                case ["error", *words, end] if end == _END:
                    self._errors.append(" ".join(words))
