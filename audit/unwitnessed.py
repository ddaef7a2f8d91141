"""Since when the newest entries lack the signatures of witnesses; restarts included.

The time is that of the first checkpoint that lacked a quorum: its entries are at most
one interval older. It is kept beside the log's name and keys, so that stopping and
starting again does not begin the count anew.
"""

from __future__ import annotations

import contextlib

from audit.contract import Charter
from audit.cosigning import Cosigner
from audit.errors import LogError
from audit.history import Past

__all__ = ["Unwitnessed"]

_KEY = "unwitnessed_since_ms"


class Unwitnessed:
    """Looks at each checkpoint that was published. Its calls block."""

    def __init__(self, *, cosigner: Cosigner, charter: Charter) -> None:
        """Take over what is on record.

        Raises:
            LogError: the state does not read.
        """
        self._cosigner = cosigner
        self._charter = charter
        recorded = charter.read_state().get(_KEY)
        self.since_ms: int | None = recorded if type(recorded) is int else None
        """Unix ms; none if a quorum has signed all there is."""
        self._recorded = self.since_ms

    def look(self, live: Past) -> bool:
        """Take note of the live checkpoint; whether a witness may still sign it."""
        if live.size == 0 or self._cosigner.satisfied(live.note):
            self.since_ms = None
        elif self.since_ms is None:
            self.since_ms = live.ms
        if self.since_ms != self._recorded:
            # Where it can't be kept now it is tried after the next checkpoint.
            with contextlib.suppress(OSError, LogError):
                self._record()
        return self._cosigner.lacking(live.note)

    def _record(self) -> None:
        state = {k: v for k, v in self._charter.read_state().items() if k != _KEY}
        if self.since_ms is not None:
            state[_KEY] = self.since_ms
        self._charter.write_state(state)
        self._recorded = self.since_ms
