"""What each value of each fact makes false, for each node of the index.

Nodes have their tables by two names: one of what facts make false, one of papers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeGuard

import orjson

from gateway.policy.bitset import Unions, members, union
from gateway.policy.clauses import Clause
from gateway.policy.index import Index, Walk
from gateway.policy.law import (
    Comparison,
    Condition,
    Known,
    PaperTest,
    ValueTest,
    facts_of,
)
from gateway.policy.vocabulary import UNKNOWN, Vocabulary
from gateway.policy.words import Scope

__all__ = ["DeadBy", "Tables"]

SCOPES: tuple[Scope, ...] = ("request", "record", "record_category")
DeadBy = dict[str, dict[str, int]]
"""Something -> the clauses it makes false, as keys."""
Tested: TypeAlias = tuple[Condition, tuple[int, int]]
"""A condition with the clauses that want it: strictly, or open."""


class Tables:
    """What each value of each fact makes false, for each node.

    Clauses are bits, as walks are in the index. What a table holds follows from those
    clauses of the node that test its fact, so equal parts of tables are made once.
    """

    def __init__(
        self, vocabulary: Vocabulary, walks: Sequence[Walk], index: Index
    ) -> None:
        self._vocabulary = vocabulary
        self._index = index
        self._clauses = [clause for walk in walks for clause in walk.clauses]
        self._keys = [str(clause.number) for clause in self._clauses]
        self._of_walks = Unions(_clauses_of(walks))
        tested = _tested(self._clauses)
        self._ids = {
            condition: f"t{i}" for i, condition in enumerate(sorted(tested, key=_key))
        }
        ordered = sorted(tested, key=_key)
        self._facts: dict[str, tuple[int, dict[str, int]]] = {}
        for fact in sorted({t.fact for t in ordered if _is_value(t)}):
            tests = [(test, tested[test]) for test in ordered if _asks(test, fact)]
            about = union(strict | open_ for _, (strict, open_) in tests)
            self._facts[fact] = about, self._dead_by(fact, tests)
        self._compares = [
            (test, *tested[test]) for test in ordered if isinstance(test, Comparison)
        ]
        self._compare = union(strict | open_ for _, strict, open_ in self._compares)
        self._papers = [test for test in ordered if isinstance(test, PaperTest)]
        self._wanted, self._unwanted = (
            [
                (self._ids[test], union(tested[test]))
                for test in self._papers
                if test.negated == negated
            ]
            for negated in (False, True)
        )
        self._want_papers = union(about for _, about in self._wanted)
        self._bar_papers = union(about for _, about in self._unwanted)
        self._made: dict[object, Any] = {}
        self._shared = _Shared()

    def pending(self, clause: Clause, *scopes: Scope) -> frozenset[str]:
        """Return the facts of these scopes that a clause depends on."""
        facts = {fact for condition, _ in clause.parts for fact in facts_of(condition)}
        return frozenset(fact for fact in facts if self._scope(fact) in scopes)

    def built(self) -> dict[str, object]:
        """Return the tables by name."""
        of: dict[str, list[str]] = {}
        tests: dict[str, dict[str, object]] = {}
        paper_tests: dict[str, dict[str, object]] = {}
        names: dict[tuple[str, int], str] = {}
        facts = union(about for about, _ in self._facts.values()) | self._compare
        papers = self._want_papers | self._bar_papers
        for node, chosen in self._index.nodes.items():
            here = self._of_walks.of(chosen)
            by_facts, by_papers = ("f", here & facts), ("p", here & papers)
            if by_facts not in names:
                names[by_facts] = name = f"f{len(tests)}"
                tests[name] = self._by_facts(here)
            if by_papers not in names:
                names[by_papers] = name = f"p{len(paper_tests)}"
                paper_tests[name] = self._by_papers(here)
            of[node] = [names[by_facts], names[by_papers]]
        return {
            "of": of,
            "tests": tests,
            "paper_tests": paper_tests,
            "papers": self._states(),
            "shared": self._shared.tables,
        }

    def _by_facts(self, here: int) -> dict[str, object]:
        """Return what facts make false of some clauses."""
        values, unstated = self._values(here)
        comparing = here & self._compare
        return {
            **{scope: unstated.get(scope, {}) for scope in SCOPES},
            "value": values,
            "compare": {scope: self._comparisons(comparing, scope) for scope in SCOPES},
            "compared": self._compared(comparing),
        }

    def _by_papers(self, here: int) -> dict[str, object]:
        """Return what papers, and that one is not there, make false of some clauses."""
        wanted = self._by_paper(self._wanted, here & self._want_papers)
        return {
            "wanted": self._shared.name(wanted),
            "unwanted": self._by_paper(self._unwanted, here & self._bar_papers),
        }

    def _scope(self, fact: str) -> str:
        known = self._vocabulary.facts.get(fact)
        return known.scope if known else "ask"

    def _set(self, clauses: int) -> dict[str, int]:
        """Return a set of clauses as tables hold it; equal sets are one object."""
        if clauses not in self._made:
            keys = [self._keys[i] for i in members(clauses)]
            self._made[clauses] = dict.fromkeys(sorted(keys), 0)
        made: dict[str, int] = self._made[clauses]
        return made

    def _values(self, here: int) -> tuple[dict[str, str], dict[str, DeadBy]]:
        """Return the name of each fact's table, and scope -> fact -> dead if unstated.

        A table is value -> dead; ``*`` is every value not listed.
        """
        named: dict[str, str] = {}
        unstated: dict[str, DeadBy] = {}
        for fact, (every, dead) in self._facts.items():
            about = here & every
            if about:
                if (fact, about) not in self._made:
                    table = self._by_value(fact, dead, about)
                    made = self._shared.name(table), self._by_default(fact, table)
                    self._made[fact, about] = made
                named[fact], default = self._made[fact, about]
                if default:
                    unstated.setdefault(self._scope(fact), {})[fact] = default
        return named, unstated

    def _domain(self, fact: str) -> frozenset[str]:
        """Return the values that a fact can have, if they are listed."""
        if self._vocabulary.facts[fact].type == "boolean":
            return frozenset({"true", "false"})
        return self._vocabulary.code_values.get(fact, frozenset())

    def _dead_by(self, fact: str, tests: Sequence[Tested]) -> dict[str, int]:
        """Return of each value of a fact the clauses that it makes false, anywhere."""
        return {
            value: union(
                (0 if _holds(test, value, False) else strict)
                | (0 if _holds(test, value, True) else open_)
                for test, (strict, open_) in tests
            )
            for value in sorted(self._domain(fact) | {UNKNOWN})
        }

    def _by_value(self, fact: str, everywhere: Mapping[str, int], about: int) -> DeadBy:
        domain = self._domain(fact)
        dead = {value: about & some for value, some in everywhere.items()}
        rest = 0
        if domain:
            counts = Counter(dead[value] for value in domain)
            rest = max(counts, key=lambda some: (counts[some], sorted(self._set(some))))
        table = {v: some for v, some in dead.items() if v == UNKNOWN or some != rest}
        return {v: self._set(some) for v, some in (table | {"*": rest}).items()}

    def _by_default(self, fact: str, table: DeadBy) -> dict[str, int]:
        """Return what is dead if nobody states a fact."""
        default = self._vocabulary.defaults[fact]
        word = str(default).lower() if isinstance(default, bool) else default
        return table.get(str(word), table["*"])

    def _comparisons(self, here: int, scope: Scope) -> list[object]:
        return [
            {
                "id": self._ids[test],
                "fact": test.fact,
                "op": test.op,
                "bound": test.bound,
                "years": test.years,
                "unstated": self._vocabulary.defaults[test.fact],
            }
            for test, strict, open_ in self._compares
            if here & (strict | open_) and self._scope(test.fact) == scope
        ]

    def _compared(self, here: int) -> dict[str, DeadBy]:
        return {
            self._ids[test]: {
                "true": self._set(0),
                "false": self._set(here & (strict | open_)),
                "unknown": self._set(here & strict),
            }
            for test, strict, open_ in self._compares
            if here & (strict | open_)
        }

    def _by_paper(self, tests: Sequence[tuple[str, int]], here: int) -> DeadBy:
        """Return test -> dead if no paper satisfies it (of those that bar, if one)."""
        return {test: self._set(here & about) for test, about in tests if here & about}

    def _states(self) -> dict[str, dict[str, dict[str, str]]]:
        """Return paper fact -> state -> the paper tests that it satisfies."""
        table: dict[str, dict[str, dict[str, str]]] = {}
        for test in self._papers:
            for fact in sorted(test.facts):
                for state in sorted(test.states):
                    ids = table.setdefault(fact, {}).setdefault(state, {})
                    ids[self._ids[test]] = "yes"
        return table


class _Shared:
    """Keeps each distinct table once, under a name that nodes point to."""

    def __init__(self) -> None:
        self.tables: dict[str, object] = {}
        self._names: dict[bytes, str] = {}

    def name(self, table: object) -> str:
        """Return the name of a table with this content."""
        data = orjson.dumps(table, option=orjson.OPT_SORT_KEYS)
        if data not in self._names:
            self._names[data] = name = f"s{len(self._names)}"
            self.tables[name] = table
        return self._names[data]


def _clauses_of(walks: Sequence[Walk]) -> list[int]:
    """Return the set of clauses of each walk."""
    found, first = [], 0
    for walk in walks:
        found.append(((1 << len(walk.clauses)) - 1) << first)
        first += len(walk.clauses)
    return found


def _tested(clauses: Sequence[Clause]) -> dict[Condition, tuple[int, int]]:
    """Return each condition with the clauses that want it: strictly, or open."""
    found: dict[Condition, tuple[int, int]] = {}
    for i, clause in enumerate(clauses):
        for condition, is_open in clause.parts:
            strict, open_ = found.get(condition, (0, 0))
            one = 1 << i
            found[condition] = (
                (strict, open_ | one) if is_open else (strict | one, open_)
            )
    return found


def _is_value(test: Condition) -> TypeGuard[ValueTest | Known]:
    return isinstance(test, ValueTest | Known)


def _asks(test: Condition, fact: str) -> bool:
    return _is_value(test) and test.fact == fact


def _holds(test: Condition, value: str, open_: bool) -> bool:  # noqa: FBT001  # the mode of one condition, not an option
    if value == UNKNOWN:
        return open_
    return not isinstance(test, ValueTest) or value in test.values


def _key(condition: object) -> str:
    """Return text that orders conditions, whatever order their sets are in."""
    parts = {}
    for name in condition.__slots__:  # type: ignore[attr-defined]  # slotted dataclasses
        value = getattr(condition, name)
        parts[name] = sorted(value) if isinstance(value, frozenset) else value
    return f"{type(condition).__name__}{parts}"
