"""Who gets an answer: the one that asks, and a recipient that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.policy.vocabulary import Value, Vocabulary

__all__ = ["classes_of", "parties_of", "recipient_of", "sent_on"]


def sent_on(
    document: Mapping[str, Any], recipient: str, vocabulary: Vocabulary
) -> dict[str, Any]:
    """Return a question whose answer another than the requester finally gets.

    What the requester has of its own is not known of the recipient.
    """
    theirs = {
        name: value
        for name, value in document["facts"].items()
        if not ((fact := vocabulary.facts.get(name)) and fact.own)
    }
    return {**document, "recipient": recipient, "recipient_facts": theirs}


def recipient_of(facts: Mapping[str, Value], vocabulary: Vocabulary) -> str:
    """Return the class that the request's facts name as final recipient, or ""."""
    named = str(facts.get("recipient", ""))
    return named if named in vocabulary.requester_classes else ""


def classes_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the classes that get the answer: who asks, and the recipient if another.

    ``document`` is a question as :meth:`~gateway.policy.question.Question.build` makes
    it.
    """
    return tuple(document[p] for p in ("requester", "recipient") if p in document)


def parties_of(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return a question as each party would ask it that gets the answer.

    ``document`` is as for :func:`classes_of`.
    """
    if "recipient" not in document:
        return (document,)
    other = {
        **document,
        "requester": document["recipient"],
        "facts": document["recipient_facts"],
    }
    return document, other
