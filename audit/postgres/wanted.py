"""A batch on its way to the database: the same however often it is sent."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from audit.batch import Batch
from audit.contract import Returned, TurnLost
from audit.entry import Dedup
from audit.errors import LogError, LogFailed
from audit.integrator import pack_records
from audit.tiles import pack_entries

__all__ = ["SEQUENCE", "Wanted"]

SEQUENCE = (
    "SELECT o_first, o_ms FROM sallyport_log.sequence("
    "%b::bytea, %b::bytea, %s::bigint, %s::bigint, %s::bigint, %s::bigint,"
    " %s::integer, %b::bytea, %b::bytea, %b::bytea,"
    " %b::bytea[], %b::integer[], %b::bytea[], %b::bytea[],"
    " %s::text[], %b::integer[], %b::bytea[])"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A batch as it is sent: the same however often."""

    batch: Batch
    id: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def marked(self) -> list[tuple[int, Dedup]]:
        """The places that have a dedup key."""
        entries = enumerate(self.batch.entries)
        return [(place, each.dedup) for place, each in entries if each.dedup]

    @property
    def turn(self) -> int | None:
        """The turn in which some of it is written, if any is."""
        turns = [each.turn for each in self.batch.entries if each.turn is not None]
        return max(turns, default=None)

    def files(self) -> dict[str, tuple[int, bytes]]:
        """Return the files by name, each with the place of the first that has it.

        Raises:
            LogFailed: two of one name differ.
        """
        found: dict[str, tuple[int, bytes]] = {}
        for place, entry in enumerate(self.batch.entries):
            for name, data in entry.files.items():
                if found.setdefault(name, (place, data))[1] != data:
                    raise LogFailed(f"{name} holds something else")
        return found

    def arguments(self, fence: bytes, seen: int) -> list[object]:
        """Return the arguments of :data:`SEQUENCE`.

        Args:
            fence: what this process knows of the log's keys.
            seen: how many entries it knows to stand.
        """
        batch, marked, files = self.batch, self.marked, self.files()
        return [
            self.id,
            fence,
            seen,
            self.turn,
            min(each.at_ms for each in batch.entries),
            batch.ms,
            len(batch.entries),
            b"".join(batch.hashes),
            pack_entries([each.leaf for each in batch.entries]),
            pack_records([each.record for each in batch.entries]),
            [dedup.key for _, dedup in marked],
            [place for place, _ in marked],
            [dedup.request for _, dedup in marked],
            [dedup.content for _, dedup in marked],
            [*files],
            [place for place, _ in files.values()],
            [data for _, data in files.values()],
        ]

    def return_stale(self) -> None:
        """Give back what is of an earlier turn than other entries of the same batch.

        Raises:
            Returned: if anything is.
        """
        stale = self.lost(lambda mine: mine != self.turn)
        if stale:
            raise Returned(stale)

    def lost(self, gone: Callable[[int], bool]) -> dict[int, LogError]:
        """Return the answer to the entries whose turn is gone, by place."""
        return {
            place: TurnLost("another process took the turn")
            for place, each in enumerate(self.batch.entries)
            if each.turn is not None and gone(each.turn)
        }
