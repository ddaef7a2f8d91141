"""A progress line on a terminal, for work that takes more than a moment."""

from __future__ import annotations

from types import TracebackType
from typing import Self, TextIO

from audit.checkpoint import Checkpoint
from audit.errors import AuditError
from audit.note import Note
from audit.reading import Source

__all__ = ["Progress"]

_WIDTH = 30
_SHOWN_FROM = 20_000


class Progress:
    """Counts entries; writes only where somebody looks at a terminal."""

    def __init__(self, *, total: int, stream: TextIO) -> None:
        self._total = total
        self._stream = stream
        self._shown = total >= _SHOWN_FROM and stream.isatty()
        self._done = 0
        self._last = -1

    @classmethod
    def of(cls, source: Source, *, stream: TextIO) -> Progress:
        """Return a progress line for as many entries as a log says it has."""
        try:
            note = Note.parse(source.read("checkpoint") or b"")
            total = Checkpoint.parse(note.text).size
        except AuditError:
            total = 0  # what is wrong is for the check itself to say
        return cls(total=total, stream=stream)

    def add(self, entries: int) -> None:
        """Count entries that were checked."""
        self._done += entries
        if not self._shown:
            return
        part = 100 * self._done // self._total
        if part != self._last:
            self._last = part
            bar = "#" * (_WIDTH * part // 100)
            self._stream.write(f"\r[{bar:<{_WIDTH}}] {part:3d} %")
            self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
