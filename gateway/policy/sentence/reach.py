"""Whom and what a rule reaches, in words."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.policy.law import Reach
from gateway.policy.reached import reached
from gateway.policy.sentence.lists import joined, some, titles_of
from gateway.policy.vocabulary import EXISTENCE, Vocabulary

__all__ = ["asked_text", "families_of", "who_text"]


def who_text(reach: Reach, vocabulary: Vocabulary) -> tuple[str, str]:
    """Return who asks, and who is asked."""
    asks = some(
        reach.requesters,
        titles_of(vocabulary.requester_classes),
        "requester",
        families_of(vocabulary),
    )
    asked = some(reach.custodians, titles_of(vocabulary.custodian_types), "custodian")
    return asks, asked


def families_of(vocabulary: Vocabulary) -> Mapping[str, list[str]]:
    """Return the requester classes of each family, by its title."""
    found: dict[str, list[str]] = {}
    for word, item in vocabulary.requester_classes.items():
        found.setdefault(vocabulary.families[item.family].title, []).append(word)
    return found


def asked_text(reach: Reach, vocabulary: Vocabulary) -> str:
    """Return what is asked: kinds with their fields, sources, purposes.

    Kinds that take in the same fields stand together; any source and any purpose are
    not said.
    """
    groups: dict[tuple[str, frozenset[str]], list[str]] = {}
    together: dict[tuple[str, str], set[str]] = {}
    for kind, use, category in reached(reach, vocabulary):
        own = category == vocabulary.category_of_kind(kind)
        together.setdefault((kind, use), set()).add(ACT if own else category)
    for (kind, use), categories in together.items():
        groups.setdefault((use, frozenset(categories)), []).append(kind)
    wanted = [
        _wanted(use, kinds, categories, vocabulary)
        for (use, categories), kinds in groups.items()
    ]
    asked = ", or ".join(wanted) if wanted else "for nothing"
    return f"{asked}{_sources(reach, vocabulary)}{_purposes(reach, vocabulary)}"


ACT = ""
"""Stands for the category that a kind without fields is itself."""


def _sources(reach: Reach, vocabulary: Vocabulary) -> str:
    every = len(reach.datasets) == len(vocabulary.datasets)
    said = some(reach.datasets, titles_of(vocabulary.datasets), "source")
    return "" if every else f", from {said}"


def _purposes(reach: Reach, vocabulary: Vocabulary) -> str:
    if reach.any_purpose:
        return ""
    said = some(reach.purposes, titles_of(vocabulary.purposes), "purpose")
    return f", for this purpose: {said}"


def _wanted(
    use: str, kinds: list[str], categories: frozenset[str], vocabulary: Vocabulary
) -> str:
    """Return what is asked for, and by which kinds of request."""
    titles = titles_of(vocabulary.kinds)
    doing = joined(titles[kind] for kind in kinds)
    if categories == {ACT}:
        return f"for this: {doing}"
    plain = vocabulary.plain_categories
    fields = {w: t for w, t in titles_of(vocabulary.categories).items() if w in plain}
    said = []
    if chosen := categories & plain:
        said.append(some(chosen, fields, "field"))
    if EXISTENCE in categories:
        said.append("whether there is a record")
    if ACT in categories:
        said.append("the act itself")
    how = "for" if use == "release" else "to find a record by"
    return f"{how} {', and '.join(said)} (the request: {doing})"
