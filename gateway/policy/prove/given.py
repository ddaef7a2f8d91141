"""What an invariant says, as a formula: what it is about, and how it is broken."""

from __future__ import annotations

import z3

from gateway.policy.law import Comparison, Known, PaperTest, ValueTest
from gateway.policy.never import Given, Invariant, Missing
from gateway.policy.prove.answers import Answer, truths
from gateway.policy.prove.choices import day_bits
from gateway.policy.prove.logic import Bool, both, either, no
from gateway.policy.prove.questions import Question
from gateway.policy.vocabulary import UNKNOWN

__all__ = ["broken", "holding"]

EFFECTS = {"prohibit": 1, "review": 2, "require": 3, "permit": 4}


def broken(invariant: Invariant, question: Question, answer: Answer) -> Bool:
    """Return when an invariant is about a question and its answer may not come out."""
    parts = question.dimensions
    about = {
        "custodian": {(word,) for word in invariant.custodians},
        "dataset": {(word,) for word in invariant.datasets},
        "requester": {(word,) for word in invariant.requesters},
        "purpose": {(word,) for word in invariant.purposes},
        "ask": invariant.asks,
    }
    return both(
        [
            *(parts[name].among(words) for name, words in about.items()),
            z3.UGE(question.day, day_bits(invariant.since)),
            *(holding(given, question) for given in invariant.given),
            either(
                [
                    answer.effect(*(EFFECTS[effect] for effect in invariant.effects)),
                    answer.outcome(*invariant.outcomes),
                ]
            ),
        ]
    )


def holding(given: Given, question: Question) -> Bool:  # noqa: PLR0911 - one a kind of test
    """Return when what is given holds in a question; what is unknown does not."""
    match given:
        case Missing() if given.fact in question.numbers:
            return question.numbers[given.fact].unknown
        case Missing():
            return question.facts[given.fact].among({UNKNOWN})
        case ValueTest():
            return question.facts[given.fact].among(given.values)
        case Known():
            return no(holding(Missing(fact=given.fact), question))
        case Comparison():
            return truths(given, question)["true"]
        case PaperTest():
            some = either(
                question.papers[fact].among(given.states) for fact in given.facts
            )
            return no(some) if given.negated else some
        case _:
            since = z3.UGE(question.day, day_bits(given.start))
            return both([since, z3.ULT(question.day, day_bits(given.end))])
