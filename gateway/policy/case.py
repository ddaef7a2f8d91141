"""Case files: one question with what is expected of it, written by anybody.

The format is ``sallyport.case/1``. A case names packs, a day, who asks, papers and
facts; it is decided without any server.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from gateway.canonical import Json
from gateway.errors import InvalidFile, Mistake
from gateway.policy.law import FIRST
from gateway.policy.lookup import day_number
from gateway.policy.question import Ask, InvalidQuestion, Question, Vector
from gateway.policy.rules import Day
from gateway.policy.vocabulary import Value, Vocabulary, paper_fact
from gateway.policy.words import Document, Word
from gateway.yamlfile import nearest, read_model

__all__ = [
    "CaseFile",
    "Expect",
    "PaperText",
    "RequestText",
    "RequesterText",
    "case_question",
    "case_schema",
    "load_case",
]

Scalar = bool | int | str
Facts = dict[str, Scalar]
Effects = Literal[
    "permit", "require", "prohibit", "review", "fall_through", "partial", "none"
]
Outcomes = Literal["release", "withhold", "wait"]


class RequestText(Document):
    """What is asked. Members beside these are request facts."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
    kinds: list[Word] = Field(min_length=1, description="Kinds of request.")
    categories: list[Word] = Field(
        default_factory=list,
        description="Categories asked for, for kinds that have fields.",
    )
    purpose: Word = Field(description="Purpose code.")
    match: list[Word] = Field(
        default_factory=list, description="Categories used to find the record."
    )
    statements: Facts = Field(
        default_factory=dict, description="What the requester states, by fact."
    )


class RequesterText(Document):
    """Who asks, resolved. Members beside ``class`` are request facts."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
    class_: Word = Field(alias="class", description="Requester class.")


class PaperText(Document):
    """A paper at hand."""

    type: Word = Field(description="Instrument code, for example i247a.")
    signer: Word = Field(description="Who signed it.")
    state: Word = Field(description="How far it is verified.")
    covers: list[Word] | None = Field(
        default=None, description="Categories it names; left out, all that is asked."
    )


class Expect(Document):
    """What the case should come to; all that is written must hold."""

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
    packs: list[str] = Field(description="Pack ids; agency-default lies below.")
    overlay: str | None = None
    day: Day
    custodian: Word
    dataset: Word
    request: RequestText
    requester: RequesterText
    papers: list[PaperText] = Field(default_factory=list)
    facts: Facts | Literal["pending"] = Field(
        default_factory=dict,
        description="Facts of the record; `pending` to screen only.",
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


def case_question(
    case: CaseFile, vocabulary: Vocabulary, name: str
) -> tuple[Question, Vector | None]:
    """Return the question of a case, and its record unless facts are pending.

    Raises:
        InvalidFile: with every word or value that is not in the vocabulary.
    """
    mistakes = [
        *_unknown_kinds(case, vocabulary, name),
        *_uncovered(case, vocabulary, name),
    ]
    if mistakes:
        raise InvalidFile(mistakes)
    try:
        question = Question.build(
            vocabulary=vocabulary,
            day=day_number(case.day, FIRST),
            custodian=case.custodian,
            dataset_kind=case.dataset,
            requester_class=case.requester.class_,
            facts=_typed(_said(case), vocabulary),
            asks=_asks(case, vocabulary),
        )
        vector = _vector(case, vocabulary)
        if vector is not None:
            question.check(vector, vocabulary)
    except InvalidQuestion as error:
        raise InvalidFile(
            [
                Mistake(path=f"{name}:{m.path}", problem=m.problem, advice=m.advice)
                for m in error.mistakes
            ]
        ) from error
    return question, vector


def _said(case: CaseFile) -> dict[str, Scalar]:
    """Return the request facts of a case, as a gateway would fill them in."""
    request = case.request
    said: dict[str, Scalar] = {
        **_extra(request),
        **_extra(case.requester),
        **request.statements,
        "purpose": request.purpose,
    }
    if request.match:
        said = {"subjects_given": True, **said}
    if BULK in request.kinds:
        said = {"bulk": True, **said}
    return said


def _vector(case: CaseFile, vocabulary: Vocabulary) -> Vector | None:
    if case.facts == "pending":
        return None
    return Vector(
        facts=_typed(case.facts, vocabulary),
        categories={
            category: _typed(facts, vocabulary)
            for category, facts in case.category_facts.items()
        },
    )


def _unknown_kinds(case: CaseFile, vocabulary: Vocabulary, name: str) -> list[Mistake]:
    return [
        Mistake(
            path=f"{name}:request.kinds",
            problem=f"{kind} is not a known word",
            advice=nearest(kind, vocabulary.kinds),
        )
        for kind in case.request.kinds
        if kind not in vocabulary.kinds
    ]


def _uncovered(case: CaseFile, vocabulary: Vocabulary, name: str) -> list[Mistake]:
    """Return a mistake for each paper that cannot be signed so."""
    return [
        Mistake(
            path=f"{name}:papers.{i}",
            problem=f"there is no {paper.type} signed by {paper.signer}",
            advice=nearest(
                paper_fact(paper.type, paper.signer), vocabulary.paper_facts
            ),
        )
        for i, paper in enumerate(case.papers)
        if paper_fact(paper.type, paper.signer) not in vocabulary.paper_facts
    ]


def _asks(case: CaseFile, vocabulary: Vocabulary) -> list[Ask]:
    keys: list[tuple[str, str, str]] = []
    for kind in case.request.kinds:
        own = vocabulary.category_of_kind(kind)
        categories = [own] if own else case.request.categories
        keys += [(kind, "release", category) for category in categories]
        keys += [(kind, "match", category) for category in case.request.match]
    return [
        Ask(kind=kind, use=use, category=category, facts=_papers(case, category))
        for kind, use, category in dict.fromkeys(keys)
    ]


def _papers(case: CaseFile, category: str) -> dict[str, Value]:
    """Return the paper facts for one category; a paper that omits it is outside."""
    return {
        paper_fact(paper.type, paper.signer): (
            paper.state
            if paper.covers is None or category in paper.covers
            else "outside_scope"
        )
        for paper in case.papers
    }


def _extra(text: Document) -> dict[str, Scalar]:
    extra: Mapping[str, Scalar] = text.model_extra or {}
    return dict(extra)


def _typed(facts: Mapping[str, Scalar], vocabulary: Vocabulary) -> dict[str, Value]:
    """Return facts with days as integers, as questions hold them."""
    return {fact: _value(fact, value, vocabulary) for fact, value in facts.items()}


def _value(fact: str, value: Scalar, vocabulary: Vocabulary) -> Value:
    known = vocabulary.facts.get(fact)
    is_day = known is not None and known.type == "day"
    if is_day and isinstance(value, str) and value.count("-") == DASHES:
        return day_number(value, FIRST) if value.replace("-", "").isdigit() else value
    return value


DASHES = 2
BULK = "bulk_export"
"""The kind that asks for many records."""
