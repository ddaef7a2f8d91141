"""What each value of each fact makes false, for each node of the index.

Nodes have their tables by two names: one of what facts make false, one of papers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.policy.bitset import Unions, members, union
from gateway.policy.clauses import Clause
from gateway.policy.index import Index, Walk
from gateway.policy.law import Comparison, PaperTest, facts_of
from gateway.policy.tested import (
    Shared,
    Tested,
    asks,
    holds,
    is_value,
    order_of,
    tested_by,
)
from gateway.policy.vocabulary import UNKNOWN, Vocabulary
from gateway.policy.words import Scope

__all__ = ["DeadBy", "Tables"]

SCOPES: tuple[Scope, ...] = ("request", "record", "record_category")
DeadBy = dict[str, dict[str, int]]
"""Something -> the clauses it makes false, as keys."""


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
        tested = tested_by(self._clauses)
        self._ids = {
            condition: f"t{i}"
            for i, condition in enumerate(sorted(tested, key=order_of))
        }
        ordered = sorted(tested, key=order_of)
        self._facts: dict[str, tuple[int, dict[str, int]]] = {}
        for fact in sorted({t.fact for t in ordered if is_value(t)}):
            tests = [(test, tested[test]) for test in ordered if asks(test, fact)]
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
        self._shared = Shared()

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
        """Return what facts make false of some clauses.

        By scope what is false where a fact is not stated; ``bare`` is what is, of a
        category of which none is.
        """
        values, unstated = self._values(here)
        comparing = here & self._compare
        for fact, dead in self._uncompared(comparing).items():
            by_fact = unstated.setdefault(self._scope(fact), {})
            by_fact[fact] = by_fact.get(fact, 0) | dead
        return {
            **{
                scope: {
                    fact: self._set(dead)
                    for fact, dead in sorted(unstated.get(scope, {}).items())
                }
                for scope in SCOPES
            },
            "bare": self._set(union(unstated.get("record_category", {}).values())),
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

    def _values(self, here: int) -> tuple[dict[str, str], dict[str, dict[str, int]]]:
        """Return the name of each fact's table, and scope -> fact -> dead if unstated.

        A table is value -> dead; ``*`` is every value not listed.
        """
        named: dict[str, str] = {}
        unstated: dict[str, dict[str, int]] = {}
        for fact, (every, dead) in self._facts.items():
            about = here & every
            if about:
                if (fact, about) not in self._made:
                    table = self._by_value(fact, dead, about)
                    default = about & self._by_default(fact, dead)
                    self._made[fact, about] = self._shared.name(table), default
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
                (0 if holds(test, value, False) else strict)
                | (0 if holds(test, value, True) else open_)
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

    def _by_default(self, fact: str, dead: Mapping[str, int]) -> int:
        """Return the clauses that are false, anywhere, if nobody states a fact.

        A number has no table of its values: that it is one makes nothing false here.
        """
        default = self._vocabulary.defaults[fact]
        word = str(default).lower() if isinstance(default, bool) else default
        return dead.get(str(word), 0)

    def _uncompared(self, here: int) -> dict[str, int]:
        """Return what is dead if nobody states a number that is then unknown."""
        dead: dict[str, int] = {}
        for test, strict, _ in self._compares:
            if here & strict and self._vocabulary.defaults[test.fact] == UNKNOWN:
                dead[test.fact] = dead.get(test.fact, 0) | here & strict
        return dead

    def _comparisons(self, here: int, scope: Scope) -> list[object]:
        return [
            {
                "id": self._ids[test],
                "fact": test.fact,
                "op": test.op,
                "bound": test.bound,
                "years": test.years,
                "unstated": self._unstated(test.fact),
            }
            for test, strict, open_ in self._compares
            if here & (strict | open_) and self._scope(test.fact) == scope
        ]

    def _unstated(self, fact: str) -> object:
        """Return the number that a fact is where nobody states it; empty if unknown."""
        default = self._vocabulary.defaults[fact]
        return "" if default == UNKNOWN else default

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


def _clauses_of(walks: Sequence[Walk]) -> list[int]:
    """Return the set of clauses of each walk."""
    found, first = [], 0
    for walk in walks:
        found.append(((1 << len(walk.clauses)) - 1) << first)
        first += len(walk.clauses)
    return found
