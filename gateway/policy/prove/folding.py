"""The order of laws as a formula: which cell decides, given the cells that speak.

This is ``policies/rego/fold.rego`` again, over formulas instead of lists; that both
say the same is tried by questions, not proved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from gateway.policy.prove.cells import (
    BAR,
    BASES,
    OVERLAY,
    PROCESS,
    PROHIBIT,
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
from gateway.policy.prove.logic import Bool, Guarded, add, both, either, no

__all__ = ["folded", "strongest"]

Standing: TypeAlias = dict[tuple[int, int], Bool]
"""By the layer that is the base, and the cell that stands now."""


def folded(active: Mapping[int, Bool]) -> Guarded:
    """Return each cell that may decide with the formula under which it does.

    Args:
        active: for each cell, whether a clause of it speaks; the silence always does.
    """
    return _Fold({**active, SILENCE: True}).decided()


def strongest(active: Mapping[int, Bool], *layers: int) -> Guarded:
    """Return each cell of some layers with when it is the strongest that speaks."""
    found: Guarded = {}
    silent: Bool = True
    for cell in sorted(active):
        if layer_of(cell) in layers:
            found[cell] = both([silent, active[cell]])
            silent = both([silent, no(active[cell])])
    return found


class _Fold:
    """One use: the fold over what speaks, step by step from below."""

    def __init__(self, active: Mapping[int, Bool]) -> None:
        self._active = active

    def decided(self) -> Guarded:
        now: Guarded = {}
        for (_, cell), guard in self._saved(self._narrowed(self._base())).items():
            add(now, cell, guard)
        opened = self._over(now, PROCESS, helps)
        return self._over(opened, BAR, shuts)

    def _base(self) -> Standing:
        """Return the lowest cell of the base layers, or the conflict it is in."""
        found: Standing = {}
        for cell, guard in strongest(self._active, *BASES).items():
            opposed = (
                self._any(cell // 10 + 2) if effect_of(cell) == PROHIBIT else False
            )
            add(found, (layer_of(cell), conflict(cell)), both([guard, opposed]))
            add(found, (layer_of(cell), cell), both([guard, no(opposed)]))
        return found

    def _narrowed(self, standing: Standing) -> Standing:
        """Return what an overlay makes of what stands."""
        local = strongest(self._active, OVERLAY)
        found: Standing = {}
        for (base, below), guard in standing.items():
            stays = [guard]
            for cell, speaks in local.items():
                turns = both([speaks, self._changes(cell, below, base)])
                add(found, (base, cell), both([guard, turns]))
                stays.append(no(turns))
            add(found, (base, below), both(stays))
        return found

    def _changes(self, local: int, below: int, base: int) -> Bool:
        """Return when a local cell changes what stands below."""
        way = changes(local, below)
        if way == "unhindered":
            return no(either(self._active[c] for c in self._hindering(base)))
        return way == "always"

    def _saved(self, standing: Standing) -> Standing:
        """Return what a saving makes of what stands."""
        saving = strongest(self._active, SAVING)
        speaks = either(saving.values())
        found: Standing = {}
        for (base, now), guard in standing.items():
            if not saveable(now):
                add(found, (base, now), guard)
                continue
            closers = [*self._hindering(OVERLAY), *self._hindering(base)]
            firm = either(self._active[c] for c in closers if effect_of(c) != REVIEW)
            lifts = both([guard, speaks, no(firm)])
            add(found, (base, now), both([guard, either([no(speaks), firm])]))
            for cell in closers:
                if effect_of(cell) == REVIEW:
                    add(found, (base, cell), both([lifts, self._active[cell]]))
                    lifts = both([lifts, no(self._active[cell])])
            for cell, first in saving.items():
                add(found, (base, cell), both([lifts, first]))
        return found

    def _over(
        self, standing: Guarded, layer: int, turns: Callable[[int, int], bool]
    ) -> Guarded:
        """Return what an upper layer makes of what stands."""
        upper = strongest(self._active, layer)
        found: Guarded = {}
        for below, guard in standing.items():
            stays = [guard]
            for cell, speaks in upper.items():
                if turns(cell, below):
                    add(found, cell, both([guard, speaks]))
                    stays.append(no(speaks))
            add(found, below, both(stays))
        return found

    def _any(self, ten: int) -> Bool:
        """Return when a cell speaks of a layer and effect."""
        return either(some for cell, some in self._active.items() if cell // 10 == ten)

    def _hindering(self, layer: int) -> list[int]:
        return hindering(sorted(self._active), layer)
