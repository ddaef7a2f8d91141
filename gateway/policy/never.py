"""What must never come out, whatever packs and overlays say together.

Invariants are written beside the law (``must_never.yaml`` of the folder, and of any
pack), in a sentence for people and in the words of the vocabulary. They travel in the
bundle, so they are part of its revision, and are proved for every question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from pydantic import Field, ValidationError

from gateway.errors import InvalidFile, Mistake
from gateway.policy.conditions import ConditionReader
from gateway.policy.header import NEVER
from gateway.policy.law import FIRST, Condition
from gateway.policy.lookup import Lookup, day_number
from gateway.policy.pack import DEFAULT_PACK
from gateway.policy.question import AskKey
from gateway.policy.rules import ConditionText, Day, Effect
from gateway.policy.vocabulary import EXISTENCE, UNKNOWN, Vocabulary
from gateway.policy.words import Document
from gateway.yamlfile import mistakes_of, parse

__all__ = [
    "Days",
    "Given",
    "Invariant",
    "InvariantText",
    "InvariantsText",
    "Missing",
    "Never",
    "Where",
    "invariants_in",
    "read_invariants",
    "stack_of",
]

Words: TypeAlias = list[str] | None
"""Words of a dimension; left out, all of them."""


class Days(Document):
    """Days on which an invariant holds: from this one."""

    from_: Day = Field(alias="from")


class Where(Document):
    """What an invariant is about; a dimension left out is any."""

    requesters: Words = None
    not_requesters: Words = None
    families: Words = None
    custodians: Words = None
    purposes: Words = None
    kinds: Words = None
    datasets: Words = None
    categories: Words = None
    not_categories: Words = None
    use: list[Literal["release", "match"]] = Field(default=["release"])
    days: Days | None = None


class Never(Document):
    """What may not come out: before a local choice, or after it."""

    effects: list[Effect] = Field(default_factory=list)
    outcomes: list[Literal["release", "withhold", "wait"]] = Field(default_factory=list)


class InvariantText(Document):
    """One sentence, and the same in words of the vocabulary."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")
    says: str = Field(min_length=3, max_length=300)
    citation: str = Field(min_length=3, max_length=300)
    packs: list[str] = Field(default_factory=list)
    where: Where = Where()
    given: list[ConditionText] = Field(default_factory=list)
    never: Never


class InvariantsText(Document):
    """A file of invariants."""

    schema_: Literal["sallyport.must_never/1"] = Field(alias="schema")
    invariants: list[InvariantText]


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
    found: list[Invariant] = []
    for path in sorted(files):
        texts, wrong = _texts(files[path], path)
        mistakes += wrong
        for i, text in enumerate(texts):
            lookup = Lookup(vocabulary=vocabulary, groups={}, mistakes=mistakes)
            where = f"{path}:invariants.{i}"
            reader = _Reader(lookup, f"{where}({text.id})")
            found.append(reader.invariant(text, path.split("/")[1:-1]))
            if text.id in {other.id for other in found[:-1]}:
                problem = f"{text.id} is named twice"
                mistakes.append(Mistake(path=f"{where}.id", problem=problem))
    if mistakes:
        raise InvalidFile(mistakes)
    return found


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


@lru_cache(maxsize=64)
def _texts(data: bytes, path: str) -> tuple[Sequence[InvariantText], Sequence[Mistake]]:
    """Return a file's invariants, or what is wrong with it; many stacks share one."""
    try:
        return InvariantsText.model_validate(parse(data, path)).invariants, ()
    except ValidationError as error:
        return (), mistakes_of(error, path, InvariantsText)
    except InvalidFile as error:
        return (), error.mistakes


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
