"""The part of an inquiry that all requests of one form share.

Two requests of one form differ in whom they ask about, in their case number and in
their limit: never in a word that is looked up, a fact that policy sees, or a paper. So
what the words come to is found once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from gateway.catalogue import Dataset
from gateway.model import Request
from gateway.policy import Question
from gateway.policy.memo import Memo

__all__ = ["EXISTENCE", "AskKey", "Shape", "Shapes", "form_of"]

EXISTENCE = "record_exists"
"""The category of the fact that there is a record."""

MOST_SHAPES = 4096

AskKey: TypeAlias = tuple[str, str, str]
"""Kind, use, category."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shape:
    """What a form of request asks, in the words of catalogue and vocabulary.

    Compared by identity.

    Attributes:
        dataset: what is asked.
        question: what policy is asked.
        field_kind: the kind whose fields are asked, or the empty string.
        categories: category of each classified field that is asked.
        unclassified: fields that nobody classified; never shared.
        grants: category of each kind without fields that is asked.
        by_subject: whether persons are named.
    """

    dataset: Dataset
    question: Question
    field_kind: str
    categories: Mapping[str, str]
    unclassified: tuple[str, ...]
    grants: Mapping[str, str]
    by_subject: bool

    @cached_property
    def reads_source(self) -> bool:
        """Whether answering needs a record at all."""
        return self.by_subject or bool(self.field_kind)

    @cached_property
    def release_asks(self) -> tuple[AskKey, ...]:
        """The asks whose outcome decides what is made available, in order."""
        fields = {(self.field_kind, "release", c) for c in self.categories.values()}
        granted = {(kind, "release", c) for kind, c in self.grants.items()}
        return tuple(sorted(fields | granted))

    @cached_property
    def match_asks(self) -> tuple[AskKey, ...]:
        """The asks that decide whether the selectors may be used."""
        return tuple(ask for ask in self.question.ask_keys if ask[1] == "match")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every field and kind asked for, as the public leaf names them."""
        return (*self.categories, *self.unclassified, *self.grants)

    @cached_property
    def named(self) -> Mapping[AskKey, tuple[str, ...]]:
        """The fields, or the kind, that each release ask is about."""
        found: dict[AskKey, list[str]] = {}
        for name, category in self.categories.items():
            ask = (self.field_kind, "release", category)
            found.setdefault(ask, []).append(name)
        for kind, category in self.grants.items():
            found[kind, "release", category] = [kind]
        return {ask: tuple(names) for ask, names in found.items()}


class Shapes:
    """The shapes found under one activation; another one looks up other words."""

    def __init__(self) -> None:
        """Begin with none."""
        self._law: object = None
        self._kept: Memo[object, Shape] = Memo(most=MOST_SHAPES)

    def under(self, law: object) -> Memo[object, Shape]:
        """Return the shapes found under what is in force; none under anything new."""
        if law is not self._law:
            self._law, self._kept = law, Memo(most=MOST_SHAPES)
        return self._kept


def form_of(
    request: Request,
    requester_class: str,
    facts: Mapping[str, object],
    day: int,
) -> tuple[object, ...] | None:
    """Return what requests of one shape have in common; none where papers are shown.

    A paper is held against the very person who is asked for.
    """
    if request.instruments:
        return None
    return (
        day,
        requester_class,
        tuple(facts.items()),
        request.dataset,
        request.kinds,
        request.fields,
        tuple(map(tuple, request.subjects)),
        request.purpose,
        request.channel,
        request.recipient,
        tuple(request.statements.items()),
    )
