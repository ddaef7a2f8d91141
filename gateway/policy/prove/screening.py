"""What a screen says is possible, as a formula.

``policies/rego/screen.rego`` again, over formulas: cells instead of clauses, as which
clause of a cell speaks changes nothing above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from gateway.policy.prove.answers import Answer
from gateway.policy.prove.cells import (
    BAR,
    BASES,
    OVERLAY,
    PLACES,
    PROCESS,
    PROHIBIT,
    REQUIRE,
    REVIEW,
    SAVING,
    SILENCE,
    changes,
    conflict,
    effect_of,
    helps,
    hindering,
    layer_of,
    saveable,
    shuts,
)
from gateway.policy.prove.folding import folded, strongest
from gateway.policy.prove.logic import Bool, Guarded, add, both, either, no

__all__ = ["Screened"]


class Screened:
    """What a screen says, for any question, of any record."""

    def __init__(self, answer: Answer) -> None:
        """Take what the law answers; only its request part is looked at."""
        self._answer = answer
        self._said: Guarded = {SILENCE: True}
        self._firm: Guarded = {SILENCE: True}
        self._sure: Guarded = {SILENCE: True}
        self._waits: Bool = False
        for walk in answer.law.walks:
            self._walk(walk)

    @cached_property
    def possible(self) -> Guarded:
        """For each cell when the screen says that it may decide."""
        done, may = folded(self._said), self._outcomes()
        found: Guarded = {}
        for cell, guard in done.items():
            add(found, cell, both([no(self._waits), guard]))
        for cell, guard in may.items():
            add(found, cell, both([self._waits, guard]))
        return found

    def _walk(self, walk: tuple[int, ...]) -> None:
        """Note which clauses of a walk may speak, wait for a record, surely speak."""
        law = self._answer.law
        open_: Bool = self._answer.reaches[walk[0]]
        ahead: Bool = False
        for number in walk:
            cell = number // PLACES
            may = both([open_, self._answer.allowed[number]])
            add(self._said, cell, may)
            if number in law.pending:
                ahead = either([ahead, may])
                continue
            add(self._firm, cell, may)
            add(self._sure, cell, both([may, no(ahead)]))
            open_ = both([open_, no(self._answer.allowed[number])])
        self._waits = either([self._waits, ahead])

    def _outcomes(self) -> Guarded:
        """Return every cell that could decide, over all that could speak."""
        low = self._narrowed(self._bases())
        papered = self._turned(self._saved(low), PROCESS, helps)
        return self._barred(papered)

    def _bases(self) -> Guarded:
        """Return what may stand before overlay, saving, process and bar."""
        found: Guarded = {}
        passed: Bool = False
        for layer in BASES:
            here = [cell for cell in sorted(self._said) if layer_of(cell) == layer]
            for cell in here:
                add(found, cell, both([self._said[cell], no(passed)]))
                passed = either([passed, self._sure.get(cell, False)])
            firm = [self._firm.get(cell, False) for cell in here]
            passed = either([passed, *firm])
        for cell, guard in list(found.items()):
            if effect_of(cell) == PROHIBIT:
                against = self._spoken(layer_of(cell) * 10 + REQUIRE)
                add(found, conflict(cell), both([guard, against]))
        return found

    def _narrowed(self, low: Guarded) -> Guarded:
        """Return what overlays that may speak make of what may stand."""
        none, ways = self._ways(OVERLAY)
        found: Guarded = {}
        for below, guard in low.items():
            hindered = self._any(hindering(self._said, layer_of(below)))
            stays = [none]
            for cell, speaks in ways.items():
                way = changes(cell, below)
                add(found, cell, both([guard, speaks, way != "never"]))
                remains = {"always": False, "unhindered": hindered, "never": True}[way]
                stays.append(both([speaks, remains]))
            add(found, below, both([guard, either(stays)]))
        return found

    def _saved(self, low: Guarded) -> Guarded:
        """Return what savings that may speak make of what may stand."""
        none, ways = self._ways(SAVING)
        closers = [
            cell
            for layer in (OVERLAY, *BASES[:-1])
            for cell in hindering(self._said, layer)
        ]
        firm = self._any(cell for cell in closers if effect_of(cell) != REVIEW)
        speaks = either(ways.values())
        found: Guarded = {}
        for below, guard in low.items():
            if not saveable(below):
                add(found, below, guard)
                continue
            add(found, below, both([guard, either([none, firm])]))
            for cell, way in ways.items():
                add(found, cell, both([guard, way]))
            for cell in closers:
                if effect_of(cell) == REVIEW:
                    add(found, cell, both([guard, speaks, self._said[cell]]))
        return found

    def _turned(
        self, low: Guarded, layer: int, turns: Callable[[int, int], bool]
    ) -> Guarded:
        """Return what an upper layer that may speak makes of what may stand."""
        none, ways = self._ways(layer)
        found: Guarded = {}
        for below, guard in low.items():
            stays = [none]
            for cell, speaks in ways.items():
                if turns(cell, below):
                    add(found, cell, both([guard, speaks]))
                else:
                    stays.append(speaks)
            add(found, below, both([guard, either(stays)]))
        return found

    def _barred(self, low: Guarded) -> Guarded:
        """Return what record bars may make of what may stand."""
        bars = [cell for cell in self._said if layer_of(cell) == BAR]
        surely = either(self._sure.get(cell, False) for cell in bars)
        opens = either(
            guard for cell, guard in low.items() if effect_of(cell) != PROHIBIT
        )
        found: Guarded = {}
        for cell, guard in self._turned(low, BAR, shuts).items():
            add(found, cell, both([surely, guard]))
        for cell, guard in low.items():
            add(found, cell, both([no(surely), guard]))
        for cell in bars:
            heard = True if effect_of(cell) == PROHIBIT else opens
            add(found, cell, both([no(surely), self._said[cell], heard]))
        return found

    def _ways(self, layer: int) -> tuple[Bool, Guarded]:
        """Return what a layer may say: nothing, or a cell as its strongest.

        What is sure is always said, and one more that may be.
        """
        sure = [cell for cell in sorted(self._sure) if layer_of(cell) == layer]
        none = no(either(self._sure[cell] for cell in sure))
        ways = strongest(self._sure, layer)
        for cell in [cell for cell in self._said if layer_of(cell) == layer]:
            stronger = either(self._sure[c] for c in sure if c < cell)
            add(ways, cell, both([self._said[cell], no(stronger)]))
        return none, ways

    def _spoken(self, ten: int) -> Bool:
        return self._any(cell for cell in self._said if cell // 10 == ten)

    def _any(self, cells: Iterator[int] | list[int]) -> Bool:
        return either(self._said[cell] for cell in cells)
