"""What must never come out, as it is written: a file of sentences."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

from pydantic import Field, ValidationError

from gateway.errors import InvalidFile, Mistake
from gateway.policy.rules import ConditionText, Day, Effect
from gateway.policy.words import Document
from gateway.yamlfile import mistakes_of, parse

__all__ = [
    "Days",
    "InvariantText",
    "InvariantsText",
    "Never",
    "Where",
    "Words",
    "texts_of",
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


Texts: TypeAlias = Sequence[tuple[int, InvariantText]]
"""The invariants of a file, each with its place in it."""


@lru_cache(maxsize=64)
def texts_of(data: bytes, path: str) -> tuple[Texts, Sequence[Mistake]]:
    """Return a file's invariants that read, and what is wrong with the rest of it.

    Many stacks share one file.
    """
    try:
        written = parse(data, path)
    except InvalidFile as error:
        return (), error.mistakes
    try:
        return [*enumerate(InvariantsText.model_validate(written).invariants)], ()
    except ValidationError as error:
        mistakes = mistakes_of(error, path, InvariantsText)
        wrong = [item["loc"] for item in error.errors()]
    listed = written.get("invariants") if isinstance(written, dict) else None
    if not isinstance(listed, list):
        return (), mistakes
    places = {loc[1] for loc in wrong if len(loc) > 1}
    return [
        (i, InvariantText.model_validate(each))
        for i, each in enumerate(listed)
        if i not in places
    ], mistakes
