"""What makes each clause false, read back from the tables of a bundle.

Each node of the index has a table of facts and one of papers, which it may share with
others. What is checked here is that they say the same of a clause wherever it is found,
so that a clause has one condition: of words, of numbers, of papers and of the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.policy.bitset import union
from gateway.policy.prove.bits import Bits
from gateway.policy.prove.unstated import (
    SCOPES,
    Comparing,
    Unstated,
    default_kills,
    unstated_number,
    unstated_wrong,
)
from gateway.policy.vocabulary import UNKNOWN, Vocabulary

__all__ = [
    "Conditions",
    "PaperTested",
    "read_conditions",
    "values_of",
]

TRUTHS = ("true", "false", "unknown")


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperTested:
    """A test of papers: which states of which facts satisfy it, and what it kills."""

    satisfied_by: frozenset[tuple[str, str]]
    wanted: int
    unwanted: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """What makes clauses false, and what is wrong with the tables.

    ``values`` maps a fact to each of its values, ``unknown`` among them. ``eras`` has
    one set more than there are ``boundaries``: what is out of force before the first,
    between each two and from the last.
    """

    values: Mapping[str, Mapping[str, int]]
    comparisons: Mapping[str, Comparing]
    papers: Mapping[str, PaperTested]
    boundaries: Sequence[int]
    eras: Sequence[int]
    problems: tuple[str, ...]


def read_conditions(
    data: Mapping[str, Any],
    vocabulary: Vocabulary,
    bits: Bits,
    signed: Mapping[str, int],
) -> Conditions:
    """Read the tables of a bundle's compiled data, with the clauses of signatures."""
    return _Reader(data, vocabulary, bits, signed).read()


class _Reader:
    """One use: joins the tables of all nodes, then holds each against the whole."""

    def __init__(
        self,
        data: Mapping[str, Any],
        vocabulary: Vocabulary,
        bits: Bits,
        signed: Mapping[str, int],
    ) -> None:
        self._data = data
        self._vocabulary = vocabulary
        self._bits = bits
        self._nodes = {
            node: union(signed.get(name, 0) for name in set(table.values()))
            for node, table in data["category"].items()
        }
        self._values: dict[str, dict[str, int]] = {}
        self._compared: dict[str, dict[str, int]] = {}
        self._compare: dict[str, Mapping[str, Any]] = {}
        self._killed_by: dict[str, int] = {}
        self._unstated: Unstated = {}
        self._wanted: dict[str, int] = {}
        self._unwanted: dict[str, int] = {}
        self._problems: dict[str, None] = {}

    def read(self) -> Conditions:
        of = {node: self._data["of"][node] for node in self._nodes}
        for name in dict.fromkeys(facts for facts, _ in of.values()):
            self._join_facts(self._data["tests"][name])
        for name in dict.fromkeys(papers for _, papers in of.values()):
            self._join_papers(self._data["paper_tests"][name])
        self._killed_by = {fact: union(v.values()) for fact, v in self._values.items()}
        self._unstated = default_kills(
            self._vocabulary, self._values, self._comparing()
        )
        self._check(of)
        boundaries = self._boundaries()
        return Conditions(
            values=self._values,
            comparisons=self._comparing(),
            papers=self._papers(),
            boundaries=boundaries,
            eras=[self._bits.of(dead) for dead in self._data["eras"]],
            problems=tuple(self._problems),
        )

    def _comparing(self) -> dict[str, Comparing]:
        return {
            name: Comparing(
                fact=test["fact"],
                op=test["op"],
                bound=test["bound"],
                years=test["years"],
                dead=self._compared.get(name, dict.fromkeys(TRUTHS, 0)),
            )
            for name, test in self._compare.items()
        }

    def _check(self, of: Mapping[str, Sequence[str]]) -> None:
        """Check what nodes have; those of one table and the same clauses once."""
        compared = union(union(truths.values()) for truths in self._compared.values())
        by_facts = union(self._killed_by.values()) | compared
        by_papers = union([*self._wanted.values(), *self._unwanted.values()])
        done: set[tuple[str, int]] = set()
        for node, here in self._nodes.items():
            facts, papers = of[node]
            if (facts, here & by_facts) not in done:
                self._check_facts(node, self._data["tests"][facts], here)
            if (papers, here & by_papers) not in done:
                self._check_papers(node, self._data["paper_tests"][papers], here)
            done |= {(facts, here & by_facts), (papers, here & by_papers)}

    def _shared(self, name: str) -> Any:  # noqa: ANN401 - JSON of the bundle
        """Return a table that is kept once, under a name."""
        return self._data["shared"][name]

    def _tables(self, tests: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """Return what each value of each fact kills.

        An evaluator finds nothing in a table that is not there, nor in one without
        the values that are not listed.
        """
        shared = self._data["shared"]
        found = {fact: shared.get(name, NONE) for fact, name in tests["value"].items()}
        return {fact: t if "*" in t else KILLS_NONE for fact, t in found.items()}

    def _tests(self, tests: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return the comparisons."""
        return [test for scope in SCOPES for test in tests["compare"][scope]]

    def _join_facts(self, tests: Mapping[str, Any]) -> None:
        for fact, table in self._tables(tests).items():
            values = self._values.setdefault(fact, {})
            for word in values_of(self._vocabulary, fact):
                _add(values, word, self._bits.of(table.get(word, table["*"])))
        for test in self._tests(tests):
            self._compare.setdefault(test["id"], test)
        for name, dead in tests["compared"].items():
            truths = self._compared.setdefault(name, {})
            for truth in TRUTHS:
                _add(truths, truth, self._bits.of(dead[truth]))

    def _join_papers(self, tests: Mapping[str, Any]) -> None:
        for name, dead in self._shared(tests["wanted"]).items():
            _add(self._wanted, name, self._bits.of(dead))
        for name, dead in tests["unwanted"].items():
            _add(self._unwanted, name, self._bits.of(dead))

    def _check_facts(self, node: str, tests: Mapping[str, Any], here: int) -> None:
        """Note each fact whose values do not kill at a node what they kill elsewhere.

        And each that does not kill, unstated, what its default kills; and each number.
        """
        tables = self._tables(tests)
        for fact, values in self._values.items():
            if fact not in tables and not self._killed_by[fact] & here:
                continue
            table = tables.get(fact, KILLS_NONE)
            for word, dead in values.items():
                if self._bits.of(table.get(word, table["*"])) != dead & here:
                    self._wrong(f"node {node}: {fact} {word} kills other clauses")
        for problem in unstated_wrong(tests, self._unstated, here, self._bits):
            self._wrong(f"node {node}: {problem}")
        self._check_numbers(node, tests, here)

    def _check_numbers(self, node: str, tests: Mapping[str, Any], here: int) -> None:
        """Note each number that kills at a node what no other does."""
        asked = {test["id"]: test for test in self._tests(tests)}
        for name, truths in self._compared.items():
            some = tests["compared"].get(name, {}) if name in asked else {}
            for truth, dead in truths.items():
                if self._bits.of(some.get(truth, NONE)) != dead & here:
                    self._wrong(f"node {node}: test {name} kills other clauses")
        for name, test in asked.items():
            stated = unstated_number(tests, self._vocabulary.defaults[test["fact"]])
            if test != self._compare[name] or test["unstated"] != stated:
                self._wrong(f"node {node}: test {name} is not what it is elsewhere")
            scope = self._vocabulary.scopes[test["fact"]]
            if test not in tests["compare"].get(scope, ()):
                self._wrong(f"node {node}: test {name} stands among other facts")

    def _check_papers(self, node: str, tests: Mapping[str, Any], here: int) -> None:
        """Note each paper that kills at a node what no other does."""
        for found, kills in (
            (self._shared(tests["wanted"]), self._wanted),
            (tests["unwanted"], self._unwanted),
        ):
            for name, dead in kills.items():
                if self._bits.of(found.get(name, NONE)) != dead & here:
                    self._wrong(f"node {node}: paper {name} kills other clauses")
        if "paperless" in tests:  # in bundles built before: parts have it now
            without = union(self._wanted.values()) & here
            if self._bits.of(self._shared(tests["paperless"])) != without:
                problem = "no paper kills other clauses than none of each"
                self._wrong(f"node {node}: {problem}")

    def _papers(self) -> dict[str, PaperTested]:
        states: dict[str, set[tuple[str, str]]] = {}
        for fact, table in self._data["papers"].items():
            for state, names in table.items():
                for name in names:
                    states.setdefault(name, set()).add((fact, state))
        return {
            name: PaperTested(
                satisfied_by=frozenset(states.get(name, ())),
                wanted=self._wanted.get(name, 0),
                unwanted=self._unwanted.get(name, 0),
            )
            for name in sorted({*self._wanted, *self._unwanted})
        }

    def _boundaries(self) -> list[int]:
        """Return the days on which the law changes; each year must count them right."""
        years = self._data["years"]
        days = sorted(day for year in years for day in year["days"])
        for i, year in enumerate(years):
            first = (FIRST_YEAR + i) * YEAR
            if year["era"] != sum(day < first for day in days) or any(
                not first <= day < first + YEAR for day in year["days"]
            ):
                self._wrong(f"year {FIRST_YEAR + i} begins in another era")
        if len(years) != LAST_YEAR - FIRST_YEAR + 1:
            self._wrong("the years are not 1900 to 2199")
        if len(self._data["eras"]) != len(days) + 1:
            self._wrong("there are more days of change than eras")
        return days

    def _wrong(self, problem: str) -> None:
        self._problems[problem] = None


def values_of(vocabulary: Vocabulary, fact: str) -> list[str]:
    """Return what a fact may be, as tables write it; a number is ``*`` or unknown."""
    words: Iterable[str] = {
        "boolean": ("true", "false"),
        "code": vocabulary.code_values.get(fact, ()),
    }.get(vocabulary.facts[fact].type, ("*",))
    return [*sorted(words), UNKNOWN]


FIRST_YEAR, LAST_YEAR = 1900, 2199
YEAR = 10_000
NONE: Mapping[str, Any] = {}
KILLS_NONE: Mapping[str, Any] = {"*": NONE}


def _add(table: dict[str, int], key: str, some: int) -> None:
    table[key] = table.get(key, 0) | some
