"""Whether what must never come out is said of something: a proof of nothing holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from gateway.errors import Mistake
from gateway.policy.header import NEVER
from gateway.policy.law import ValueTest, facts_of
from gateway.policy.lint.logic import contradiction
from gateway.policy.lookup import UNKNOWN_WORD
from gateway.policy.never import (
    Invariant,
    Missing,
    each_invariant,
)
from gateway.policy.nevertext import InvariantText
from gateway.policy.pack import Library
from gateway.policy.sentence.conditions import condition_text
from gateway.policy.vocabulary import Vocabulary
from gateway.yamlfile import nearest

__all__ = ["forbidden"]


def forbidden(library: Library, named: Collection[str]) -> Iterator[Mistake]:
    """Yield what is wrong in the sentences of a folder, and of packs that are named."""
    files = {
        path: data
        for path, data in library.files.items()
        if path == NEVER or (path.endswith(f"/{NEVER}") and path.split("/")[1] in named)
    }
    mistakes: list[Mistake] = []
    packs = {*library.packs, *library.overlays, *library.unread}
    for place, text, one in each_invariant(files, library.vocabulary, mistakes):
        where = str(library.root / place)
        yield from _empty(one, where, packs)
        yield from _unasked(one, text, where)
        yield from _never(one, where, library.vocabulary)
    for mistake in mistakes:
        yield replace(mistake, path=str(library.root / mistake.path))


def _empty(one: Invariant, where: str, packs: Collection[str]) -> Iterator[Mistake]:
    """Yield why a sentence is proved of nothing."""
    for word in sorted(one.packs - {*packs}):
        yield Mistake(
            path=f"{where}.packs",
            problem=f"{word} is not a pack here, so {one.id} is proved of no law",
            advice=nearest(word, packs),
            code=UNKNOWN_WORD,
        )
    said = (one.custodians, one.datasets, one.requesters, one.purposes, one.asks)
    if not all(said):
        yield Mistake(
            path=f"{where}.where",
            problem="is about no question, so it holds whatever the rules say",
            code="unreachable",
        )


def _unasked(one: Invariant, text: InvariantText, where: str) -> Iterator[Mistake]:
    """Yield each category that is named and that no request of these kinds is for."""
    asked = {category for _, _, category in one.asks}
    for category in text.where.categories or () if asked else ():
        if category not in asked:
            yield Mistake(
                path=f"{where}.where.categories",
                problem=f"{category} is asked by none of these kinds",
                advice="leave it out, or name a kind that has fields",
                code="unreachable",
            )


def _never(one: Invariant, where: str, vocabulary: Vocabulary) -> Iterator[Mistake]:
    """Yield why what a sentence takes as given can never be so."""
    tests = [given for given in one.given if not isinstance(given, Missing)]
    missing = {given.fact for given in one.given if isinstance(given, Missing)}
    problem = ""
    if both := contradiction(tests):
        problem = " and ".join(condition_text(test, vocabulary) for test in both)
        problem += ": both can never be so"
    elif known := sorted(missing & {f for test in tests for f in facts_of(test)}):
        problem = f"{known[0]} is unknown and is tested: both can never be so"
    elif none := [t for t in tests if isinstance(t, ValueTest) and not t.values]:
        problem = f"no value is left: {none[0].fact} can be nothing else"
    if problem:
        problem += f", so {one.id} holds whatever the rules say"
        yield Mistake(path=f"{where}.given", problem=problem, code="never_holds")
