"""The types of the vocabulary file: what each closed list may say of its words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "Category",
    "Code",
    "Document",
    "FaceText",
    "Fact",
    "FactType",
    "Family",
    "Instrument",
    "Kind",
    "Obligation",
    "ReasonCode",
    "RequesterClass",
    "Scope",
    "Titled",
    "Word",
]

Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.]{0,63}$")]
"""A word of a closed list."""

Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
"""A reason code."""

FactType = Literal["boolean", "code", "integer", "day"]
"""What values a fact has, beside ``unknown``."""

Scope = Literal["request", "record", "record_category"]
"""Where a fact has one value: the request, the record, or a category of the record."""

_YES_OR_NO = ("boolean", "record")

Parameter = Literal["code", "integer", "boolean", "list", "day"]
"""What a parameter of an obligation holds."""


class Document(BaseModel):
    """Base of everything read from policy files: closed, frozen and strict."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Titled(Document):
    """A word with the title that people read."""

    title: str = Field(min_length=1, max_length=300)


class Family(Titled):
    """Requesters whose limits are summed, and what they are taken to ask for.

    Another purpose than ``presumed_purpose`` rests on what the requester says, unless
    one of the certifications in ``certified_by`` is in force, or a confirmed paper is
    there that founds a purpose: the fact ``purpose_basis``.
    """

    presumed_purpose: Word | None = None
    certified_by: list[str] = Field(default_factory=list)

    def references(
        self, purposes: Collection[str], facts: Collection[str]
    ) -> Iterator[tuple[str, str, Collection[str]]]:
        """Yield each word that must stand in another list, with where it is used."""
        if self.presumed_purpose is not None:
            yield "presumed_purpose", self.presumed_purpose, purposes
        for fact in self.certified_by:
            yield "certified_by", fact, facts


class ReasonCode(Titled):
    """Why; ``means`` says that it is an alert or an error of a written policy."""

    means: Literal["alert", "lint_error"] | None = None


class RequesterClass(Titled):
    """A class of requesters; cut-offs and limits are summed by ``family``."""

    family: Word


class Kind(Titled):
    """A kind of request: either it asks for fields, or it is one category itself."""

    fields: bool = False
    category: Word | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Kind:
        if self.fields == (self.category is not None):
            raise ValueError("a kind has either fields: true or a category")
        return self


class Category(Titled):
    """What a field is classified by."""

    tags: list[str] = Field(default_factory=list)


class Obligation(Titled):
    """Something that must be done, and who does it."""

    executor: Literal["gateway", "task", "statement"]
    parameters: dict[Word, Parameter] = Field(default_factory=dict)


class FaceText(Document):
    """What the face of a form must show: boxes, editions, days to execute it."""

    needs: list[Word] = Field(default_factory=list)
    one_of: list[Word] = Field(default_factory=list)
    editions: list[str] = Field(default_factory=list)
    executed_within_days: int | None = Field(default=None, ge=1, le=3660)


class Instrument(Titled):
    """A legal paper; one fact for each signer: ``paper.<code>.<signer>``."""

    form: str
    class_: str = Field(alias="class")
    signers: list[Word] = Field(min_length=1)
    authorises: list[Word] = Field(default_factory=list)
    founds_purpose: bool = False
    """Whether, confirmed, it stands behind the purpose that its bearer states.

    Not a removal order, which is for the purpose that is presumed; nor what is for an
    arrest, which asks for no record.
    """
    face: FaceText = FaceText()


class Fact(Titled):
    """Something about a request or a record that rules may look at."""

    title: str = Field(default="", max_length=400)
    type: FactType
    scope: Scope
    values: str | list[str] | None = None
    also: list[Word] = Field(default_factory=list)
    max: int | None = Field(default=None, ge=1, lt=2**53)
    default: bool | int | str | None = None
    said_by: Literal["requester", "registry"] | None = None
    own: bool = False
    """Whether it is the requester's own, and not that of one whom it asks for."""
    ordinarily: Literal[False] | None = None
    """What a case file takes it for where it says nothing; a gateway never does."""

    @model_validator(mode="after")
    def _of_a_record(self) -> Self:
        if self.ordinarily is not None and (self.type, self.scope) != _YES_OR_NO:
            raise ValueError("only yes or no of a record is ordinarily something")
        return self
