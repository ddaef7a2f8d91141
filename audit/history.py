"""Earlier checkpoints, so that the public view can lag behind the live one.

Only one in each 240th of the delay is kept: the public view moves in steps that
small, and the file stays small too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from audit.disk import Faults, replace
from audit.errors import AuditError
from audit.frames import frame, frames
from audit.keyring import Keyring
from audit.regular import contents

__all__ = ["History", "Past", "kept_after", "packed", "past_of", "read_past", "shown"]

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
        return past_of(contents(path), keys)
    except OSError:
        return []


def past_of(data: bytes, keys: Keyring, *, known: Sequence[Past] = ()) -> list[Past]:
    """Return the checkpoints that :func:`packed` has; none if it does not read.

    Those that are ``known`` are not checked again.
    """
    checked = {past.note: past for past in known}
    try:
        bodies, _ = frames(data, "history")
        return [checked.get(body) or Past.of(body, keys) for body in bodies]
    except AuditError:
        return []


def kept_after(
    kept: Sequence[Past], before: Past | None, past: Past, delay_ms: int
) -> tuple[Past, ...] | None:
    """Return which checkpoints to keep now that ``past`` follows ``before``.

    None if they are the same as until now.
    """
    if not delay_ms or before is None:
        return None
    last = kept[-1] if kept else None
    if last is not None and past.ms - last.ms < delay_ms // _STEPS:
        return None
    if last is not None and before.size <= last.size:
        return None
    cutoff = past.ms - delay_ms
    more = (*kept, before)
    # The last one that is old enough is what the public sees: it stays.
    old = [place for place, each in enumerate(more) if each.ms <= cutoff]
    return more[old[-1] if old else 0 :]


def shown(kept: Sequence[Past], live: Past, delay_ms: int, now_ms: int) -> Past:
    """Return the last checkpoint that is older than the delay.

    Before there is one, the oldest that is known: in a new log that of the empty tree.
    """
    known = [*kept, live]
    cutoff = now_ms - delay_ms
    old = [each for each in known if each.ms <= cutoff or not delay_ms]
    return old[-1] if old else known[0]


def packed(kept: Sequence[Past]) -> bytes:
    """Return the bytes of the kept checkpoints."""
    return b"".join(frame(each.note) for each in kept)


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
        kept = kept_after(self._kept, before, past, self._delay_ms)
        if kept is not None:
            replace(self._path, packed(kept), faults=self._faults)
            self._kept = kept

    def renew(self, past: Past) -> None:
        """Take the live checkpoint with more lines than it had."""
        self._live = past

    def public(self, now_ms: int) -> Past:
        """Return the last checkpoint that is older than the delay; see :func:`shown`.

        There is one from the first checkpoint on.
        """
        return shown(self._kept, cast("Past", self._live), self._delay_ms, now_ms)
