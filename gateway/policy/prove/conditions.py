"""What makes each clause false, read back from the tables of a bundle.

Each node of the index has tables of its own. What is checked here is that they say the
same of a clause wherever it is found, so that a clause has one condition: of words,
of numbers, of papers and of the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.policy.bitset import union
from gateway.policy.prove.places import Bits
from gateway.policy.vocabulary import UNKNOWN, Vocabulary

__all__ = [
    "Comparing",
    "Conditions",
    "PaperTested",
    "read_conditions",
    "values_of",
]

SCOPES = ("request", "record", "record_category")
TRUTHS = ("true", "false", "unknown")


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparing:
    """A comparison, and the clauses that each truth of it makes false."""

    fact: str
    op: str
    bound: int
    years: bool
    dead: Mapping[str, int]


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
        self._wanted: dict[str, int] = {}
        self._unwanted: dict[str, int] = {}
        self._problems: dict[str, None] = {}

    def read(self) -> Conditions:
        for node in self._nodes:
            self._join(node)
        self._killed_by = {fact: union(v.values()) for fact, v in self._values.items()}
        for node, here in self._nodes.items():
            self._check_values(node, here)
            self._check_rest(node, here)
        boundaries = self._boundaries()
        return Conditions(
            values=self._values,
            comparisons={
                name: Comparing(
                    fact=test["fact"],
                    op=test["op"],
                    bound=test["bound"],
                    years=test["years"],
                    dead=self._compared.get(name, dict.fromkeys(TRUTHS, 0)),
                )
                for name, test in self._compare.items()
            },
            papers=self._papers(),
            boundaries=boundaries,
            eras=[self._bits.of(dead) for dead in self._data["eras"]],
            problems=tuple(self._problems),
        )

    def _table(self, name: str, node: str) -> Any:  # noqa: ANN401 - JSON of the bundle
        """Return a node's table; those of papers are kept once, under a name."""
        table = self._data[name][node]
        return self._data["shared"][table] if isinstance(table, str) else table

    def _tables(self, node: str) -> dict[str, Mapping[str, Any]]:
        """Return what each value of each fact kills at a node.

        An evaluator finds nothing in a table that is not there, nor in one without
        the values that are not listed.
        """
        named, shared = self._data["value"][node], self._data["shared"]
        found = {fact: shared.get(name, NONE) for fact, name in named.items()}
        return {fact: t if "*" in t else KILLS_NONE for fact, t in found.items()}

    def _tests(self, node: str) -> list[Mapping[str, Any]]:
        """Return a node's comparisons."""
        compare = self._data["compare"]
        return [test for scope in SCOPES for test in compare[scope][node]]

    def _join(self, node: str) -> None:
        for fact, table in self._tables(node).items():
            values = self._values.setdefault(fact, {})
            for word in values_of(self._vocabulary, fact):
                _add(values, word, self._bits.of(table.get(word, table["*"])))
        for test in self._tests(node):
            self._compare.setdefault(test["id"], test)
        for name, dead in self._table("compared", node).items():
            truths = self._compared.setdefault(name, {})
            for truth in TRUTHS:
                _add(truths, truth, self._bits.of(dead[truth]))
        for name, dead in self._table("wanted", node).items():
            _add(self._wanted, name, self._bits.of(dead))
        for name, dead in self._table("unwanted", node).items():
            _add(self._unwanted, name, self._bits.of(dead))

    def _check_values(self, node: str, here: int) -> None:
        """Note each fact whose values do not kill at a node what they kill elsewhere.

        And each that does not kill, unstated, what its default kills.
        """
        tables = self._tables(node)
        unstated = [self._table(scope, node) for scope in SCOPES]
        for fact, values in self._values.items():
            if fact not in tables and not self._killed_by[fact] & here:
                continue
            table = tables.get(fact, KILLS_NONE)
            for word, dead in values.items():
                if self._bits.of(table.get(word, table["*"])) != dead & here:
                    self._wrong(f"node {node}: {fact} {word} kills other clauses")
            default = values[self._default(fact)] & here
            said = [self._bits.of(some[fact]) for some in unstated if fact in some]
            if union(said) != default:
                self._wrong(f"node {node}: {fact} kills other clauses when unstated")

    def _check_rest(self, node: str, here: int) -> None:
        """Note each number and paper that kills at a node what no other does."""
        compared = self._table("compared", node)
        asked = {test["id"]: test for test in self._tests(node)}
        for name, truths in self._compared.items():
            some = compared.get(name, {}) if name in asked else {}
            for truth, dead in truths.items():
                if self._bits.of(some.get(truth, NONE)) != dead & here:
                    self._wrong(f"node {node}: test {name} kills other clauses")
        for name, test in asked.items():
            fact = test["fact"]
            if test != self._compare[name] or test["unstated"] != self._stated(fact):
                self._wrong(f"node {node}: test {name} is not what it is elsewhere")
        for table, kills in (("wanted", self._wanted), ("unwanted", self._unwanted)):
            found = self._table(table, node)
            for name, dead in kills.items():
                if self._bits.of(found.get(name, NONE)) != dead & here:
                    self._wrong(f"node {node}: paper {name} kills other clauses")
        without = union(self._wanted.values()) & here
        if self._bits.of(self._table("paperless", node)) != without:
            self._wrong(f"node {node}: no paper kills other clauses than none of each")

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

    def _default(self, fact: str) -> str:
        value = self._vocabulary.defaults[fact]
        if isinstance(value, bool):
            return str(value).lower()
        return value if isinstance(value, str) else "*"

    def _stated(self, fact: str) -> object:
        return self._vocabulary.defaults[fact]

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
