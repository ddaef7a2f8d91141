"""Entries of a log, each bundle proved to the signed root before any is given out.

Who shows, counts or copies entries takes them from here: what was altered since it was
signed never gets through, and nothing is read but the bundles that are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from audit.believed import Believed
from audit.bundles import Unread, read_bundle, width_of
from audit.errors import FileUnreadable, ProofInvalid
from audit.forked import shared
from audit.reading import Source
from audit.tiles import ENTRIES, WIDTH, Tile

__all__ = ["Proven"]

Result = TypeVar("Result")

_RUN = 32
"""Bundles that a process takes at a time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proven:
    """The entries that a checkpoint vouches for."""

    source: Source
    size: int
    believed: Believed

    @classmethod
    def of(cls, source: Source, *, size: int, root: bytes) -> Proven:
        """Return the entries of a tree that was signed."""
        believed = Believed(source, size=size, root=root)
        return cls(source=source, size=size, believed=believed)

    def bundle(self, number: int) -> Sequence[bytes]:
        """Return the entries of one bundle.

        Raises:
            ProofInvalid: they are not those that were signed.
            SourceUnreadable: the log could not be read.
        """
        bundle = read_bundle(self.source, number, self.size)
        if isinstance(bundle.fault, Unread):
            raise FileUnreadable(bundle.fault)
        if bundle.fault or not self.believed.holds(bundle):
            if self.believed.unread:
                raise FileUnreadable(self.believed.unread[0])
            width = width_of(number, self.size)
            path = Tile(level=ENTRIES, index=number, width=width).path
            raise ProofInvalid(
                f"{path}: not the entries that were signed; `audit verify` says what"
                " was done to them"
            )
        return bundle.entries

    def mapped(
        self,
        work: Callable[[int, Sequence[bytes]], Result],
        *,
        jobs: int = 1,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Iterator[Result]:
        """Yield what ``work`` makes of each bundle, in order.

        ``work`` is given the index of the bundle's first entry, and the entries.

        Raises:
            ProofInvalid, SourceUnreadable: as :meth:`bundle`.
        """
        count = -(-self.size // WIDTH)
        runs = range(0, count, _RUN)

        def run(number: int) -> list[Result]:
            some = range(runs[number], min(count, runs[number] + _RUN))
            return [work(each * WIDTH, self.bundle(each)) for each in some]

        for number, results in enumerate(shared(run, len(runs), jobs=jobs)):
            yield from results
            end = min(self.size, (runs[number] + _RUN) * WIDTH)
            progress(end - runs[number] * WIDTH)
