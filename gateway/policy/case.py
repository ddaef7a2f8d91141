"""Case files: one question with what is expected of it, written by anybody.

The format is ``sallyport.case/1``. A case names packs, a day, who asks, papers and
facts; it is decided without any server.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from gateway.canonical import Json
from gateway.policy.rules import Day
from gateway.policy.words import Document
from gateway.yamlfile import read_model

__all__ = [
    "CaseFile",
    "Expect",
    "PaperText",
    "RequestText",
    "RequesterText",
    "case_schema",
    "load_case",
]

Word = Annotated[str, Field(min_length=1, max_length=100)]
"""A word of the vocabulary, where it is looked up and the nearest right one named."""

Scalar = bool | int | str
Facts = dict[str, Scalar]
Effects = Literal[
    "permit",
    "require",
    "prohibit",
    "review",
    "fall_through",
    "partial",
    "none",
    "alert",
    "lint_error",
]
Outcomes = Literal["release", "withhold", "wait"]


class RequestText(Document):
    """What is asked. Members beside these are request facts."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
    kinds: list[Word] = Field(min_length=1, description="Kinds of request.")
    categories: list[Word] = Field(
        default_factory=list,
        description="Categories asked for, for kinds that have fields;"
        " record_exists for any.",
    )
    purpose: Word = Field(
        description="Purpose code; `unspecified` where the requester gave none."
        " `unknown` is a purpose that nobody can tell, and opens nothing that asks for"
        " one."
    )
    match: list[Word] = Field(
        default_factory=list, description="Categories used to find the record."
    )
    statements: Facts = Field(
        default_factory=dict,
        description="What the requester states, by fact: those with"
        " `said_by: requester`.",
    )


class RequesterText(Document):
    """Who asks, resolved. Members beside ``class`` are request facts."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
    class_: Word = Field(alias="class", description="Requester class.")


class PaperText(Document):
    """A paper at hand."""

    type: Word = Field(description="Instrument code, for example i247a.")
    signer: Word = Field(description="Who signed it.")
    state: Word = Field(
        description="How far it is verified. A face, an edition or a date that is not"
        " right makes it defective all the same.",
    )
    face: dict[Word, bool] = Field(
        default_factory=dict,
        description="What its face shows, box by box; one left out was not looked at.",
    )
    edition: str | None = Field(default=None, description="Edition of the form.")
    issued: Day | None = Field(
        default=None,
        description="Its date; some forms must be executed in time. Left out, it is in"
        " time.",
    )
    covers: list[Word] | None = Field(
        default=None, description="Categories it names; left out, all that is asked."
    )


class Expect(Document):
    """What the case should come to; all that is written must hold.

    ``permit`` is satisfied by what verified process requires. ``fall_through``: no rule
    of the case's own packs spoke, the federal one aside where there is another.
    ``partial``: outcomes differ. ``none``: no duty. ``alert`` and ``lint_error`` are
    what a reason code means, as the vocabulary says.
    """

    effect: Effects | dict[Word, Effects] | None = None
    outcome: Outcomes | dict[Word, Outcomes] | None = None
    obligations: list[Word] = Field(
        default_factory=list, description="Codes, as a subset."
    )
    reasons: list[str] = Field(default_factory=list, description="Codes, as a subset.")
    reviewer: Word | None = None


class CaseFile(Document):
    """One case."""

    schema_: Literal["sallyport.case/1"] = Field(alias="schema")
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
    title: str
    packs: list[str] = Field(
        description="Pack ids; agency-default lies below. Without `us-federal` nothing"
        " federal is asked: no bar on a record, no saving of 8 U.S.C. 1373, no federal"
        " court's paper but where the state's own text names it."
    )
    overlay: str | None = None
    day: Day
    custodian: Word
    dataset: Word
    request: RequestText
    requester: RequesterText
    papers: list[PaperText] = Field(default_factory=list)
    facts: Facts | Literal["pending"] = Field(
        default_factory=dict,
        description="Facts of the record; `pending` to screen only. A case speaks of"
        " an ordinary record: what the vocabulary calls ordinarily false (`sealed`,"
        " `juvenile`, `protected_1367`, that it is of a victim or a witness, that"
        " lawful status was proved) is false where it is left out. Any other fact"
        " left out is unknown and opens nothing; `unknown` says so of any. A gateway"
        " takes nothing for granted: what its source does not tell is unknown to it."
        " A pack's page says under each rule what it comes to where a fact that the"
        " rule looks at is not known.",
    )
    category_facts: dict[Word, Facts] = Field(default_factory=dict)
    expect: Expect = Expect()
    source: dict[str, str] | None = None
    disputed: str | dict[str, str] | None = None
    notes: str | None = None


def load_case(path: Path) -> CaseFile:
    """Read one case file.

    Raises:
        InvalidFile: with every mistake.
    """
    return read_model(path, CaseFile)


def case_schema() -> dict[str, Json]:
    """Return the JSON Schema of case files."""
    schema: dict[str, Json] = CaseFile.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Sallyport case file",
    }
