"""A compiled bundle as it is proved about: clauses, their reach, what kills them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.policy.bitset import union
from gateway.policy.bundle import Bundle
from gateway.policy.clauses import DOUBTS, LIFTED, SILENT
from gateway.policy.prove.bits import Bits
from gateway.policy.prove.cells import (
    BAR,
    BASES,
    OVERLAY,
    PLACES,
    PROCESS,
    REQUIRE,
    SAVING,
    effect_of,
    layer_of,
)
from gateway.policy.prove.conditions import (
    Conditions,
    PaperTested,
    read_conditions,
)
from gateway.policy.prove.places import (
    Places,
    older,
    read_places,
    signatures_of,
)
from gateway.policy.rules import LAYERS
from gateway.policy.table import TableText
from gateway.policy.vocabulary import Vocabulary

__all__ = ["CompiledLaw", "law_of", "read_law"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledLaw:
    """What a bundle's tables say, joined; ``problems`` are where they disagree.

    ``walks`` are the clauses of each rule in order: the first that holds speaks.
    ``pending`` are those that wait for a record's facts.
    """

    vocabulary: Vocabulary
    table: TableText
    bits: Bits
    places: Places
    conditions: Conditions
    walks: tuple[tuple[int, ...], ...]
    pending: frozenset[int]
    problems: tuple[str, ...]


def law_of(bundle: Bundle) -> CompiledLaw:
    """Read the compiled law of a bundle."""
    return read_law(
        bundle.document("compiled/data.json"),
        bundle.document("table/data.json"),
        bundle.vocabulary,
    )


def read_law(data: Any, table: object, vocabulary: Vocabulary) -> CompiledLaw:  # noqa: ANN401 - JSON of a bundle
    """Read compiled data and the table of what its numbers stand for."""
    rows = TableText.model_validate(table)
    bits = Bits(map(int, rows.clauses))
    signed = signatures_of(data, bits)
    places = read_places(data, vocabulary, signed)
    conditions = read_conditions(data, vocabulary, bits, signed)
    walks = _walks(data["later"], bits)
    problems = (
        *places.problems,
        *conditions.problems,
        *_disordered(walks, data["later"], bits),
        *_apart(walks, map(bits.of, data["parts"].values()), signed, bits),
        *_misplaced(data),
        *_not_listed(data, bits),
        *_papered(data, bits, conditions.papers.values()),
        *_misnamed(rows),
    )
    return CompiledLaw(
        vocabulary=vocabulary,
        table=rows,
        bits=bits,
        places=places,
        conditions=conditions,
        walks=walks,
        pending=frozenset(map(int, data["pending"])),
        problems=tuple(dict.fromkeys(problems)),
    )


def _walks(later: Mapping[str, Any], bits: Bits) -> tuple[tuple[int, ...], ...]:
    """Return the walks, each with its clauses in order."""
    behind = {int(key) for table in later.values() for key in table}
    firsts = [number for number in bits.numbers if number not in behind]

    def place(number: int) -> int:
        """Return what orders the clauses of a walk: how few stand behind."""
        return -len(later.get(str(number), ()))

    return tuple(
        (first, *sorted(map(int, later.get(str(first), ())), key=place))
        for first in firsts
    )


def _disordered(
    walks: Iterable[Sequence[int]], later: Mapping[str, Any], bits: Bits
) -> Iterator[str]:
    """Yield the clauses that are not in one walk, before all that are behind them."""
    behind = [
        (number, set(map(str, walk[i + 1 :])))
        for walk in walks
        for i, number in enumerate(walk)
    ]
    counts = Counter(number for number, _ in behind)
    for number in bits.numbers:
        if counts[number] != 1:
            yield f"clause {number} stands in {counts[number]} walks"
    for number, others in behind:
        if set(later.get(str(number), ())) != others:
            yield f"clause {number} is not before all that are behind it"


def _apart(
    walks: Iterable[Sequence[int]],
    parts: Iterable[int],
    signatures: Mapping[str, int],
    bits: Bits,
) -> Iterator[str]:
    """Yield the signatures that hold a part of a walk only.

    A signature is of two parts, and of these there are few: where each holds whole
    walks, so does whatever is made of them.
    """
    several = [walk for walk in walks if len(walk) > 1]
    wholes = [union(bits.bit(number) for number in walk) for walk in several]
    if not any(_torn(part, wholes) for part in parts):
        return
    for name, here in signatures.items():
        if _torn(here, wholes):
            yield f"signature {name} holds a part of a walk"


def _torn(here: int, wholes: Iterable[int]) -> bool:
    """Tell whether a set of clauses holds a part of a walk only."""
    return any(here & whole not in {0, whole} for whole in wholes)


def _misplaced(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the clauses in the wrong part of a signature: below stands only the law."""
    for at, (side, wrong) in enumerate((("below", UPPER), ("above", BASES))):
        pairs = data["clauses"].values()
        for name in sorted({name for pair in pairs for name in pair[at : at + 1]}):
            for number in map(int, data["parts"].get(name, ())):
                if layer_of(number // PLACES) in wrong:
                    yield f"part {name} stands {side} and holds clause {number}"


def _not_listed(data: Mapping[str, Any], bits: Bits) -> Iterator[str]:
    """Yield what is said where the list of what requires below is another.

    Bundles built before there was one have none, and look nothing up in it.
    """
    cells = {number: number // PLACES for number in bits.numbers}
    requiring = {
        str(number)
        for number, cell in cells.items()
        if layer_of(cell) in BASES and effect_of(cell) == REQUIRE
    }
    if set(data.get("requiring", requiring)) != requiring:
        yield "requiring lists other clauses than those that require"


def _papered(
    data: Mapping[str, Any], bits: Bits, papers: Iterable[PaperTested]
) -> Iterator[str]:
    """Yield each signature that holds without papers what none of each would not leave.

    In bundles built before it is the parts of signatures that say it, or the nodes.
    """
    nodes = all("paperless" in tests for tests in data["paper_tests"].values())
    if nodes and "paperless" not in data:
        return
    wanting = union(paper.wanted for paper in papers)
    what = "part" if older(data) else "signature"
    for name, halves in _halves(data).items():
        left = data.get("paperless", {}).get(name, NOTHING)
        kept = all(mark in [h.get(key) for h in halves] for key, mark in left.items())
        silent = any(str(SILENT) in half for half in halves) == (str(SILENT) in left)
        whole = union(map(bits.of, halves))
        if not (kept and silent and bits.of(left) == whole & ~wanting):
            yield f"{what} {name} holds other clauses without papers"


def _halves(data: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Return what is held with papers by what may be held without: parts, by name."""
    parts = data["parts"]
    if older(data):
        return {name: [part] for name, part in parts.items()}
    return {
        name: [parts.get(half, NOTHING) for half in pair]
        for name, pair in data["clauses"].items()
    }


def _misnamed(table: TableText) -> Iterator[str]:
    """Yield the clauses whose number says another layer or effect than their row."""
    for number, row in table.clauses.items():
        layer = LAYERS.index(table.rules[row.rule].layer) + 1
        cell = {
            "lift": LIFTED // 100_000,
            "doubt": DOUBTS // 100_000 + layer,
        }.get(row.says, layer * 10 + SAID.get(row.says, 0))
        if int(number) // 100_000 != cell:
            yield f"clause {number} is another number than {row.rule} {row.says}"


NOTHING: Mapping[str, Any] = {}
UPPER = (BAR, PROCESS, SAVING, OVERLAY)
"""Layers that may change what stands below: bars, process, savings, overlays."""
SAID = {"prohibit": 1, "review": 2, "require": 3, "permit": 4}
