"""The question archive, off the hot path: noted at once, written every few seconds.

It is what a change of rules is tried on. Losing a few notes loses a count, never a
decision: so it is bounded, and a full or unreachable store costs no answer.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from gateway.errors import Unavailable
from gateway.policy import Question, Vector
from gateway.policy.archive import Archive, ArchiveRow
from gateway.state import ArchiveRows

__all__ = ["Archiver"]

INTERVAL_S = 5.0
"""How often notes are written, in seconds."""

MOST_NOTES = 4096
"""Most notes kept between two writes; more are dropped."""

MOST_ROWS = 4096
"""Most counts kept until they can be written."""

_Note = tuple[Question, tuple[Vector, ...], str, int]


class Archiver:
    """Collects what was asked and writes it as counts."""

    def __init__(self, *, store: ArchiveRows, secret: bytes, keep: bool) -> None:
        """Take the store and the archive's key; ``keep`` false turns it off."""
        self._store = store
        self._archive = Archive(secret=secret)
        self._keep = keep
        self._notes: list[_Note] = []
        self._counts: Counter[ArchiveRow] = Counter()

    def note(
        self, question: Question, vectors: Sequence[Vector], outcome: str, day: int
    ) -> None:
        """Note one decided page; costs an append."""
        if self._keep and len(self._notes) < MOST_NOTES:
            self._notes.append((question, tuple(vectors), outcome, day))

    async def write(self) -> None:
        """Write what was noted; what cannot be written now is kept."""
        await self._count()
        for row, count in [*self._counts.items()]:
            try:
                await self._store.put(
                    day=row.day,
                    question=bytes.fromhex(row.question_sha),
                    sealed=row.sealed,
                    outcome=row.outcome,
                    count=count,
                )
            except Unavailable:
                return
            self._counts -= Counter({row: count})

    async def _count(self) -> None:
        """Make counts of notes; past the bound, rows that are new are dropped."""
        notes, self._notes = self._notes, []
        counts: Counter[ArchiveRow] = Counter()
        # Questions are remembered by policy, so equal ones are mostly one object.
        for place, (note, times) in enumerate(Counter(notes).items()):
            for row in self._archive.rows(*note):
                counts[row] += times
            if place % 64 == 0:
                await asyncio.sleep(0)
        for row, count in counts.items():
            if row in self._counts or len(self._counts) < MOST_ROWS:
                self._counts[row] += count

    async def run(self) -> None:
        """Write every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            await self.write()
