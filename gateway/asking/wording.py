"""The words of a request, looked up: what is not known is named by pointer.

A word that was sent is never repeated; the nearest word that exists may be.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.catalogue import Dataset
from gateway.errors import Mistake
from gateway.model import Request
from gateway.policy import Vocabulary
from gateway.yamlfile import nearest

__all__ = ["field_mistakes", "stated", "unknown", "word_mistakes"]


def word_mistakes(request: Request, vocabulary: Vocabulary) -> list[Mistake]:
    """Return a mistake for each word that the vocabulary does not have."""
    words: list[tuple[str, str, str, Iterable[str]]] = [
        ("/purpose", "purpose", request.purpose, vocabulary.purposes),
        ("/channel", "channel", request.channel, vocabulary.channels),
    ]
    if request.recipient is not None:
        classes = vocabulary.requester_classes
        words.append(("/recipient", "requester class", request.recipient, classes))
    words += [
        (f"/kinds/{i}", "kind", kind, vocabulary.kinds)
        for i, kind in enumerate(request.kinds)
    ]
    words += [
        (f"/instruments/{i}/type", "paper", paper.type, vocabulary.instruments)
        for i, paper in enumerate(request.instruments)
    ]
    mistakes = [
        unknown(pointer, what, word, known)
        for pointer, what, word, known in words
        if word not in known
    ]
    if len(set(request.kinds)) != len(request.kinds):
        mistakes.append(Mistake(path="/kinds", problem="a kind is named twice"))
    return mistakes


def field_mistakes(
    request: Request, dataset: Dataset, vocabulary: Vocabulary
) -> list[Mistake]:
    """Return what is wrong with the fields, and with how kinds and fields agree."""
    with_fields = [
        kind
        for kind in request.kinds
        if kind in vocabulary.kinds and vocabulary.has_fields(kind)
    ]
    mistakes = [
        unknown(f"/fields/{i}", "field of this dataset", name, dataset.fields)
        for i, name in enumerate(request.fields)
        if name not in dataset.fields
    ]
    if len(set(request.fields)) != len(request.fields):
        mistakes.append(Mistake(path="/fields", problem="a field is named twice"))
    if len(with_fields) > 1:
        problem = "only one kind with fields a request"
        mistakes.append(Mistake(path="/kinds", problem=problem))
    if with_fields and not request.fields:
        mistakes.append(Mistake(path="/fields", problem="name the fields you need"))
    if request.fields and not with_fields:
        problem = "none of the kinds has fields"
        mistakes.append(Mistake(path="/fields", problem=problem))
    return mistakes


def stated(
    request: Request, vocabulary: Vocabulary, mistakes: list[Mistake]
) -> dict[str, bool | str]:
    """Return the statements that a requester may make."""
    sayable = vocabulary.sayable
    said: dict[str, bool | str] = {}
    for name, value in request.statements.items():
        if name not in sayable:
            mistakes.append(unknown("/statements", "statement", name, sayable))
        elif not vocabulary.accepts(name, value):
            advice = vocabulary.describe(name)
            mistakes.append(
                Mistake(
                    path=f"/statements/{name}",
                    problem="is not a value of this statement",
                    advice=advice,
                )
            )
        else:
            said[name] = value
    return said


def unknown(pointer: str, what: str, word: str, known: Iterable[str]) -> Mistake:
    """Return the mistake of a word that does not exist, with the nearest that does."""
    return Mistake(
        path=pointer, problem=f"not a known {what}", advice=nearest(word, known)
    )
