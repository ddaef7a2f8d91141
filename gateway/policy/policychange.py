"""How a local rule is put to the law that speaks of written policies: as data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pydantic import Field

from gateway.policy.words import Document, Word

__all__ = ["PolicyChanges", "PolicySubject"]


class PolicySubject(Document):
    """What a local rule is about: the kinds and categories that it reaches."""

    kinds: list[Word] = Field(default_factory=list)
    categories: list[Word] = Field(default_factory=list)


class PolicyChanges(Document):
    """The question that a change of a written policy is, in the vocabulary's words.

    ``concerns`` are the families of requesters whose access such laws are about.
    """

    kind: Word
    category: Word
    dataset: Word
    purpose: Word
    requester: Word
    concerns: list[Word]
    direction: str
    narrows: Word
    widens: Word
    subject: str
    other: Word
    subjects: dict[Word, PolicySubject]

    def references(
        self,
        lists: Mapping[str, Collection[str]],
        values: Mapping[str, Collection[str]],
    ) -> Iterator[tuple[str, str, Collection[str]]]:
        """Yield each word that must stand in another list, with where it is used.

        Args:
            lists: the vocabulary's lists by name.
            values: the values of each fact that is a code.
        """
        for member, name in (
            ("kind", "kinds"),
            ("category", "categories"),
            ("dataset", "datasets"),
            ("purpose", "purposes"),
            ("requester", "requester_classes"),
        ):
            yield f"policy_changes.{member}", getattr(self, member), lists[name]
        for family in self.concerns:
            yield "policy_changes.concerns", family, lists["families"]
        for way in (self.narrows, self.widens):
            yield "policy_changes.direction", way, values.get(self.direction, ())
        for word in (self.other, *self.subjects):
            yield "policy_changes.subjects", word, values.get(self.subject, ())
        for word, about in self.subjects.items():
            path = f"policy_changes.subjects.{word}"
            for kind in about.kinds:
                yield f"{path}.kinds", kind, lists["kinds"]
            for category in about.categories:
                yield f"{path}.categories", category, lists["categories"]
