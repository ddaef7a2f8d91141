"""The index: custodian, dataset, requester, purpose, kind and use, category.

Each level is a table from the words of one dimension to a node of the next. Words
that the same rules reach share a node, so rules that do not apply cost nothing and
the tables stay small. Purposes that the same rules reach have one name, and a table
lists only what leads elsewhere than most do, which stands under a star.
Rules are bits of an integer, sets of rules are integers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from gateway.policy.bitset import bits, union
from gateway.policy.clauses import Clause
from gateway.policy.indexwords import named, naming, sets_of
from gateway.policy.law import Rule
from gateway.policy.vocabulary import EXISTENCE, UNKNOWN, Vocabulary

__all__ = ["STAR", "Index", "Walk", "build_index"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """A rule's clauses for a purpose that is known, that is unknown, or for both."""

    rule: Rule
    clauses: tuple[Clause, ...]
    known: bool
    unknown: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """The tables of each level, and which walks each node and signature has.

    ``purposes`` are the names that tables know purposes by. Beside each table of kinds
    stands one of the kinds without fields: of these there are few.
    """

    custodian: dict[str, str] = field(default_factory=dict)
    dataset: dict[str, dict[str, str]] = field(default_factory=dict)
    requester: dict[str, dict[str, str]] = field(default_factory=dict)
    purposes: dict[str, str] = field(default_factory=dict)
    purpose: dict[str, dict[str, str]] = field(default_factory=dict)
    kind: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)
    apart: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    category: dict[str, dict[str, str]] = field(default_factory=dict)
    nodes: dict[str, int] = field(default_factory=dict)
    signatures: dict[str, int] = field(default_factory=dict)


Use: TypeAlias = Literal["release", "match"]
Special: TypeAlias = tuple[str, Use]
"""A kind without fields, or the empty string for all that have fields; and a use."""
Groups: TypeAlias = "list[tuple[int, list[str]]]"
"""Categories by the rules that reach them."""
Ways: TypeAlias = "Mapping[tuple[Special, int], list[tuple[str, Use]]]"
"""Kinds and uses by what leads to their node."""

STAR = "*"
"""Stands for every name that a table does not list."""


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
        self._custodians = sets_of(
            known.custodian_types, [r.custodians for r in reaches]
        )
        self._datasets = sets_of(known.datasets, [r.datasets for r in reaches])
        self._requesters = sets_of(
            known.requester_classes, [r.requesters for r in reaches]
        )
        self._purposes = {
            **sets_of(
                known.purposes,
                [w.rule.reach.purposes if w.known else frozenset() for w in walks],
            ),
            UNKNOWN: bits(walk.unknown for walk in walks),
        }
        kinds = sets_of(known.kinds, [r.kinds for r in reaches])
        uses = sets_of(known.uses, [r.uses for r in reaches])
        self._kinds = {(k, u): kinds[k] & uses[u] for k in kinds for u in known.uses}
        self._plain = sets_of(known.categories, [r.categories for r in reaches])
        special = [kind for kind in known.kinds if not known.has_fields(kind)]
        self._special = {kind: naming(known, kind, reaches) for kind in special}
        self._named = sets_of(special, [r.named_kinds for r in reaches])
        fields = next(kind for kind in known.kinds if known.has_fields(kind))
        self._reached = {
            (name, use): self._asked(kind, use)
            for name, kind in [("", fields), *((kind, kind) for kind in special)]
            for use in known.uses
        }
        aims = named("w", self._purposes)
        self._aims = {aims[word]: some for word, some in self._purposes.items()}
        self._index = Index(purposes=aims)
        self._levels = [_Level(prefix) for prefix in "abcdnse"]
        self._fields, self._others = self._alike()
        self._apart = union(reached for _, reached in self._others)
        every = [*self._fields, *self._others]
        self._led: dict[Special, dict[int, str]] = {special: {} for special, _ in every}

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
        names = self._levels[2]
        if seen := names.seen.get(here):
            return seen
        led = [self._kind(here & reached) for reached in self._aims.values()]
        name, new = names.name(here, tuple(led))
        if new:
            self._index.purpose[name] = _starred(self._aims, led)
        return name

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

    def _special_of(self, kind: str, use: Use) -> Special:
        return (kind if kind in self._special else "", use)

    def _alike(self) -> tuple[Ways, Ways]:
        """Return the ways to the nodes of kinds that have fields, and of the others."""
        fields: dict[tuple[Special, int], list[tuple[str, Use]]] = {}
        others: dict[tuple[Special, int], list[tuple[str, Use]]] = {}
        for (kind, use), reached in self._kinds.items():
            special = self._special_of(kind, use)
            ways = others if special[0] else fields
            ways.setdefault((special, reached), []).append((kind, use))
        return fields, others

    def _kind(self, here: int) -> str:
        names = self._levels[3]
        if seen := names.seen.get(here):
            return seen
        led = self._nodes(here, self._fields)
        beside = self._beside(here & self._apart)
        name, new = names.name(here, (*led, beside))
        if new:
            self._index.kind[name] = _by_use(led, self._fields)
            self._index.beside[name] = beside
        return name

    def _beside(self, here: int) -> str:
        """Return the name of the table of kinds without fields."""
        names = self._levels[6]
        if seen := names.seen.get(here):
            return seen
        led = self._nodes(here, self._others)
        name, new = names.name(here, tuple(led))
        if new:
            self._index.apart[name] = _by_use(led, self._others)
        return name

    def _nodes(self, here: int, ways: Ways) -> list[str]:
        """Return the node that each of some ways leads to."""
        led, otherwise = self._led, self._node
        return [
            led[special].get(here & reached) or otherwise(special, here & reached)
            for special, reached in ways
        ]

    def _node(self, special: Special, here: int) -> str:
        groups = self._reached[special]
        content = tuple([here & reached for reached, _ in groups])
        name, new = self._levels[4].name((here, special), (special, content))
        self._led[special][here] = name
        if new:
            signed = self._levels[5].seen
            names = [signed.get(one) or self._signature(one) for one in content]
            self._index.category[name] = _by_category(groups, names)
            self._index.nodes[name] = union(content)
        return name

    def _asked(self, kind: str, use: Use) -> Groups:
        """Return what may be asked with a kind and use, by the rules that reach it."""
        groups: dict[int, list[str]] = {}
        for category in sorted(self._vocabulary.asked[kind, use]):
            groups.setdefault(self._reach(kind, category), []).append(category)
        return [*groups.items()]

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


def _starred(words: Iterable[str], led: Sequence[str]) -> dict[str, str]:
    """Return where words lead, without those that lead where most do: to the star's."""
    counts = Counter(led)
    often = max(counts.values())
    most = min(name for name, count in counts.items() if count == often)
    table = {word: name for word, name in zip(words, led, strict=True) if name != most}
    return {STAR: most, **table}


def _by_category(groups: Groups, led: Sequence[str]) -> dict[str, str]:
    """Return the signature of each category that has not the one that most have."""
    counts: dict[str, int] = {}
    for (_, categories), name in zip(groups, led, strict=True):
        counts[name] = counts.get(name, 0) + len(categories)
    often = max(counts.values())
    most = min(name for name, count in counts.items() if count == often)
    found = {STAR: most}
    for (_, categories), name in zip(groups, led, strict=True):
        if name != most:
            for category in categories:
                found[category] = name
    return found


def _by_use(led: Sequence[str], ways: Ways) -> dict[str, dict[str, str]]:
    """Return the table of kinds and uses that some ways with their nodes make."""
    table: dict[str, dict[str, str]] = {}
    for node, alike in zip(led, ways.values(), strict=True):
        for kind, use in alike:
            table.setdefault(kind, {})[use] = node
    return table
