"""Rules become data that an evaluator looks up: the index, clauses, and what is dead.

For each node, each value of each fact has the set of clauses it makes false, so that
what holds follows from a walk over the question's facts. The same rules in another
order of files give the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.canonical import Json
from gateway.policy.clauses import SILENT, Clause, clauses_of, numbered
from gateway.policy.index import Index, Walk, build_index
from gateway.policy.law import (
    FIRST,
    LAST,
    Comparison,
    DayTest,
    Known,
    PaperTest,
    Rule,
    ValueTest,
    facts_of,
)
from gateway.policy.vocabulary import UNKNOWN, Vocabulary
from gateway.policy.words import Scope

__all__ = ["Compiled", "compile_rules"]

SCOPES: tuple[Scope, ...] = ("request", "record", "record_category")
FIRST_YEAR, LAST_YEAR = 1900, 2199
DeadBy = dict[str, dict[str, int]]


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
    tables = _Tables(vocabulary, walks, index)
    eras, years = _eras(every)
    data: dict[str, object] = {
        "custodian": index.custodian,
        "dataset": index.dataset,
        "requester": index.requester,
        "purpose": index.purpose,
        "kind": index.kind,
        "category": index.category,
        "eras": eras,
        "years": years,
        "clauses": {
            name: {str(SILENT): SILENT}
            | {str(c.number): c.number for c in _of(chosen, walks)}
            for name, chosen in index.signatures.items()
        },
        "particular": {
            name: True
            for name, chosen in index.signatures.items()
            if any(tables.pending(c, "record_category") for c in _of(chosen, walks))
        },
        "later": _later(walks),
        "pending": {
            str(clause.number): dict.fromkeys(sorted(facts), 0)
            for clause in every
            if (facts := tables.pending(clause, "record", "record_category"))
        },
        **tables.built(),
    }
    return Compiled(data=data, clauses={c.number: c for c in every})  # type: ignore[arg-type]  # every value is Json, built from str, int, list and dict


def _walks(rules: Sequence[Rule]) -> list[Walk]:
    """Return each rule's walks with numbers: one for both, or one each."""
    plans: list[tuple[Rule, list[Clause], bool, bool]] = []
    for rule in rules:
        same = rule.reach.any_purpose
        plans.append((rule, clauses_of(rule, purpose_known=True), True, same))
        if not same and (blind := clauses_of(rule, purpose_known=False)):
            plans.append((rule, blind, False, True))
    numbers = numbered([clauses for _, clauses, _, _ in plans])
    return [
        Walk(rule=rule, clauses=tuple(clauses), known=known, unknown=unknown)
        for (rule, _, known, unknown), clauses in zip(plans, numbers, strict=True)
    ]


def _of(chosen: int, walks: Sequence[Walk]) -> Iterator[Clause]:
    """Yield the clauses of a set of walks."""
    for i, walk in enumerate(walks):
        if chosen >> i & 1:
            yield from walk.clauses


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


class _Tables:
    """What each value of each fact makes false, for each node."""

    def __init__(
        self, vocabulary: Vocabulary, walks: Sequence[Walk], index: Index
    ) -> None:
        self._vocabulary = vocabulary
        self._walks = walks
        self._index = index
        conditions = {
            condition: None
            for walk in walks
            for clause in walk.clauses
            for condition, _ in clause.parts
        }
        self._ids = {
            condition: f"t{i}"
            for i, condition in enumerate(sorted(conditions, key=_key))
        }

    def pending(self, clause: Clause, *scopes: Scope) -> frozenset[str]:
        """Return the facts of these scopes that a clause depends on."""
        facts = {fact for condition, _ in clause.parts for fact in facts_of(condition)}
        return frozenset(fact for fact in facts if self._scope(fact) in scopes)

    def built(self) -> dict[str, object]:
        """Return the tables by name."""
        tables: dict[str, dict[str, object]] = {
            name: {}
            for name in (
                *SCOPES,
                "value",
                "compared",
                "wanted",
                "unwanted",
                "paperless",
            )
        }
        compare: dict[str, dict[str, object]] = {scope: {} for scope in SCOPES}
        for node, chosen in self._index.nodes.items():
            clauses = list(_of(chosen, self._walks))
            values = self._values(clauses)
            tables["value"][node] = values
            for scope in SCOPES:
                tables[scope][node] = self._by_default(values, scope)
                compare[scope][node] = self._comparisons(clauses, scope)
            tables["compared"][node] = self._compared(clauses)
            tables["wanted"][node] = wanted = self._by_paper(clauses, negated=False)
            tables["unwanted"][node] = self._by_paper(clauses, negated=True)
            tables["paperless"][node] = {
                key: 0 for dead in wanted.values() for key in dead
            }
        return {**tables, "compare": compare, "papers": self._papers()}

    def _scope(self, fact: str) -> str:
        known = self._vocabulary.facts.get(fact)
        return known.scope if known else "ask"

    def _values(self, clauses: Iterable[Clause]) -> dict[str, DeadBy]:
        """Return fact -> value -> dead; ``*`` is every value not listed."""
        found: dict[str, list[tuple[str, ValueTest | Known, bool]]] = {}
        for clause in clauses:
            for condition, open_ in clause.parts:
                if isinstance(condition, ValueTest | Known):
                    entry = (str(clause.number), condition, open_)
                    found.setdefault(condition.fact, []).append(entry)
        return {fact: self._by_value(fact, found[fact]) for fact in sorted(found)}

    def _by_value(
        self, fact: str, entries: list[tuple[str, ValueTest | Known, bool]]
    ) -> DeadBy:
        domain = self._vocabulary.code_values.get(fact, frozenset())
        if self._vocabulary.facts[fact].type == "boolean":
            domain = frozenset({"true", "false"})
        dead = {
            value: frozenset(
                key for key, test, open_ in entries if not _holds(test, value, open_)
            )
            for value in sorted(domain | {UNKNOWN})
        }
        rest = frozenset[str]()
        if domain:
            counts = Counter(dead[value] for value in domain)
            rest = max(counts, key=lambda keys: (counts[keys], sorted(keys)))
        table = {v: keys for v, keys in dead.items() if v == UNKNOWN or keys != rest}
        return {v: _set(keys) for v, keys in (table | {"*": rest}).items()}

    def _by_default(self, values: Mapping[str, DeadBy], scope: Scope) -> DeadBy:
        """Return fact -> dead for facts that nobody states, where not empty."""
        table: DeadBy = {}
        for fact, dead in values.items():
            if self._scope(fact) == scope:
                default = self._vocabulary.default(fact)
                word = str(default).lower() if isinstance(default, bool) else default
                chosen = dead.get(str(word), dead["*"])
                if chosen:
                    table[fact] = chosen
        return table

    def _comparisons(self, clauses: Iterable[Clause], scope: Scope) -> list[object]:
        tests = {
            condition
            for clause in clauses
            for condition, _ in clause.parts
            if isinstance(condition, Comparison)
            and self._scope(condition.fact) == scope
        }
        return [
            {
                "id": self._ids[test],
                "fact": test.fact,
                "op": test.op,
                "bound": test.bound,
                "years": test.years,
                "unstated": self._vocabulary.default(test.fact),
            }
            for test in sorted(tests, key=_key)
        ]

    def _compared(self, clauses: Iterable[Clause]) -> dict[str, DeadBy]:
        table: dict[str, DeadBy] = {}
        for clause in clauses:
            for condition, open_ in clause.parts:
                if isinstance(condition, Comparison):
                    empty: DeadBy = {"true": {}, "false": {}, "unknown": {}}
                    dead = table.setdefault(self._ids[condition], empty)
                    dead["false"][str(clause.number)] = 0
                    if not open_:
                        dead["unknown"][str(clause.number)] = 0
        return table

    def _by_paper(self, clauses: Iterable[Clause], *, negated: bool) -> DeadBy:
        """Return test -> dead if no paper satisfies it (or, negated, if one does)."""
        table: DeadBy = {}
        for clause in clauses:
            for condition, _ in clause.parts:
                if isinstance(condition, PaperTest) and condition.negated == negated:
                    dead = table.setdefault(self._ids[condition], {})
                    dead[str(clause.number)] = 0
        return table

    def _papers(self) -> dict[str, dict[str, dict[str, str]]]:
        """Return paper fact -> state -> the paper tests that it satisfies."""
        table: dict[str, dict[str, dict[str, str]]] = {}
        tests = [test for test in self._ids if isinstance(test, PaperTest)]
        for test in sorted(tests, key=_key):
            for fact in sorted(test.facts):
                for state in sorted(test.states):
                    ids = table.setdefault(fact, {}).setdefault(state, {})
                    ids[self._ids[test]] = "yes"
        return table


def _holds(test: ValueTest | Known, value: str, open_: bool) -> bool:  # noqa: FBT001  # the mode of one condition, not an option
    if value == UNKNOWN:
        return open_ and isinstance(test, ValueTest)
    return isinstance(test, Known) or value in test.values


def _set(keys: Iterable[str]) -> dict[str, int]:
    return dict.fromkeys(sorted(keys), 0)


def _key(condition: object) -> str:
    """Return text that orders conditions, whatever order their sets are in."""
    parts = {}
    for name in condition.__slots__:  # type: ignore[attr-defined]  # slotted dataclasses
        value = getattr(condition, name)
        parts[name] = sorted(value) if isinstance(value, frozenset) else value
    return f"{type(condition).__name__}{parts}"
