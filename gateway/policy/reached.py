"""Exactly which kinds, uses and categories a rule takes in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.policy.law import Reach
from gateway.policy.vocabulary import EXISTENCE, Vocabulary

__all__ = ["Triple", "meet", "reached", "reaches"]

Triple = tuple[str, str, str]
"""Kind, use, category."""


def reached(reach: Reach, vocabulary: Vocabulary) -> Iterator[Triple]:
    """Yield every kind, use and category that a reach takes in."""
    for kind in vocabulary.kinds:
        if kind not in reach.kinds:
            continue
        for use in vocabulary.uses:
            if use in reach.uses:
                for category in vocabulary.asked[kind, use]:
                    if reaches(reach, kind, category, vocabulary):
                        yield kind, use, category


def reaches(reach: Reach, kind: str, category: str, vocabulary: Vocabulary) -> bool:
    """Tell whether a reach takes in a category with a kind that it names."""
    if category in reach.barred_categories:
        return False
    if category == EXISTENCE:
        return EXISTENCE in reach.named_categories
    own = vocabulary.category_of_kind(kind)
    if category == own:
        named = reach.named_categories
        return own in named if named else kind in reach.named_kinds
    if own and kind not in reach.named_kinds:
        return False
    return not reach.named_categories or category in reach.named_categories


def meet(triples: Iterable[Triple], other: Reach, vocabulary: Vocabulary) -> bool:
    """Tell whether a reach takes in any of some kinds, uses and categories."""
    return any(
        kind in other.kinds
        and use in other.uses
        and reaches(other, kind, category, vocabulary)
        for kind, use, category in triples
    )
