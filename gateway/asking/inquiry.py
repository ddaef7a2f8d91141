"""Step 2 of an exchange: a request document becomes one inquiry to one dataset.

Every word is looked up: the dataset and its fields in the catalogue, the kinds, the
purpose and the statements in the vocabulary. What the gateway knows itself is added
here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connectors import Value
from gateway.asking.desk import PaperDesk, facts_of_papers
from gateway.asking.shape import EXISTENCE, Shape, form_of
from gateway.asking.wording import field_mistakes, stated, unknown, word_mistakes
from gateway.catalogue import Catalogue, Dataset, select_by
from gateway.errors import MalformedRequest, Mistake
from gateway.identity import (
    Requester,
    facts_of,
)
from gateway.model import Request
from gateway.policy import Policy, Question, Vocabulary, purpose_basis
from gateway.policy.memo import Memo

__all__ = ["Inquiry", "PaperDesk", "Subject", "inquire"]

Subject = tuple[tuple[str, Value], ...]
"""One person as bound filters: logical column and value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inquiry:
    """What is asked, in the words of the catalogue and the vocabulary."""

    exchange: str
    """Random id of the exchange; also the comment of its statements."""
    request: Request
    day: int
    subjects: tuple[Subject, ...]
    shape: Shape
    also: tuple[str, ...]
    """Families that it is asked for besides the requester's own."""

    @property
    def dataset(self) -> Dataset:
        """The dataset that is asked."""
        return self.shape.dataset

    @property
    def question(self) -> Question:
        """What policy is asked."""
        return self.shape.question


def inquire(
    request: Request,
    *,
    exchange: str,
    requester: Requester,
    desk: PaperDesk,
    catalogue: Catalogue,
    policy: Policy,
    shapes: Memo[object, Shape],
    day: int,
    reasked: bool = False,
    also: tuple[str, ...] = (),
) -> Inquiry:
    """Bind a request to the catalogue and the vocabulary.

    Args:
        request: the document as it was read.
        exchange: random id of the exchange.
        requester: who asks, resolved.
        desk: what the gateway knows of papers.
        catalogue: the datasets.
        policy: in force; its closed lists are what words are looked up in.
        shapes: what forms of request came to under this catalogue and policy.
        day: the law's day, YYYYMMDD in the jurisdiction's zone.
        reasked: whether the same was asked in another way before.
        also: families that it is asked for besides the requester's own.

    Raises:
        MalformedRequest: 422 with every mistake, by pointer.
    """
    facts = facts_of(requester, policy.vocabulary.facts, reasked=reasked)
    form = form_of(request, requester.requester_class, facts, day)
    shape = None if form is None else shapes.get(form)
    if shape is None:
        dataset = _dataset(request, catalogue)
        subjects, matched, statements = _looked_up(request, dataset, policy.vocabulary)
        asked = _Asked(request=request, dataset=dataset, day=day, desk=desk)
        shape = _shape(asked, requester, policy, matched, {**statements, **facts})
        if form is not None:
            shapes.keep(form, shape)
    else:
        subjects = _bound(request, shape.dataset)
    return Inquiry(
        exchange=exchange,
        request=request,
        day=day,
        subjects=subjects,
        shape=shape,
        also=also,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """A request on its way to its shape."""

    request: Request
    dataset: Dataset
    day: int
    desk: PaperDesk


def _shape(
    asked: _Asked,
    requester: Requester,
    policy: Policy,
    matched: frozenset[str],
    facts: Mapping[str, bool | str | int],
) -> Shape:
    """Return what a request that names only known words asks."""
    request, dataset, vocabulary = asked.request, asked.dataset, policy.vocabulary
    field_kind, grants = _kinds(request, vocabulary)
    categories = _classified(request, dataset)
    by_subject = bool(request.subjects)
    keys = _ask_keys(
        field_kind=field_kind,
        categories=categories.values(),
        grants=grants,
        match=matched,
        reads=by_subject or bool(field_kind),
    )
    papers = facts_of_papers(request, dataset, keys, asked.desk, vocabulary)
    everybody = not by_subject and bool(field_kind)
    own = requester.requester_class
    basis = purpose_basis(
        request.purpose,
        vocabulary=vocabulary,
        classes={own, request.recipient or own},
        facts=facts,
        papers=papers.values(),
    )
    known = _known_here(request, asks_everybody=everybody)
    question = policy.question(
        day=asked.day,
        custodian=dataset.custodian,
        dataset_kind=dataset.kind,
        requester_class=own,
        facts={**facts, **known, "purpose_basis": basis},
        asks={key: papers[key[0], key[2]] for key in keys},
    )
    return Shape(
        dataset=dataset,
        question=question,
        field_kind=field_kind,
        categories=categories,
        unclassified=tuple(n for n in request.fields if n not in categories),
        grants=grants,
        by_subject=by_subject,
    )


def _bound(request: Request, dataset: Dataset) -> tuple[Subject, ...]:
    """Bind the subjects of a request whose form is known.

    Raises:
        MalformedRequest: 422 for values that are not of their selector.
    """
    chosen = [
        select_by(dataset, given, pointer=f"/subjects/{place}")
        for place, given in enumerate(request.subjects)
    ]
    if mistakes := [mistake for found in chosen for mistake in found.mistakes]:
        raise MalformedRequest(422, mistakes)
    return tuple(found.filters for found in chosen)


def _dataset(request: Request, catalogue: Catalogue) -> Dataset:
    """Return the dataset that is asked, or refuse with the nearest name."""
    dataset = catalogue.datasets.get(request.dataset)
    if dataset is None:
        mistake = unknown("/dataset", "dataset", request.dataset, catalogue.datasets)
        raise MalformedRequest(422, [mistake])
    return dataset


def _looked_up(
    request: Request, dataset: Dataset, vocabulary: Vocabulary
) -> tuple[tuple[Subject, ...], frozenset[str], dict[str, bool | str]]:
    """Return the subjects, what they are found by, and what is stated.

    Raises:
        MalformedRequest: 422 with every word that does not exist.
    """
    mistakes = word_mistakes(request, vocabulary)
    mistakes += field_mistakes(request, dataset, vocabulary)
    subjects, matched = _subjects(request, dataset, vocabulary, mistakes)
    statements = stated(request, vocabulary, mistakes)
    if mistakes:
        raise MalformedRequest(422, mistakes)
    return subjects, matched, statements


def _classified(request: Request, dataset: Dataset) -> dict[str, str]:
    """Return the category of each field that somebody classified."""
    found = {name: dataset.fields[name].category for name in request.fields}
    return {name: category for name, category in found.items() if category is not None}


def _kinds(request: Request, vocabulary: Vocabulary) -> tuple[str, dict[str, str]]:
    """Return the kind whose fields are asked, and the category of each other kind."""
    with_fields = [kind for kind in request.kinds if vocabulary.has_fields(kind)]
    field_kind = with_fields[0] if with_fields else ""
    return field_kind, {
        kind: vocabulary.category_of_kind(kind)
        for kind in request.kinds
        if kind != field_kind
    }


def _known_here(request: Request, *, asks_everybody: bool) -> dict[str, str | bool]:
    """Return the facts that the request shows by its form."""
    return {
        "purpose": request.purpose,
        "channel": request.channel,
        "recipient": request.recipient or "unnamed",
        "bulk": asks_everybody,
        "subjects_given": bool(request.subjects),
    }


def _ask_keys(
    *,
    field_kind: str,
    categories: Iterable[str],
    grants: Mapping[str, str],
    match: Iterable[str],
    reads: bool,
) -> list[tuple[str, str, str]]:
    """Return every (kind, use, category) to be decided, once each."""
    kinds = [field_kind] if field_kind else []
    keys = {(kind, "release", category) for kind in kinds for category in categories}
    keys |= {(kind, "release", category) for kind, category in grants.items()}
    if reads:
        every = [*kinds, *grants]
        keys |= {(kind, "release", EXISTENCE) for kind in every}
        keys |= {(kind, "match", category) for kind in every for category in match}
    return sorted(keys)


def _subjects(
    request: Request,
    dataset: Dataset,
    vocabulary: Vocabulary,
    mistakes: list[Mistake],
) -> tuple[tuple[Subject, ...], frozenset[str]]:
    """Bind each subject's selectors, adding what is wrong to ``mistakes``."""
    chosen = [
        select_by(dataset, given, pointer=f"/subjects/{place}")
        for place, given in enumerate(request.subjects)
    ]
    for selection in chosen:
        mistakes += selection.mistakes
    fields_of_persons = any(
        kind != "bulk_export" and vocabulary.has_fields(kind)
        for kind in request.kinds
        if kind in vocabulary.kinds
    )
    if not request.subjects and fields_of_persons:
        problem = "say who: only a bulk export names nobody"
        mistakes.append(Mistake(path="/subjects", problem=problem))
    if request.instruments and len(request.subjects) > 1:
        problem = "a paper is held against one person: ask for each on their own"
        mistakes.append(Mistake(path="/subjects", problem=problem))
    matched = frozenset().union(*(selection.categories for selection in chosen))
    return tuple(selection.filters for selection in chosen), matched
