"""Looks at the words of a case file: each wrong one, where its writer wrote it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.errors import Mistake
from gateway.policy.case import CaseFile, Expect, PaperText
from gateway.policy.vocabulary import UNKNOWN, Value, Vocabulary, paper_fact
from gateway.yamlfile import nearest

__all__ = ["CaseFacts", "word_mistakes"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFacts:
    """Facts of a case as a question holds them, with where they are written."""

    path: str
    scope: str
    """The kind of place: ``request``, ``record`` or ``record_category``."""
    facts: Mapping[str, Value]


def word_mistakes(
    case: CaseFile, facts: Iterable[CaseFacts], vocabulary: Vocabulary
) -> Iterator[Mistake]:
    """Yield each word and value of a case that the vocabulary does not know.

    ``facts`` are all that the case states. What it expects is looked at too: a word
    that nothing is ever answered with is no answer that failed to come.
    """
    request = case.request
    yield from _listed("custodian", [case.custodian], vocabulary.custodian_types)
    yield from _listed("dataset", [case.dataset], vocabulary.datasets)
    classes = vocabulary.requester_classes
    yield from _listed("requester.class", [case.requester.class_], classes)
    yield from _listed("request.kinds", request.kinds, vocabulary.kinds)
    purposes = [*vocabulary.purposes, UNKNOWN]
    yield from _listed("request.purpose", [request.purpose], purposes)
    asked = _asked(request.kinds, "release", vocabulary)
    yield from _listed("request.categories", request.categories, asked)
    used = _asked(request.kinds, "match", vocabulary)
    yield from _listed("request.match", request.match, used)
    for place in facts:
        yield from _facts(place, vocabulary)
    yield from _listed("category_facts", case.category_facts, vocabulary.categories)
    for i, paper in enumerate(case.papers):
        yield from _paper(f"papers.{i}", paper, vocabulary)
    yield from _expected(case.expect, vocabulary)


def _expected(expect: Expect, vocabulary: Vocabulary) -> Iterator[Mistake]:
    for member in ("effect", "outcome"):
        said = getattr(expect, member)
        categories = said if isinstance(said, dict) else ()
        yield from _listed(f"expect.{member}", categories, vocabulary.categories)
    yield from _listed("expect.obligations", expect.obligations, vocabulary.obligations)
    yield from _listed("expect.reasons", expect.reasons, vocabulary.reason_codes)
    reviewers = [] if expect.reviewer is None else [expect.reviewer]
    yield from _listed("expect.reviewer", reviewers, vocabulary.reviewers)


def _asked(kinds: Iterable[str], use: str, vocabulary: Vocabulary) -> Collection[str]:
    """Return what these kinds may be asked for; any category, where one has its own.

    A request for a hold may name what it is about: that is not asked for then.
    """
    known = [kind for kind in kinds if kind in vocabulary.kinds]
    if not known or any(map(vocabulary.category_of_kind, known)):
        return vocabulary.categories
    return frozenset[str]().union(*(vocabulary.asked[kind, use] for kind in known))


def _paper(path: str, paper: PaperText, vocabulary: Vocabulary) -> Iterator[Mistake]:
    if paper_fact(paper.type, paper.signer) not in vocabulary.paper_facts:
        problem = f"there is no {paper.type} signed by {paper.signer}"
        advice = _signers(paper.type, vocabulary)
        yield Mistake(path=path, problem=problem, advice=advice)
    yield from _listed(f"{path}.state", [paper.state], vocabulary.paper_states)
    yield from _listed(f"{path}.face", paper.face, vocabulary.face_boxes)
    yield from _listed(f"{path}.covers", paper.covers or (), vocabulary.categories)


def _signers(code: str, vocabulary: Vocabulary) -> str:
    paper = vocabulary.instruments.get(code)
    if paper is None:
        return nearest(code, vocabulary.instruments)
    return f"its signers are {', '.join(sorted(paper.signers))}"


def _facts(place: CaseFacts, vocabulary: Vocabulary) -> Iterator[Mistake]:
    for fact, value in place.facts.items():
        path = f"{place.path}.{fact}"
        if vocabulary.scopes.get(fact) != place.scope:
            problem = f"{fact} is no fact of this place"
            advice = _elsewhere(fact, place.scope, vocabulary)
            yield Mistake(path=path, problem=problem, advice=advice)
        elif not vocabulary.accepts(fact, value):
            problem = f"{value} is not a value of it"
            advice = _values(fact, value, vocabulary)
            yield Mistake(path=path, problem=problem, advice=advice)


PLACES = {
    "request": "it is written in request or requester",
    "record": "it is written in facts",
    "record_category": "it is written in category_facts, below its category",
    "ask": "it is written in papers",
}
"""Where a case has the facts of each scope."""


def _elsewhere(fact: str, scope: str, vocabulary: Vocabulary) -> str:
    """Return where a fact belongs, or the nearest that belongs here."""
    if fact in vocabulary.scopes:
        return PLACES[vocabulary.scopes[fact]]
    return nearest(fact, [f for f, at in vocabulary.scopes.items() if at == scope])


def _values(fact: str, value: Value, vocabulary: Vocabulary) -> str:
    """Return advice on what a fact may be in a case file."""
    kind = vocabulary.facts[fact].type
    if kind == "day":
        return "a day, YYYY-MM-DD"
    words = vocabulary.code_values.get(fact, ()) if kind == "code" else ()
    return nearest(str(value), words) or vocabulary.describe(fact)


def _listed(
    path: str, words: Iterable[str], known: Collection[str]
) -> Iterator[Mistake]:
    for word in words:
        if word not in known:
            problem = f"{word} is not a known word"
            yield Mistake(path=path, problem=problem, advice=nearest(word, known))
