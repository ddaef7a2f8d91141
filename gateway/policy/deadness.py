"""What each value of each fact makes false, for each node of the index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from gateway.policy.clauses import Clause
from gateway.policy.index import Index, Walk, clauses_in
from gateway.policy.law import Comparison, Known, PaperTest, ValueTest, facts_of
from gateway.policy.vocabulary import UNKNOWN, Vocabulary
from gateway.policy.words import Scope

__all__ = ["DeadBy", "Tables"]

SCOPES: tuple[Scope, ...] = ("request", "record", "record_category")
DeadBy = dict[str, dict[str, int]]
"""Something -> the clauses it makes false, as keys."""


class Tables:
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
            clauses = list(clauses_in(chosen, self._walks))
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
        return open_
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
