"""Which keys a log signs with, from which size of its tree to which.

A log may change its keys (:mod:`audit.rotation`). Each set of keys has its period: it
signs the checkpoints of these sizes and no others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit.checkpoint import Checkpoint, Cosigned, open_checkpoint
from audit.errors import KeyOutOfWindow
from audit.note import Note
from audit.vkey import Verifier

__all__ = ["Keyring", "Period"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """A log's keys from one size to another."""

    keys: tuple[Verifier, ...]
    first: int = 0
    """The smallest tree that they sign."""
    last: int | None = None
    """The largest tree that they sign; none while they are in use."""
    handed: Checkpoint | None = None
    """What they signed last, if that is known."""

    def holds(self, size: int) -> bool:
        """Whether these keys sign a tree of this size."""
        return self.first <= size and (self.last is None or size <= self.last)

    @property
    def text(self) -> str:
        """The sizes as words."""
        return (
            f"{self.first} and more"
            if self.last is None
            else (f"{self.first} to {self.last}")
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Keyring:
    """Every key that a verifier knows."""

    periods: tuple[Period, ...]
    """The log's own, in order."""
    others: tuple[Verifier, ...] = ()
    """Of witnesses, and of other logs."""

    @classmethod
    def of(cls, keys: Iterable[Verifier]) -> Keyring:
        """Return a ring of keys of which no period is known."""
        return cls(periods=(Period(keys=tuple(keys)),))

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """Every key, of whatever period."""
        own = [key for period in self.periods for key in period.keys]
        return (*own, *self.others)

    def open(self, data: bytes, *, shortened: bool = False) -> Cosigned:
        """Read a checkpoint; see :func:`audit.checkpoint.open_checkpoint`.

        Raises:
            Malformed: it is no checkpoint.
            CannotTell: no key of this log is on the ring.
            ProofInvalid: a known key's line fails, or one that must be there is not.
            KeyOutOfWindow: a key has signed outside its period.
        """
        note = Note.parse(data)
        size = Checkpoint.parse(note.text).size
        fitting = self.periods_of(size)
        for period in self.periods:
            for key in period.keys:
                if note.of(key) and period not in fitting:
                    raise KeyOutOfWindow(
                        f"a key outside its window: {key.name} ({key.id.hex()}) signs"
                        f" trees of {period.text} entries, and this has {size}"
                    )
        keys = [key for period in fitting for key in period.keys]
        return open_checkpoint(data, [*keys, *self.others], shortened=shortened)

    def periods_of(self, size: int) -> list[Period]:
        """Return the periods whose keys sign a tree of this size."""
        return [period for period in self.periods if period.holds(size)]

    def period_of(self, note: Note, name: str) -> Period | None:
        """Return the period whose key of this name has a line in a note."""
        for period in self.periods:
            if any(key.name == name and note.of(key) for key in period.keys):
                return period
        return None
