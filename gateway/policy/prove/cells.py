"""Cells: what a clause's number says without its place, and what cells do to another.

A cell is layer, effect and flags. These are the small functions of
``policies/rego/fold.rego``, over cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from gateway.policy.clauses import BY_UNKNOWN, SILENT

__all__ = [
    "BAR",
    "BASES",
    "OVERLAY",
    "PERMIT",
    "PLACES",
    "PROCESS",
    "PROHIBIT",
    "REQUIRE",
    "REVIEW",
    "SAVING",
    "SILENCE",
    "changes",
    "conflict",
    "effect_of",
    "helps",
    "hindering",
    "layer_of",
    "outcome_of",
    "saveable",
    "shuts",
]

PLACES = 10_000
"""Numbers of one cell, by their place within it."""
SILENCE = SILENT // PLACES

BAR, PROCESS, SAVING, OVERLAY = 1, 2, 3, 4
DEFAULT = 7
BASES = (5, 6, DEFAULT, 8)
"""State law, federal permission, the agency's default, and nobody."""
PROHIBIT, REVIEW, REQUIRE, PERMIT = 1, 2, 3, 4
DOUBT = 90
"""Added to a layer: a requirement of that layer may hold."""

OUTCOMES: Mapping[int, str] = {
    **dict.fromkeys(range(10, 15), "withhold"),
    **dict.fromkeys((20, 21, 40, 41), "wait"),
    **dict.fromkeys((30, 42, 43), "release"),
}
"""What happens, by effect and flags."""


def layer_of(cell: int) -> int:
    """Return the layer of a cell; 1 is the strongest."""
    return cell // 100


def effect_of(cell: int) -> int:
    """Return the effect of a cell."""
    return cell // 10 % 10


def outcome_of(cell: int) -> str:
    """Return what happens where a cell decides."""
    return OUTCOMES[cell % 100]


def conflict(cell: int) -> int:
    """Return the cell that stands for a conflict in the layer of a cell."""
    return layer_of(cell) * 100 + 10 * REVIEW


def hindering(cells: Iterable[int], layer: int) -> list[int]:
    """Return the cells that keep a prohibit of a layer from being lifted."""
    return [
        cell
        for cell in cells
        if cell // 10 in {layer * 10 + REVIEW, layer + DOUBT}
        or cell == layer * 100 + 10 * PROHIBIT + BY_UNKNOWN
    ]


def changes(local: int, below: int) -> Literal["always", "unhindered", "never"]:
    """Return when a local cell changes what stands below it."""
    if below % 2 == 0:
        return "never"
    if effect_of(local) < effect_of(below) or below == SILENCE:
        return "always"
    # What the default alone closes may also be left to a person.
    opening = {PERMIT, REVIEW} if layer_of(below) == DEFAULT else {PERMIT}
    opens = effect_of(local) in opening and effect_of(below) == PROHIBIT
    return "unhindered" if opens else "never"


def saveable(cell: int) -> bool:
    """Tell whether a cell is a prohibit that a saving lifts."""
    return effect_of(cell) == PROHIBIT and cell % 10 // 2 == 1


def helps(papers: int, below: int) -> bool:
    """Tell whether process opens what stands below."""
    said = effect_of(papers)
    return said == REQUIRE or (said == REVIEW and effect_of(below) < REQUIRE)


def shuts(bar: int, below: int) -> bool:
    """Tell whether a bar closes what stands below."""
    said = effect_of(bar)
    return said == PROHIBIT or (said == REVIEW and effect_of(below) != PROHIBIT)
