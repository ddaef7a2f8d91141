"""From a case file to the question it asks, in the words of the vocabulary."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace

from gateway.errors import InvalidFile, Mistake
from gateway.face import DEFECTIVE, Face, fault_of, last_day
from gateway.policy.case import CaseFile, PaperText, Scalar
from gateway.policy.casewords import CaseFacts, word_mistakes
from gateway.policy.law import FIRST
from gateway.policy.lookup import day_number
from gateway.policy.parties import recipient_of
from gateway.policy.purpose import purpose_basis
from gateway.policy.question import Ask, InvalidQuestion, Question, Vector
from gateway.policy.vocabulary import (
    EXISTENCE,
    UNKNOWN,
    Value,
    Vocabulary,
    paper_fact,
)
from gateway.policy.words import Document

__all__ = ["case_question", "stated_facts"]


def case_question(
    case: CaseFile, vocabulary: Vocabulary, name: str
) -> tuple[Question, Vector | None]:
    """Return the question of a case, and its record unless facts are pending.

    Raises:
        InvalidFile: with every word or value that is not in the vocabulary.
    """
    mistakes = word_mistakes(case, stated_facts(case, vocabulary), vocabulary)
    if wrong := [*dict.fromkeys(mistakes)]:
        raise InvalidFile([replace(m, path=f"{name}:{m.path}") for m in wrong])
    asks = _asks(case, vocabulary)
    facts = _typed(_said(case), vocabulary)
    facts = {**_basis(case, facts, asks, vocabulary), **facts}
    try:
        question = Question.build(
            vocabulary=vocabulary,
            day=day_number(case.day, FIRST),
            custodian=case.custodian,
            dataset_kind=case.dataset,
            requester_class=case.requester.class_,
            facts=facts,
            asks=asks,
            recipient=recipient_of(facts, vocabulary),
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


def stated_facts(case: CaseFile, vocabulary: Vocabulary) -> Iterator[CaseFacts]:
    """Yield all facts that a case states, by where they are written."""
    of_request = {
        "request": _extra(case.request),
        "request.statements": case.request.statements,
        "requester": _extra(case.requester),
    }
    of_record = {} if case.facts == "pending" else _known(case.facts)
    of_categories = {
        f"category_facts.{category}": facts
        for category, facts in case.category_facts.items()
    }
    for scope, places in (
        ("request", of_request),
        ("record", {"facts": of_record}),
        ("record_category", of_categories),
    ):
        for path, facts in places.items():
            typed = _typed(facts, vocabulary)
            yield CaseFacts(path=path, scope=scope, facts=typed)


def _known(facts: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Return facts of a record without those that a case says are not known."""
    return {fact: value for fact, value in facts.items() if value != UNKNOWN}


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


def _basis(
    case: CaseFile, facts: Mapping[str, Value], asks: list[Ask], vocabulary: Vocabulary
) -> dict[str, Value]:
    """Return what the stated purpose rests on, as a gateway works it out."""
    own = case.requester.class_
    if PURPOSE_BASIS not in vocabulary.facts or own not in vocabulary.requester_classes:
        return {}
    basis = purpose_basis(
        case.request.purpose,
        vocabulary=vocabulary,
        classes={own, recipient_of(facts, vocabulary) or own},
        facts=facts,
        papers=[ask.facts for ask in asks],
    )
    return {PURPOSE_BASIS: basis}


def _vector(case: CaseFile, vocabulary: Vocabulary) -> Vector | None:
    if case.facts == "pending":
        return None
    ordinary = {
        fact: known.ordinarily
        for fact, known in vocabulary.facts.items()
        if known.ordinarily is not None and fact not in case.facts
    }
    return Vector(
        facts={**ordinary, **_typed(_known(case.facts), vocabulary)},
        categories={
            category: _typed(facts, vocabulary)
            for category, facts in case.category_facts.items()
        },
    )


def _asks(case: CaseFile, vocabulary: Vocabulary) -> list[Ask]:
    keys: list[tuple[str, str, str]] = []
    things = {vocabulary.category_of_kind(kind) for kind in case.request.kinds}
    for kind in case.request.kinds:
        own = vocabulary.category_of_kind(kind)
        # A hold that is listed beside fields is no field.
        categories = [c for c in case.request.categories if c not in things]
        if own:  # a kind without fields is one thing; and there may be a record of it
            categories = [own, *(c for c in categories if c == EXISTENCE)]
        keys += [(kind, "release", category) for category in categories]
        keys += [(kind, "match", category) for category in case.request.match]
    return [
        Ask(
            kind=kind,
            use=use,
            category=category,
            facts=_papers(case, category, vocabulary),
        )
        for kind, use, category in dict.fromkeys(keys)
    ]


def _papers(case: CaseFile, category: str, vocabulary: Vocabulary) -> dict[str, Value]:
    """Return the paper facts for one category; a paper that omits it is outside."""
    return {
        paper_fact(paper.type, paper.signer): (
            _state(paper, case.day, vocabulary.faces[paper.type])
            if paper.covers is None or category in paper.covers
            else "outside_scope"
        )
        for paper in case.papers
    }


def _state(paper: PaperText, day: str, face: Face) -> str:
    """Return a paper's state: as stated, unless its face or its date says otherwise."""
    if fault := fault_of(face, paper.face, paper.edition):
        return fault
    if paper.issued is not None:
        if paper.issued > day:
            return DEFECTIVE  # it is of a day that has not come
        last = last_day(face, dt.date.fromisoformat(paper.issued))
        if last is not None and dt.date.fromisoformat(day) > last:
            return "expired"
    return paper.state


def _extra(text: Document) -> dict[str, Scalar]:
    extra: Mapping[str, Scalar] = text.model_extra or {}
    return dict(extra)


def _typed(facts: Mapping[str, Scalar], vocabulary: Vocabulary) -> dict[str, Value]:
    """Return facts with days as integers, as questions hold them."""
    return {fact: _value(fact, value, vocabulary) for fact, value in facts.items()}


def _value(fact: str, value: Scalar, vocabulary: Vocabulary) -> Value:
    known = vocabulary.facts.get(fact)
    is_day = known is not None and known.type == "day"
    if is_day and isinstance(value, str) and _is_day(value):
        return day_number(value, FIRST)
    return value


def _is_day(text: str) -> bool:
    """Tell whether a text is a day that a calendar has, written YYYY-MM-DD."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


PURPOSE_BASIS = "purpose_basis"
BULK = "bulk_export"
"""The kind that asks for many records."""
