"""What one page holds, decided and redacted: values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors import Key
from gateway.policy import Decision, Vector

__all__ = ["PageRead", "Record"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One record as it may be shown."""

    subject: int
    key: Key
    decision: Decision
    fields: Mapping[str, object]
    granted: tuple[str, ...]

    @property
    def releases(self) -> bool:
        """Whether anything of this record is made available."""
        return bool(self.fields) or bool(self.granted)


@dataclass(frozen=True, kw_only=True, slots=True)
class PageRead:
    """What one page holds, decided and redacted."""

    records: tuple[Record, ...] = ()
    vectors: tuple[Vector, ...] = ()
    answers: tuple[str, ...] = ()
    """What the engine answered to each vector, as a digest."""
    asked_source: bool = False
    last: bool = True

    @classmethod
    def nothing(cls) -> PageRead:
        """Return the page of an exchange for which no source was asked."""
        return cls()
