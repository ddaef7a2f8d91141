"""The index: custodian, dataset, requester, purpose, kind and use, category.

Each level is a table from the words of one dimension to a node of the next. Words
that the same rules reach share a node, so rules that do not apply cost nothing and
the tables stay small. Rules are bits of an integer, sets of rules are integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from gateway.policy.bitset import bits, union
from gateway.policy.clauses import Clause
from gateway.policy.law import Reach, Rule
from gateway.policy.vocabulary import EXISTENCE, UNKNOWN, Vocabulary

__all__ = ["Index", "Walk", "build_index", "stars"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """A rule's clauses for a purpose that is known, that is unknown, or for both."""

    rule: Rule
    clauses: tuple[Clause, ...]
    known: bool
    unknown: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """The tables of each level, and which walks each node and signature has."""

    custodian: dict[str, str] = field(default_factory=dict)
    dataset: dict[str, dict[str, str]] = field(default_factory=dict)
    requester: dict[str, dict[str, str]] = field(default_factory=dict)
    purpose: dict[str, dict[str, str]] = field(default_factory=dict)
    kind: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    category: dict[str, dict[str, str]] = field(default_factory=dict)
    nodes: dict[str, int] = field(default_factory=dict)
    signatures: dict[str, int] = field(default_factory=dict)


Use: TypeAlias = Literal["release", "match"]
Special: TypeAlias = tuple[str, Use]
"""A kind without fields, or the empty string for all that have fields; and a use."""
Groups: TypeAlias = "list[tuple[int, list[str], list[str]]]"
"""Rules that reach some categories alike: the plain ones, and the others."""

STAR = "*"
"""Stands for every plain category that a table does not list."""


def stars(vocabulary: Vocabulary) -> dict[str, str]:
    """Return what each category is looked up by where a table does not list it."""
    plain = vocabulary.plain_categories
    return {c: STAR if c in plain else c for c in sorted(vocabulary.categories)}


class _Level:
    """Names the tables of one level; equal tables are one, whatever led to them."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._seen: dict[object, str] = {}
        self._names: dict[object, str] = {}

    @property
    def seen(self) -> Mapping[object, str]:
        """The names of tables by what led to them before."""
        return self._seen

    def name(self, key: object, content: object) -> tuple[str, bool]:
        """Return the name for a table's content, and whether the content is new."""
        new = content not in self._names
        name = self._names.setdefault(content, f"{self._prefix}{len(self._names)}")
        self._seen[key] = name
        return name, new


def build_index(vocabulary: Vocabulary, walks: list[Walk]) -> Index:
    """Return the index of these walks; bit ``i`` of a set is ``walks[i]``."""
    return _Builder(vocabulary, walks).build()


class _Builder:
    """One use: builds an index level by level."""

    def __init__(self, vocabulary: Vocabulary, walks: list[Walk]) -> None:
        known = vocabulary
        self._vocabulary = vocabulary
        self._walks = walks
        reaches = [walk.rule.reach for walk in walks]
        self._custodians = _sets(known.custodian_types, [r.custodians for r in reaches])
        self._datasets = _sets(known.datasets, [r.datasets for r in reaches])
        self._requesters = _sets(
            known.requester_classes, [r.requesters for r in reaches]
        )
        self._purposes = {
            **_sets(
                known.purposes,
                [w.rule.reach.purposes if w.known else frozenset() for w in walks],
            ),
            UNKNOWN: bits(walk.unknown for walk in walks),
        }
        kinds = _sets(known.kinds, [r.kinds for r in reaches])
        uses = _sets(known.uses, [r.uses for r in reaches])
        self._kinds = {(k, u): kinds[k] & uses[u] for k in kinds for u in known.uses}
        self._plain = _sets(known.categories, [r.categories for r in reaches])
        special = [kind for kind in known.kinds if not known.has_fields(kind)]
        self._special = {kind: _naming(known, kind, reaches) for kind in special}
        self._named = _sets(special, [r.named_kinds for r in reaches])
        fields = next(kind for kind in known.kinds if known.has_fields(kind))
        self._reached = {
            (name, use): self._asked(kind, use)
            for name, kind in [("", fields), *((kind, kind) for kind in special)]
            for use in known.uses
        }
        self._index = Index()
        self._levels = [_Level(prefix) for prefix in "abcdns"]
        self._nodes = self._alike()
        self._led: dict[Special, dict[int, str]] = {kind: {} for kind, _ in self._nodes}
        # Looked up some hundred thousand times: what each needs is bound once.
        self._ways = [
            (self._led[special].get, special, reached)
            for special, reached in self._nodes
        ]

    def build(self) -> Index:
        """Walk down from every custodian."""
        everything = (1 << len(self._walks)) - 1
        for word, reached in self._custodians.items():
            self._index.custodian[word] = self._dataset(everything & reached)
        return self._index

    def _dataset(self, here: int) -> str:
        below, words = self._requester, self._datasets
        return self._table(0, here, below, words, self._index.dataset)

    def _requester(self, here: int) -> str:
        below, words = self._purpose, self._requesters
        return self._table(1, here, below, words, self._index.requester)

    def _purpose(self, here: int) -> str:
        below, words = self._kind, self._purposes
        return self._table(2, here, below, words, self._index.purpose)

    def _table(
        self,
        level: int,
        here: int,
        below: Callable[[int], str],
        words: Mapping[str, int],
        tables: dict[str, dict[str, str]],
    ) -> str:
        """Return the name of the table of one level for some walks."""
        names = self._levels[level]
        if seen := names.seen.get(here):
            return seen
        # Words that all rules reach alike lead to one table: looked for once.
        led = {
            reached: below(here & reached) for reached in dict.fromkeys(words.values())
        }
        name, new = names.name(here, tuple(led.values()))
        if new:
            tables[name] = {word: led[reached] for word, reached in words.items()}
        return name

    def _alike(self) -> dict[tuple[Special, int], list[tuple[str, Use]]]:
        """Return kinds and uses by what leads to their node."""
        found: dict[tuple[Special, int], list[tuple[str, Use]]] = {}
        for (kind, use), reached in self._kinds.items():
            special = (kind if kind in self._special else "", use)
            found.setdefault((special, reached), []).append((kind, use))
        return found

    def _kind(self, here: int) -> str:
        names = self._levels[3]
        if seen := names.seen.get(here):
            return seen
        otherwise = self._node
        led = [
            known(here & reached) or otherwise(special, here & reached)
            for known, special, reached in self._ways
        ]
        name, new = names.name(here, tuple(led))
        if new:
            table: dict[str, dict[str, str]] = {}
            for node, alike in zip(led, self._nodes.values(), strict=True):
                for kind, use in alike:
                    table.setdefault(kind, {})[use] = node
            self._index.kind[name] = table
        return name

    def _node(self, special: Special, here: int) -> str:
        groups = self._reached[special]
        content = tuple([here & reached for reached, _, _ in groups])
        name, new = self._levels[4].name((here, special), (special, content))
        self._led[special][here] = name
        if new:
            signed = self._levels[5].seen
            names_here = [signed.get(one) or self._signature(one) for one in content]
            self._index.category[name] = self._starred(groups, names_here)
            self._index.nodes[name] = union(content)
        return name

    def _starred(self, groups: Groups, names: Sequence[str]) -> dict[str, str]:
        """Return what differs from the signature that most plain categories have."""
        counts: dict[str, int] = {}
        for name, (_, plain, _) in zip(names, groups, strict=True):
            if plain:
                counts[name] = counts.get(name, 0) + len(plain)
        most = min(counts, key=lambda name: (-counts[name], name), default="")
        table = {STAR: most} if most else {}
        for name, (_, plain, other) in zip(names, groups, strict=True):
            if name != most and plain:
                table.update(dict.fromkeys(plain, name))
            if other:
                table.update(dict.fromkeys(other, name))
        return table

    def _asked(self, kind: str, use: Use) -> Groups:
        """Return what may be asked with a kind and use, by the rules that reach it."""
        groups: dict[int, tuple[list[str], list[str]]] = {}
        every = self._vocabulary.plain_categories
        for category in sorted(self._vocabulary.asked[kind, use]):
            plain, other = groups.setdefault(self._reach(kind, category), ([], []))
            (plain if category in every else other).append(category)
        return [(reached, *split) for reached, split in groups.items()]

    def _reach(self, kind: str, category: str) -> int:
        """Return the rules that reach a category with a kind."""
        if kind not in self._special or category == EXISTENCE:
            return self._plain[category]
        if category == self._vocabulary.category_of_kind(kind):
            return self._special[kind]
        return self._plain[category] & self._named[kind]

    def _signature(self, here: int) -> str:
        """Return a name for a set of walks that has none yet."""
        name, _ = self._levels[5].name(here, here)
        self._index.signatures[name] = here
        return name


def _sets(words: Iterable[str], chosen: Sequence[frozenset[str]]) -> dict[str, int]:
    """Return for each word the set of walks that chose it."""
    alike: dict[frozenset[str], int] = {}
    for i, these in enumerate(chosen):
        alike[these] = alike.get(these, 0) | 1 << i
    return {
        word: union(walks for these, walks in alike.items() if word in these)
        for word in words
    }


def _naming(vocabulary: Vocabulary, kind: str, reaches: Sequence[Reach]) -> int:
    """Return the walks whose rule names a kind without fields."""
    category = vocabulary.category_of_kind(kind)
    return bits(_names_kind(reach, kind, category) for reach in reaches)


def _names_kind(reach: Reach, kind: str, category: str) -> bool:
    """Tell whether a rule names a kind without fields, by kind or by category."""
    if category in reach.barred_categories:
        return False
    if reach.named_categories:
        return category in reach.named_categories
    return kind in reach.named_kinds
