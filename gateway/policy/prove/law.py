"""A compiled bundle as it is proved about: clauses, their reach, what kills them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.canonical import canonical
from gateway.policy.bitset import union
from gateway.policy.bundle import ROOTS, Bundle
from gateway.policy.clauses import BY_UNKNOWN, DOUBTS, LIFTED, SILENT
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
from gateway.policy.prove.forms import misformed
from gateway.policy.prove.places import (
    Places,
    older,
    read_places,
    signatures_of,
)
from gateway.policy.prove.results import Mistranslated
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
    """Read the compiled law of a bundle, as its own rules look it up.

    Raises:
        Mistranslated: its tables are not of the form that tables have.
    """
    data: Any = bundle.document("compiled/data.json")
    try:
        law = read_law(data, bundle.document("table/data.json"), bundle.vocabulary)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise Mistranslated(f"the tables cannot be read: {error!r}") from error
    return replace(law, problems=(*_beside(bundle, data), *law.problems))


def _beside(bundle: Bundle, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield what else evaluators would look up, or otherwise than it is read here.

    OPA joins all files of data to one document, wherever they lie, and has programs
    run and patches made. Whether a rule looks at a fact is asked of the tables' text.
    """
    by_name = any("compiled.asked" in text for text in bundle.rego.values())
    if by_name != older(data):
        yield "the tables are of another form than the rules look them up in"
    read = {f"{root}/data.json" for root in ROOTS if root != "sallyport"}
    if canonical(data) != bundle.files["compiled/data.json"]:
        yield "the tables are not written as they are looked for"
    for path in sorted(bundle.files):
        name = path.rpartition("/")[2]
        if (name in TAKEN or name.endswith(".wasm")) and path not in read:
            yield f"{path} would be read by OPA and by nothing else"


def read_law(data: Any, table: object, vocabulary: Vocabulary) -> CompiledLaw:  # noqa: ANN401 - JSON of a bundle
    """Read compiled data and the table of what its numbers stand for."""
    rows = TableText.model_validate(table)
    bits = Bits(map(int, rows.clauses))
    signed = signatures_of(data, bits)
    places = read_places(data, vocabulary, signed)
    conditions = read_conditions(data, vocabulary, bits, signed)
    walks = _walks(data["later"], bits)
    problems = (
        *misformed(data, vocabulary, bits),
        *places.problems,
        *conditions.problems,
        *_disordered(walks, data["later"], bits),
        *_apart(walks, map(bits.of, data["parts"].values()), signed, bits),
        *_misplaced(data),
        *_not_listed(data, bits),
        *_not_awaited(data, vocabulary, bits, conditions),
        *_papered(data, bits, conditions.papers.values()),
        *_misnamed(rows, data["pending"]),
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
    absent = requiring if older(data) else ()
    if set(data.get("requiring", absent)) != requiring:
        yield "requiring lists other clauses than those that require"


def _not_awaited(
    data: Mapping[str, Any], vocabulary: Vocabulary, bits: Bits, conditions: Conditions
) -> Iterator[str]:
    """Yield each clause with a fact of the record that it needs and does not wait for.

    A screen names what would settle it, and is the decision where nothing would.
    """
    killed = {fact: union(kills.values()) for fact, kills in conditions.values.items()}
    for test in conditions.comparisons.values():
        dead = union(test.dead.values())
        killed[test.fact] = killed.get(test.fact, 0) | dead
    pending = data["pending"]
    for fact, dead in sorted(killed.items()):
        if vocabulary.scopes[fact] in RECORD:
            for number in bits.members(dead):
                if fact not in pending.get(str(number), NOTHING):
                    yield f"clause {number} does not wait for {fact}"
    known = {fact for fact, scope in vocabulary.scopes.items() if scope in RECORD}
    for clause, facts in pending.items():
        if not (isinstance(facts, dict) and facts.keys() <= known):
            yield f"clause {clause} waits for what no record says"


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


def _misnamed(table: TableText, pending: Collection[str]) -> Iterator[str]:
    """Yield the clauses whose number says another thing than their row."""
    for number, row in table.clauses.items():
        rule = table.rules[row.rule]
        layer = LAYERS.index(rule.layer) + 1
        cell = {
            "lift": LIFTED // 100_000,
            "doubt": DOUBTS // 100_000 + layer,
        }.get(row.says, layer * 10 + SAID.get(row.says, 0))
        if int(number) // 100_000 != cell:
            yield f"clause {number} is another number than {row.rule} {row.says}"
        case, flag = rule.cases[row.case], int(number) // PLACES % 10
        told = {
            "permit": (flag in FREE) == (case.exercised or not case.discretion),
            "prohibit": (flag == BY_UNKNOWN) == row.by_unknown,
        }.get(row.says, True)
        if not told or row.pending != (number in pending):
            yield f"clause {number} has other flags than {row.rule} {row.case}"


NOTHING: Mapping[str, Any] = {}
FREE = (2, 3)
"""Flags of a permit that no person need decide."""
RECORD = ("record", "record_category")
TAKEN = ("data.json", "data.yaml", "data.yml", "patch.json", "plan.json")
"""Names of files that OPA takes for more than text."""
UPPER = (BAR, PROCESS, SAVING, OVERLAY)
"""Layers that may change what stands below: bars, process, savings, overlays."""
SAID = {"prohibit": 1, "review": 2, "require": 3, "permit": 4}
