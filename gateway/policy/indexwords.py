"""Words of the index: which walks each reaches, and what tables call it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gateway.policy.bitset import bits, union
from gateway.policy.law import Reach
from gateway.policy.vocabulary import Vocabulary

__all__ = ["named", "naming", "sets_of"]


def named(prefix: str, reached: Mapping[str, int]) -> dict[str, str]:
    """Return a name for each word; words that the same rules reach have one."""
    names: dict[int, str] = {}
    return {
        word: names.setdefault(some, f"{prefix}{len(names)}")
        for word, some in reached.items()
    }


def sets_of(words: Iterable[str], chosen: Sequence[frozenset[str]]) -> dict[str, int]:
    """Return for each word the set of walks that chose it."""
    alike: dict[frozenset[str], int] = {}
    for i, these in enumerate(chosen):
        alike[these] = alike.get(these, 0) | 1 << i
    return {
        word: union(walks for these, walks in alike.items() if word in these)
        for word in words
    }


def naming(vocabulary: Vocabulary, kind: str, reaches: Sequence[Reach]) -> int:
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
