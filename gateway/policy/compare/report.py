"""What a change of rules does to past answers, in words, with small counts hidden.

Counts of the archive are shown as :func:`gateway.policy.archive.shown_count` says: few
as "fewer than 5", others rounded to 5. None is said as none: that nothing opens must
be certain. Counts of a file that somebody holds are exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from gateway.canonical import Json, canonical, digest
from gateway.policy.archive import shown_count
from gateway.policy.compare.tally import Cell, Tally, Way
from gateway.policy.sentence.lists import titles_of
from gateway.policy.vocabulary import Vocabulary

__all__ = ["digest_of", "document_of", "exactly", "lines_of", "roughly"]

Shown: TypeAlias = Callable[[int], str]
"""How a count is said."""

WAYS: Mapping[Way, str] = {
    "opens": "would now release something they did not",
    "closes": "would release less",
    "otherwise": "would release as little, and wait or be refused otherwise",
}
OF_CELL: Mapping[Way, str] = {
    "opens": "opens",
    "closes": "closes",
    "otherwise": "waits or is refused otherwise",
}


def exactly(count: int) -> str:
    """Return a count as it is."""
    return f"{count:,}" if count else "none"


def roughly(count: int) -> str:
    """Return a count that tells of nobody in particular."""
    return shown_count(count) if count else "none"


def lines_of(tally: Tally, vocabulary: Vocabulary, shown: Shown) -> list[str]:
    """Return the report: one sentence, then each way in which answers change."""
    if not tally.total:
        return ["No past answers: there was nothing to compare."]
    said = ", ".join(f"{shown(getattr(tally, way))} {WAYS[way]}" for way in WAYS)
    lines = [
        f"{shown(tally.total)} past answers: {said}, {shown(tally.same)} the same."
    ]
    if tally.both:
        lines.append(f"{shown(tally.both)} of them open one field and close another.")
    if tally.unasked:
        words = "use words that one side does not have: nothing is released for them"
        lines.append(f"{shown(tally.unasked)} {words}.")
    if tally.other_rule:
        words = "of those that stay the same are decided by another rule"
        lines.append(f"{shown(tally.other_rule)} {words}.")
    return [*lines, *_cells(tally.cells, vocabulary, shown)]


def _cells(cells: Counter[Cell], vocabulary: Vocabulary, shown: Shown) -> Iterator[str]:
    families, fields = titles_of(vocabulary.families), titles_of(vocabulary.categories)
    for cell, count in _ordered(cells):
        how = "" if cell.use == "release" else ", to find a record"
        may = " (depends on the record)" if cell.depends else ""
        field = fields.get(cell.field, cell.field)
        yield (
            f"  {OF_CELL[cell.way]}: {field}{how}, for"
            f" {families.get(cell.family, cell.family)}: {shown(count)}"
            f" ({cell.before} before, {cell.after} then){may}"
        )


def _ordered(cells: Counter[Cell]) -> list[tuple[Cell, int]]:
    """Return what opens first, then what closes; by name, not by hidden counts."""
    order = list(WAYS)
    return sorted(cells.items(), key=lambda item: (order.index(item[0].way), item[0]))


def document_of(tally: Tally, shown: Shown, **about: Json) -> dict[str, Json]:
    """Return the report for programs; counts are said as people see them."""
    numbers: dict[str, Any] = {
        name: shown(getattr(tally, name))
        for name in (
            *("total", "opens", "closes", "both", "otherwise", "same"),
            *("unasked", "other_rule"),
        )
    }
    return {
        "schema": "sallyport.replay/1",
        **about,
        **numbers,
        "groups": [
            {
                "way": cell.way,
                "family": cell.family,
                "use": cell.use,
                "field": cell.field,
                "before": cell.before,
                "after": cell.after,
                "depends_on_the_record": cell.depends,
                "count": shown(count),
            }
            for cell, count in _ordered(tally.cells)
        ],
    }


def digest_of(document: Mapping[str, Json]) -> str:
    """Return what an act names a report by: SHA-256 of its canonical form."""
    return digest(canonical(document))
