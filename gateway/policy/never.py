"""What must never come out, whatever packs and overlays say together.

Invariants are written beside the law (``must_never.yaml`` of the folder, and of any
pack), in a sentence for people and in the words of the vocabulary. They travel in the
bundle, so they are part of its revision, and are proved for every question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from gateway.errors import InvalidFile, Mistake
from gateway.policy.conditions import ConditionReader
from gateway.policy.header import NEVER
from gateway.policy.law import FIRST, Condition
from gateway.policy.lookup import Lookup, day_number
from gateway.policy.nevertext import InvariantText, Where, Words, texts_of
from gateway.policy.pack import DEFAULT_PACK
from gateway.policy.question import AskKey
from gateway.policy.rules import ConditionText
from gateway.policy.vocabulary import EXISTENCE, UNKNOWN, Vocabulary

__all__ = [
    "Given",
    "Invariant",
    "Missing",
    "each_invariant",
    "invariants_in",
    "read_invariants",
    "stack_of",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """A fact is not known; rules cannot ask for that, invariants can."""

    fact: str


Given: TypeAlias = Condition | Missing


@dataclass(frozen=True, kw_only=True, slots=True)
class Invariant:
    """An invariant with every word looked up; it holds in stacks with these packs."""

    id: str
    says: str
    citation: str
    packs: frozenset[str]
    custodians: frozenset[str]
    datasets: frozenset[str]
    requesters: frozenset[str]
    purposes: frozenset[str]
    asks: frozenset[AskKey]
    since: int
    given: tuple[Given, ...]
    effects: frozenset[str]
    outcomes: frozenset[str]


def read_invariants(
    files: Mapping[str, bytes], vocabulary: Vocabulary
) -> list[Invariant]:
    """Read files of invariants; those of a pack's folder are about that pack.

    Args:
        files: content by path below the policies folder.
        vocabulary: the closed lists.

    Raises:
        InvalidFile: with every mistake of every file.
    """
    mistakes: list[Mistake] = []
    found = [one for _, _, one in each_invariant(files, vocabulary, mistakes)]
    if mistakes:
        raise InvalidFile(mistakes)
    return found


Placed: TypeAlias = tuple[str, InvariantText, Invariant]
"""An invariant, as it is written, and where."""


def each_invariant(
    files: Mapping[str, bytes], vocabulary: Vocabulary, mistakes: list[Mistake]
) -> Iterator[Placed]:
    """Yield each invariant that reads; what is wrong is added to the mistakes."""
    named: set[str] = set()
    for path in sorted(files):
        texts, wrong = texts_of(files[path], path)
        mistakes += wrong
        for i, text in texts:
            before = len(mistakes)
            lookup = Lookup(vocabulary=vocabulary, groups={}, mistakes=mistakes)
            where = f"{path}:invariants.{i}({text.id})"
            one = _Reader(lookup, where).invariant(text, path.split("/")[1:-1])
            if text.id in named:
                problem = f"{text.id} is named twice"
                mistakes.append(Mistake(path=f"{where}.id", problem=problem))
            named.add(text.id)
            if len(mistakes) == before:
                yield where, text, one


def invariants_in(
    files: Mapping[str, bytes], vocabulary: Vocabulary
) -> list[Invariant]:
    """Read the invariants that travel in a bundle, given its files by path.

    Raises:
        InvalidFile: with every mistake of every file.
    """
    found = {
        path.removeprefix(SOURCES): data
        for path, data in files.items()
        if path.startswith(SOURCES) and path.endswith(f"/{NEVER}")
    }
    return read_invariants(found, vocabulary)


def stack_of(files: Collection[str]) -> tuple[tuple[str, ...], str | None]:
    """Return the packs and the overlay that a bundle was built of, by its files.

    The agency default, which lies below every stack, is left out.
    """
    headers = [path.split("/") for path in files if path.endswith("/pack.yaml")]
    packs = sorted(name for _, kind, name, _ in headers if kind == "packs")
    overlays = [name for _, kind, name, _ in headers if kind == "overlays"]
    return (
        tuple(name for name in packs if name != DEFAULT_PACK),
        overlays[0] if overlays else None,
    )


SOURCES = "sources/"
"""Where the written law is in a bundle."""


class _Reader:
    """Looks up the words of one invariant; mistakes go to the lookup."""

    def __init__(self, lookup: Lookup, path: str) -> None:
        self._lookup = lookup
        self._vocabulary = lookup.vocabulary
        self._path = path

    def invariant(self, text: InvariantText, folder: Collection[str]) -> Invariant:
        known, where = self._vocabulary, text.where
        if not text.never.effects and not text.never.outcomes:
            problem = "says of nothing that it may not come out"
            self._lookup.mistakes.append(Mistake(path=self._path, problem=problem))
        return Invariant(
            id=text.id,
            says=text.says,
            citation=text.citation,
            packs=frozenset({*text.packs, *folder}),
            custodians=self._words(
                "custodians", where.custodians, known.custodian_types
            ),
            datasets=self._words("datasets", where.datasets, known.datasets),
            requesters=self._requesters(where),
            purposes=self._words(
                "purposes", where.purposes, [*known.purposes, UNKNOWN]
            ),
            asks=frozenset(self._asks(where)),
            since=day_number(where.days.from_ if where.days else None, FIRST),
            given=tuple(self._given(text.given)),
            effects=frozenset(text.never.effects),
            outcomes=frozenset(text.never.outcomes),
        )

    def _words(
        self, name: str, words: Words, known: Collection[str], barred: Words = None
    ) -> frozenset[str]:
        """Return the words named, or all; without those barred."""
        path = f"{self._path}.where.{name}"
        chosen = frozenset(known)
        if words is not None:
            chosen = self._lookup.words(words, known, path)
        return chosen - self._lookup.words(barred, known, f"{path} barred")

    def _requesters(self, where: Where) -> frozenset[str]:
        known = self._vocabulary
        families = self._words("families", where.families, known.families)
        named = self._words(
            "requesters",
            where.requesters,
            known.requester_classes,
            where.not_requesters,
        )
        return frozenset(
            name for name in named if known.requester_classes[name].family in families
        )

    def _asks(self, where: Where) -> Iterator[AskKey]:
        """Yield what is asked.

        A kind without fields is named by its kind alone, and that there is a record
        only by name.
        """
        known = self._vocabulary
        kinds = self._words("kinds", where.kinds, known.kinds)
        barred = where.not_categories
        categories = self._words(
            "categories", where.categories, known.categories, barred
        )
        if where.categories is None:
            categories -= {EXISTENCE}
        for (kind, use), asked in known.asked.items():
            if kind in kinds and use in where.use:
                own = {known.category_of_kind(kind)} if where.kinds else set()
                for category in sorted(
                    asked & (categories | own.difference(barred or ()))
                ):
                    yield kind, use, category

    def _given(self, texts: list[ConditionText]) -> Iterator[Given]:
        reader = ConditionReader(self._lookup)
        for i, text in enumerate(texts):
            if text.fact is not None and text.is_ == UNKNOWN:
                path = f"{self._path}.given.{i}.fact"
                self._lookup.listed(path, text.fact, self._vocabulary.facts)
                yield Missing(fact=text.fact)
            else:
                yield from reader.conditions([text], f"{self._path}.given")
