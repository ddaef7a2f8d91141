"""Whom and what each clause reaches, read back from the index of a bundle.

The index is a walk through tables: custodian, dataset, requester, purpose, kind and
use, category. If it is what the compiler meant, a clause is found exactly where each
word of the walk is one that it reaches. That is checked here for every table, so what
is proved of the words holds for every walk. Words that a table knows by one name are
one word to an evaluator, and are looked at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gateway.policy.bitset import union
from gateway.policy.clauses import SILENT
from gateway.policy.index import STAR
from gateway.policy.prove.bits import Bits
from gateway.policy.vocabulary import UNKNOWN, Vocabulary

__all__ = [
    "LEVELS",
    "Places",
    "Word",
    "older",
    "read_places",
    "signatures_of",
]

Word: TypeAlias = tuple[str, ...]
"""A word of one dimension; what is asked is three: kind, use, category."""

Way: TypeAlias = tuple[str, str]
"""A kind and a use."""

PARTS = 2
"""Of each signature: what stands below, and what may change it."""

LEVELS = ("custodian", "dataset", "requester", "purpose")
"""The tables above kind and use, in the order of the walk."""


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
        self._nodes: dict[Way, dict[str, int]] = {}
        self._names: dict[Way, Mapping[str, str]] = {}
        self._groups: dict[Way, frozenset[str]] = {}
        self._ways: dict[str, dict[Way, str]] = {}
        self._found: dict[Way, dict[str, int]] = {}
        self._reached: dict[str, dict[Word, int]] = {}
        self._problems: dict[str, None] = {}

    def read(self) -> Places:
        self._collect_names()
        if not self._problems:
            self._collect_asks()
            self._collect_words()
        if not self._problems:
            self._check_asks()
            self._check_words()
        return Places(reached=self._reached, problems=tuple(self._problems))

    def _collect_names(self) -> None:
        """Note which categories that may be asked all tables know alike.

        Bundles built before have names for them.
        """
        before = older(self._data)
        for way in self._asked:
            names = self._named(way) if before else self._alike(way)
            self._names[way], self._groups[way] = names, frozenset(names.values())

    def _named(self, way: Way) -> Mapping[str, str]:
        """Return the name of each category that an older bundle answers."""
        kind, use = way
        asked = self._asked[way]
        names: Mapping[str, str] = self._data["asked"].get(kind, {}).get(use, {})
        for category in sorted(asked - set(names)):
            self._wrong(f"{kind}, {use} has no answer for {category}")
        for category in sorted(set(names) - asked):
            self._wrong(f"{kind}, {use} answers {category}, which is not asked")
        return names

    def _alike(self, way: Way) -> dict[str, str]:
        """Return for each category the first that every node of a way treats so too."""
        kind, use = way
        tables = [*self._data["kind"].values(), *self._data["apart"].values()]
        nodes = {table.get(kind, {}).get(use) for table in tables} - {None}
        led: dict[str, list[str]] = {category: [] for category in self._asked[way]}
        for node in nodes:
            for word, name in self._data["category"].get(node, {}).items():
                if word in led:
                    led[word] += (node, name)
        names: dict[tuple[str, ...], str] = {}
        return {c: names.setdefault(tuple(led[c]), c) for c in sorted(led)}

    def _collect_asks(self) -> None:
        """Note what lies below each node, kind and use, and what is asked of it."""
        for name in self._data["kind"]:
            ways = self._ways[name] = self._ways_of(name)
            for way, node in ways.items():
                nodes = self._nodes.setdefault(way, {})
                if node not in nodes:
                    nodes[node] = union(self._row(node, way).values())
                _add(self._below, ("kind", name), nodes[node])
        asks = self._reached["ask"] = {}
        for way, nodes in self._nodes.items():
            found = self._found[way] = dict.fromkeys(self._groups[way], 0)
            for node in nodes:
                for group, here in self._row(node, way).items():
                    found[group] |= here
            names = self._names[way]
            asks |= {(*way, c): found[names[c]] for c in sorted(self._asked[way])}

    def _ways_of(self, name: str) -> dict[Way, str]:
        """Return the node of each kind and use of a table, or of that beside it."""
        fields = self._data["kind"][name]
        beside = self._data["apart"].get(self._data["beside"].get(name), {})
        found = {}
        for kind, use in self._asked:
            node = fields.get(kind, beside.get(kind, {})).get(use)
            if node is None:
                self._wrong(f"kind {name} has no {kind}, {use}")
            else:
                found[kind, use] = node
        return found

    def _collect_words(self) -> None:
        """Note what lies below each table and each word above kind and use."""
        under = "kind"
        for level in reversed(LEVELS):
            words = self._reached[level] = {}
            for name, table in self._tables(level).items():
                for word in self._words[level]:
                    led = self._led(level, table, word)
                    if led is None:
                        self._wrong(f"{level} {name} has no {word}".replace("  ", " "))
                        continue
                    below = self._below.get((under, led), 0)
                    _add(words, (word,), below)
                    _add(self._below, (level, name), below)
            under = level

    def _check_asks(self) -> None:
        """Note each node that does not answer by what kind, use and category reach."""
        reached = {way: union(nodes.values()) for way, nodes in self._nodes.items()}
        for way, nodes in self._nodes.items():
            found = self._found[way]
            for node, below in nodes.items():
                for group, here in self._row(node, way).items():
                    if here != below & found[group]:
                        self._wrong(f"node {node}: {self._told(way, group)}")
        for name, ways in self._ways.items():
            below = self._below["kind", name]
            for (kind, use), node in ways.items():
                if self._nodes[kind, use][node] != below & reached[kind, use]:
                    self._wrong(f"kind {name}: {kind}, {use} finds other clauses")

    def _told(self, way: Way, group: str) -> str:
        """Return which categories a node answers wrongly."""
        wrong = [c for c, name in self._names[way].items() if name == group]
        return f"{', '.join(sorted(wrong))} finds other clauses"

    def _check_words(self) -> None:
        """Note each table whose words do not find what they reach."""
        under = "kind"
        for level in reversed(LEVELS):
            for name, table in self._tables(level).items():
                for word in self._words[level]:
                    expected = self._below[level, name] & self._reached[level][word,]
                    led = self._led(level, table, word)
                    if self._below[under, str(led)] != expected:
                        self._wrong(f"{level} {name}: {word} finds other clauses")
            under = level

    def _led(self, level: str, table: Mapping[str, str], word: str) -> str | None:
        """Return where a word of a table leads; a purpose by its name, or the star."""
        if level != "purpose":
            return table.get(word)
        named = self._data["purposes"].get(word)
        return (
            None
            if named is None or STAR not in table
            else table.get(named, table[STAR])
        )

    def _tables(self, level: str) -> Mapping[str, Mapping[str, str]]:
        """Return the tables of a level; of custodians there is one."""
        tables: Mapping[str, Any] = self._data[level]
        return {"": tables} if level == "custodian" else tables

    def _row(self, node: str, way: Way) -> Mapping[str, int]:
        """Return what each name of categories that may be asked finds at a node."""
        groups = self._groups[way]
        if (node, groups) not in self._rows:
            table, here = self._data["category"][node], self._signatures
            most = table.get(STAR)
            named = {g: most and table.get(g, most) for g in sorted(groups)}
            for group, name in named.items():
                if name not in here:
                    self._wrong(f"node {node} has no answer for {group}")
            self._rows[node, groups] = {g: here.get(s, 0) for g, s in named.items()}
        return self._rows[node, groups]

    def _wrong(self, problem: str) -> None:
        self._problems[problem] = None


def _add(table: dict[Any, int], key: object, some: int) -> None:
    table[key] = table.get(key, 0) | some


def older(data: Mapping[str, Any]) -> bool:
    """Tell whether compiled data is of the form that it had before.

    Its tables knew categories by names, and its clauses were marked with their numbers.
    """
    return "asked" in data


def signatures_of(data: Mapping[str, Any], bits: Bits) -> dict[str, int]:
    """Return the clauses of each signature that answers.

    It has two parts: an evaluator looks at no third. One in which nobody may be
    silent answers nothing, nor does one with a part that is not there or in which a
    clause is not marked as it should be: with 1 where others stand behind it. In
    bundles built before the mark was the clause's number.
    """
    later, before = data["later"], older(data)
    sound = {
        name: bits.of(part)
        for name, part in data["parts"].items()
        if all(
            mark == (int(key) if before else int(key in later))
            for key, mark in part.items()
        )
    }
    silent = {name for name in sound if str(SILENT) in data["parts"][name]}
    return {
        name: union(sound[part] for part in parts)
        for name, parts in data["clauses"].items()
        if len(parts) == PARTS
        and sound.keys() >= set(parts)
        and not silent.isdisjoint(parts)
    }
