"""Earlier checkpoints, so that the public view can lag behind the live one.

Only one in each 240th of the delay is kept: the public view moves in steps that
small, and the file stays small too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.disk import Faults, replace
from audit.errors import AuditError
from audit.frames import frame, frames
from audit.keyring import Keyring

__all__ = ["History", "Past", "read_past"]

_STEPS = 240


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """One checkpoint with its size and when it was signed (Unix ms)."""

    note: bytes
    size: int
    ms: int

    @classmethod
    def of(cls, note: bytes, keys: Keyring) -> Past:
        """Read a checkpoint of this log; the errors of ``Keyring.open``."""
        opened = keys.open(note)
        ms = 1000 * (opened.seconds or 0)
        return cls(note=note, size=opened.checkpoint.size, ms=ms)


def read_past(path: Path, keys: Keyring) -> list[Past]:
    """Return the kept checkpoints, oldest first.

    A file that does not read is as if it were not there: the live checkpoint is
    what counts, and the public view then starts from it.
    """
    try:
        bodies, _ = frames(path.read_bytes(), path.name)
        return [Past.of(body, keys) for body in bodies]
    except (OSError, AuditError):
        return []


class History:
    """Chooses which checkpoint the public sees."""

    def __init__(
        self,
        *,
        path: Path,
        delay_ms: int,
        kept: Sequence[Past],
        live: Past | None,
        faults: Faults,
    ) -> None:
        self._path = path
        self._delay_ms = delay_ms
        self._kept = tuple(kept)
        self._live = live
        self._faults = faults

    def add(self, past: Past) -> None:
        """Take a new live checkpoint, after it was published."""
        before, self._live = self._live, past
        if not self._delay_ms or before is None:
            return
        last = self._kept[-1] if self._kept else None
        if last is not None and past.ms - last.ms < self._delay_ms // _STEPS:
            return
        if last is None or before.size > last.size:
            self._keep(before, past.ms)

    def renew(self, past: Past) -> None:
        """Take the live checkpoint with more lines than it had."""
        self._live = past

    def _keep(self, before: Past, now_ms: int) -> None:
        cutoff = now_ms - self._delay_ms
        kept = (*self._kept, before)
        # The last one that is old enough is what the public sees: it stays.
        old = [place for place, each in enumerate(kept) if each.ms <= cutoff]
        kept = kept[old[-1] if old else 0 :]
        data = b"".join(frame(each.note) for each in kept)
        replace(self._path, data, faults=self._faults)
        self._kept = kept

    def public(self, now_ms: int) -> Past:
        """Return the last checkpoint that is older than the delay.

        Before there is one, the oldest that is known: in a new log that of the empty
        tree.
        """
        known = [*self._kept, self._live] if self._live is not None else [*self._kept]
        cutoff = now_ms - self._delay_ms
        old = [each for each in known if each.ms <= cutoff or not self._delay_ms]
        return old[-1] if old else known[0]
