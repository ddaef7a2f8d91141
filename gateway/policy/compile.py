"""Rules become data that an evaluator looks up: the index, clauses, and what is dead.

For each node, each value of each fact has the set of clauses it makes false, so that
what holds follows from a walk over the question's facts. The same rules in another
order of files give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.canonical import Json
from gateway.policy.bitset import members
from gateway.policy.clauses import (
    BASES,
    SILENT,
    Clause,
    clauses_of,
    doubts_of,
    numbered,
)
from gateway.policy.deadness import DeadBy, Tables
from gateway.policy.index import Walk, build_index
from gateway.policy.law import (
    FIRST,
    LAST,
    DayTest,
    PaperTest,
    Rule,
)
from gateway.policy.vocabulary import Vocabulary

__all__ = ["Compiled", "compile_rules"]

FIRST_YEAR, LAST_YEAR = 1900, 2199


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiled:
    """The data document, and each clause by its number."""

    data: Mapping[str, Json]
    clauses: Mapping[int, Clause]


def compile_rules(vocabulary: Vocabulary, rules: Sequence[Rule]) -> Compiled:
    """Compile resolved rules; their order does not matter."""
    walks = _walks(sorted(rules, key=lambda rule: (rule.rank, rule.id)))
    index = build_index(vocabulary, walks)
    every = [clause for walk in walks for clause in walk.clauses]
    tables = Tables(vocabulary, walks, index)
    eras, years = _eras(every)
    signed, parts = _in_parts(index.signatures, walks)
    data: dict[str, object] = {
        "custodian": index.custodian,
        "dataset": index.dataset,
        "requester": index.requester,
        "purposes": index.purposes,
        "purpose": index.purpose,
        "kind": index.kind,
        "beside": index.beside,
        "apart": index.apart,
        "category": index.category,
        "eras": eras,
        "years": years,
        "clauses": signed,
        "parts": parts,
        "paperless": _paperless(signed, parts, every),
        "later": _later(walks),
        "requiring": _requiring(walks),
        "pending": {
            str(clause.number): dict.fromkeys(sorted(facts), 0)
            for clause in every
            if (facts := tables.pending(clause, "record", "record_category"))
        },
        **tables.built(),
    }
    return Compiled(data=data, clauses={c.number: c for c in every})  # type: ignore[arg-type]  # every value is Json, built from str, int, list and dict


def _in_parts(
    signatures: Mapping[str, int], walks: Sequence[Walk]
) -> tuple[dict[str, list[str]], dict[str, dict[str, int]]]:
    """Return the two parts of each signature, and the clauses of each, marked.

    One is what stands below (state, federal permission, default; nobody's silence),
    the other what may change it: some hundreds of each make thousands of signatures. A
    clause is marked with 1 where others stand behind it.
    """
    below = sum(1 << i for i, walk in enumerate(walks) if walk.rule.layer in BASES)
    names: dict[tuple[int, bool], str] = {}
    signed: dict[str, list[str]] = {}
    for signature, chosen in signatures.items():
        halves = ((chosen & below, True), (chosen & ~below, False))
        signed[signature] = [names.setdefault(h, f"p{len(names)}") for h in halves]
    marks = _marks(walks)
    parts = {
        name: {**(_SILENCE if stands else {}), **_marked(half, marks)}
        for (half, stands), name in names.items()
    }
    return signed, parts


def _paperless(
    signed: Mapping[str, Sequence[str]],
    parts: Mapping[str, Mapping[str, int]],
    every: Sequence[Clause],
) -> dict[str, dict[str, int]]:
    """Return what is left of each signature where no paper is given: few clauses."""
    wanting = {str(clause.number) for clause in every if _wants_paper(clause)}
    left = {
        name: {key: mark for key, mark in part.items() if key not in wanting}
        for name, part in parts.items()
    }
    return {
        name: {**left[below], **left[above]} for name, (below, above) in signed.items()
    }


def _wants_paper(clause: Clause) -> bool:
    """Tell whether a clause is false where no paper is given."""
    papers = (test for test, _ in clause.parts if isinstance(test, PaperTest))
    return any(not test.negated for test in papers)


def _requiring(walks: Sequence[Walk]) -> dict[str, int]:
    """Return the clauses that require, of what stands below."""
    clauses = (c for w in walks if w.rule.layer in BASES for c in w.clauses)
    return {str(c.number): 0 for c in clauses if c.says == "require"}


_SILENCE = {str(SILENT): 0}


def _marks(walks: Sequence[Walk]) -> list[dict[str, int]]:
    """Return the clauses of each walk; all but the last with others behind."""
    return [
        {str(c.number): int(c is not walk.clauses[-1]) for c in walk.clauses}
        for walk in walks
    ]


def _marked(chosen: int, marks: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Return the clauses of some walks."""
    return {key: mark for i in members(chosen) for key, mark in marks[i].items()}


def _walks(rules: Sequence[Rule]) -> list[Walk]:
    """Return each rule's walks with numbers: one for both, or one each.

    Where a requirement may be in doubt, a walk that says so stands beside.
    """
    plans: list[tuple[Rule, list[Clause], bool, bool]] = []
    for rule in rules:
        same = rule.reach.any_purpose
        for known in (True,) if same else (True, False):
            for walk_of in (clauses_of, doubts_of):
                walk = walk_of(rule, purpose_known=known)
                plans.append((rule, walk, known, same or not known))
    plans = [plan for plan in plans if plan[1]]
    numbers = numbered([clauses for _, clauses, _, _ in plans])
    return [
        Walk(rule=rule, clauses=tuple(clauses), known=known, unknown=unknown)
        for (rule, _, known, unknown), clauses in zip(plans, numbers, strict=True)
    ]


def _later(walks: Sequence[Walk]) -> DeadBy:
    """Return for each clause those that stand behind it in its walk."""
    table: DeadBy = {}
    for walk in walks:
        keys = [str(clause.number) for clause in walk.clauses]
        table |= {
            key: dict.fromkeys(keys[i + 1 :], 0) for i, key in enumerate(keys[:-1])
        }
    return table


def _eras(clauses: Sequence[Clause]) -> tuple[list[DeadBy], list[dict[str, object]]]:
    """Return what is out of force in each stretch of days, and where years begin."""
    days = {day for clause in clauses for day in _boundaries(clause)}
    boundaries = sorted(days - {FIRST, LAST})
    eras = [
        {str(c.number): 0 for c in clauses if not _in_force(c, day)}
        for day in [FIRST, *boundaries]
    ]
    years = [
        {
            "era": sum(day < year * 10_000 for day in boundaries),
            "days": [day for day in boundaries if day // 10_000 == year],
        }
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
    ]
    return eras, years  # type: ignore[return-value]  # a list of sets written as objects


def _boundaries(clause: Clause) -> Iterator[int]:
    yield from (clause.rule.start, clause.rule.end)
    for condition, _ in clause.parts:
        if isinstance(condition, DayTest):
            yield from (condition.start, condition.end)


def _in_force(clause: Clause, day: int) -> bool:
    tests = [c for c, _ in clause.parts if isinstance(c, DayTest)]
    spans = [(clause.rule.start, clause.rule.end), *((t.start, t.end) for t in tests)]
    return all(start <= day < end for start, end in spans)
