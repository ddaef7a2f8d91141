"""What leaves name as in force, compared with what was activated before them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.authority import HOUR_MS
from audit.leafcheck import hour_ms, leaf_fault
from audit.leaffacts import Basis, BasisRun, spans
from audit.proof import leaf_at
from audit.reading import Source
from audit.runs import Runs

__all__ = ["BasisCheck"]

_NONE: Basis = ("", "")
"""What leaves name before anything was activated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BasisCheck:
    """The activations of a log of so many entries, and the processes that wrote it."""

    source: Source
    size: int
    activations: Sequence[BasisRun]
    runs: Runs

    def told(self, runs: Sequence[BasisRun]) -> Iterator[tuple[int, str]]:
        """Yield the entries that name another than what holds, and what is wrong.

        Nothing is where the entry may have been under way when that ended.
        """
        ends = [*(index for index, _ in runs[1:]), self.size]
        for (first, basis), end in zip(runs, ends, strict=False):
            for index, last, before in spans(self.activations, first, end):
                named = [each for _, each in before]
                if basis == (named[-1] if named else _NONE):
                    continue
                if basis not in named:
                    yield index, "names a policy or manifest that was not activated"
                elif self._over(basis, before, last):
                    yield last, "names an activation that another one had ended"
                else:
                    yield index, ""

    def _over(self, basis: Basis, before: Sequence[BasisRun], last: int) -> bool:
        """Whether nothing can have been under way any more under this activation.

        What was under way ends within seconds, and of leaves only the hour is known:
        so in the next hour at the latest, and not once every process began later.
        """
        place = max(at for at, (_, each) in enumerate(before) if each == basis)
        ended = before[place + 1][0]
        if self.runs.anew(ended, last):
            return True
        first, then = (self._hour(index) for index in (ended, last))
        return first is None or then is None or then > first + HOUR_MS

    def _hour(self, index: int) -> int | None:
        _, leaf = leaf_fault(leaf_at(self.source, index, self.size))
        return hour_ms(str(leaf.get("t")))
