"""Whom and what each clause reaches, read back from the index of a bundle.

The index is a walk through tables: custodian, dataset, requester, purpose, kind and
use, category. If it is what the compiler meant, a clause is found exactly where each
word of the walk is one that it reaches. That is checked here for every table, so what
is proved of the words holds for every walk.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gateway.policy.bitset import union
from gateway.policy.clauses import SILENT
from gateway.policy.vocabulary import UNKNOWN, Vocabulary

__all__ = ["LEVELS", "Bits", "Places", "Word", "read_places", "signatures_of"]

Word: TypeAlias = tuple[str, ...]
"""A word of one dimension; what is asked is three: kind, use, category."""

PARTS = 2
"""Of each signature: what stands below, and what may change it."""

LEVELS = ("custodian", "dataset", "requester", "purpose")
"""The tables above kind and use, in the order of the walk."""


class Bits:
    """Sets of clauses as integers, one bit a clause."""

    def __init__(self, numbers: Iterable[int]) -> None:
        """Take the numbers of all clauses."""
        self.numbers = tuple(sorted(numbers))
        self._bit = {str(number): 1 << i for i, number in enumerate(self.numbers)}
        self._sets: dict[int, int] = {}

    def of(self, table: Mapping[str, Any]) -> int:
        """Return the set that a table's keys are; the silence is no clause."""
        key = id(table)  # tables of the bundle's data, which outlives this
        if key not in self._sets:
            self._sets[key] = union(self._bit.get(number, 0) for number in table)
        return self._sets[key]

    def bit(self, number: int) -> int:
        """Return the set of one clause."""
        return self._bit[str(number)]

    def members(self, some: int) -> Iterator[int]:
        """Yield the numbers of a set, the smallest first."""
        while some:
            lowest = some & -some
            yield self.numbers[lowest.bit_length() - 1]
            some ^= lowest


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """For each word of each dimension the clauses that reach it; and what is wrong."""

    reached: Mapping[str, Mapping[Word, int]]
    problems: tuple[str, ...]


def read_places(
    data: Mapping[str, Any], vocabulary: Vocabulary, signed: Mapping[str, int]
) -> Places:
    """Read the index of a bundle's compiled data, with the clauses of signatures."""
    return _Reader(data, vocabulary, signed).read()


class _Reader:
    """One use: reads the tables from the bottom up, then checks them downwards."""

    def __init__(
        self,
        data: Mapping[str, Any],
        vocabulary: Vocabulary,
        signed: Mapping[str, int],
    ) -> None:
        self._data = data
        self._asked = vocabulary.asked
        self._words: Mapping[str, Collection[str]] = {
            "custodian": vocabulary.custodian_types,
            "dataset": vocabulary.datasets,
            "requester": vocabulary.requester_classes,
            "purpose": [*vocabulary.purposes, UNKNOWN],
        }
        self._signatures = signed
        self._below: dict[tuple[str, str], int] = {}
        self._rows: dict[tuple[str, frozenset[str]], dict[str, int]] = {}
        self._nodes: dict[tuple[str, str], dict[str, int]] = {}
        self._reached: dict[str, dict[Word, int]] = {}
        self._problems: dict[str, None] = {}

    def read(self) -> Places:
        self._collect_asks()
        self._collect_words()
        if not self._problems:
            self._check_asks()
            self._check_words()
        return Places(reached=self._reached, problems=tuple(self._problems))

    def _collect_asks(self) -> None:
        """Note what lies below each node, kind and use, and what is asked of it."""
        for name, table in self._data["kind"].items():
            for kind, use in self._asked:
                node = table.get(kind, {}).get(use)
                if node is None:
                    self._wrong(f"kind {name} has no {kind}, {use}")
                    continue
                nodes = self._nodes.setdefault((kind, use), {})
                if node not in nodes:
                    nodes[node] = union(self._row(node, kind, use).values())
                _add(self._below, ("kind", name), nodes[node])
        asks = self._reached["ask"] = {}
        for (kind, use), nodes in self._nodes.items():
            reached = dict.fromkeys(sorted(self._asked[kind, use]), 0)
            for node in nodes:
                for category, here in self._row(node, kind, use).items():
                    reached[category] |= here
            asks |= {(kind, use, c): here for c, here in reached.items()}

    def _collect_words(self) -> None:
        """Note what lies below each table and each word above kind and use."""
        under = "kind"
        for level in reversed(LEVELS):
            words = self._reached[level] = {}
            for name, table in self._tables(level).items():
                for word in self._words[level]:
                    if word not in table:
                        self._wrong(f"{level} {name} has no {word}".replace("  ", " "))
                        continue
                    below = self._below.get((under, table[word]), 0)
                    _add(words, (word,), below)
                    _add(self._below, (level, name), below)
            under = level

    def _check_asks(self) -> None:
        """Note each node that does not answer by what kind, use and category reach."""
        asks = self._reached["ask"]
        for (kind, use), nodes in self._nodes.items():
            reached = union(nodes.values())
            own = {c: asks[kind, use, c] for c in self._asked[kind, use]}
            for node, below in nodes.items():
                for category, here in self._row(node, kind, use).items():
                    if here != below & own[category]:
                        self._wrong(f"node {node}: {category} finds other clauses")
            for name, table in self._data["kind"].items():
                if nodes[table[kind][use]] != self._below["kind", name] & reached:
                    self._wrong(f"kind {name}: {kind}, {use} finds other clauses")

    def _check_words(self) -> None:
        """Note each table whose words do not find what they reach."""
        under = "kind"
        for level in reversed(LEVELS):
            for name, table in self._tables(level).items():
                for word in self._words[level]:
                    expected = self._below[level, name] & self._reached[level][word,]
                    if self._below[under, table[word]] != expected:
                        self._wrong(f"{level} {name}: {word} finds other clauses")
            under = level

    def _tables(self, level: str) -> Mapping[str, Mapping[str, str]]:
        """Return the tables of a level; of custodians there is one."""
        tables: Mapping[str, Any] = self._data[level]
        return {"": tables} if level == "custodian" else tables

    def _row(self, node: str, kind: str, use: str) -> Mapping[str, int]:
        """Return what each category that may be asked finds at a node."""
        asked = self._asked[kind, use]
        if (node, asked) not in self._rows:
            table, star = self._data["category"][node], self._data["star"]
            names = {c: table.get(c, table.get(star[c], "")) for c in asked}
            for category in sorted(asked):
                if names[category] not in self._signatures:
                    self._wrong(f"node {node} has no answer for {category}")
            here = self._signatures
            self._rows[node, asked] = {c: here.get(s, 0) for c, s in names.items()}
        return self._rows[node, asked]

    def _wrong(self, problem: str) -> None:
        self._problems[problem] = None


def _add(table: dict[Any, int], key: object, some: int) -> None:
    table[key] = table.get(key, 0) | some


def signatures_of(data: Mapping[str, Any], bits: Bits) -> dict[str, int]:
    """Return the clauses of each signature that answers.

    It has two parts: an evaluator looks at no third. One in which nobody may be
    silent answers nothing, nor does one with a part that is not there or in which a
    clause is not the number that it is found by.
    """
    sound = {
        name: bits.of(part)
        for name, part in data["parts"].items()
        if all(key == str(number) for key, number in part.items())
    }
    silent = {name for name in sound if str(SILENT) in data["parts"][name]}
    return {
        name: union(sound[part] for part in parts)
        for name, parts in data["clauses"].items()
        if len(parts) == PARTS
        and sound.keys() >= set(parts)
        and not silent.isdisjoint(parts)
    }
