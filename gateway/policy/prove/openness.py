"""What opens nothing: an unknown fact, an unconfirmed paper, an overlay, a record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gateway.policy.prove.answers import Answer
from gateway.policy.prove.cells import (
    BASES,
    OVERLAY,
    PROHIBIT,
    REQUIRE,
    SAVING,
    SILENCE,
    effect_of,
    layer_of,
    outcome_of,
)
from gateway.policy.prove.choices import Choice
from gateway.policy.prove.folding import folded, strongest
from gateway.policy.prove.logic import Bool, Guarded, both, either, no
from gateway.policy.prove.questions import Question
from gateway.policy.prove.results import Counterexample, Proof
from gateway.policy.prove.screening import Screened
from gateway.policy.prove.stack import Stack
from gateway.policy.question import CONFIRMED
from gateway.policy.vocabulary import ABSENT

__all__ = ["both_cases", "inside", "overlaid", "unconfirmed", "unknown"]


def unknown(stack: Stack) -> Proof:
    """Prove that what is not known of a request or record opens nothing.

    If something is released although some facts are unknown, it is released whatever
    they are. A fact with a default is never unknown: unstated, it is the default.
    """
    facts = [f for f, known in stack.vocabulary.facts.items() if known.default is None]
    forgotten, gone = stack.question.forgetting(facts, "forgotten")
    less = Answer(stack.law, forgotten)
    broken = both([less.outcome("release"), no(stack.answer.outcome("release"))])
    search = stack.search({"broken": broken}, [no(some) for some in gone])
    return both_cases(
        stack,
        Proof(id="unknown", says="What is not known opens nothing."),
        search.smallest("broken"),
        (less, stack.answer),
        ("released, as facts are not known", "not released, as they are known"),
    )


def unconfirmed(stack: Stack) -> Proof:
    """Prove that a paper nobody confirmed opens no more than no paper, nor requires."""
    bare = Answer(stack.law, _without_unconfirmed(stack.question))
    said = stack.answer
    broken = either(
        [
            both([said.outcome("release"), no(bare.outcome("release"))]),
            both([said.effect(REQUIRE), no(bare.effect(REQUIRE))]),
        ]
    )
    search = stack.search({"broken": broken})
    return both_cases(
        stack,
        Proof(
            id="unconfirmed",
            says="A paper that its issuer has not confirmed opens no more than none.",
        ),
        search.smallest("broken"),
        (bare, stack.answer),
        ("so without the paper", "opened by a paper that is not confirmed"),
    )


def _without_unconfirmed(question: Question) -> Question:
    """Return the question without papers that are not confirmed."""
    return replace(
        question,
        papers={fact: _bare(choice) for fact, choice in question.papers.items()},
    )


def _bare(choice: Choice) -> Choice:
    """Return a paper that is either confirmed or absent."""
    confirmed = choice.among({CONFIRMED})
    literals = [
        confirmed if CONFIRMED in words else no(confirmed) if ABSENT in words else False
        for words in choice.classes
    ]
    return replace(choice, literals=tuple(literals))


def inside(stack: Stack) -> Proof:
    """Prove that a decision is one that the screen said is possible."""
    possible = Screened(stack.answer).possible
    broken = either(
        both([guard, no(possible.get(cell, False))])
        for cell, guard in stack.answer.decided.items()
    )
    found = stack.search({"broken": broken}).smallest("broken")
    breaches = []
    if found is not None:
        case = stack.case("outside-screen", "Not as screened", stack.sketch(found))
        breaches.append(Counterexample(says="the screen did not say so", cases=(case,)))
    return Proof(
        id="inside",
        says="Whatever a record says, its decision is one that the screen allowed.",
        broken_by=tuple(breaches),
    )


def overlaid(stack: Stack) -> Proof:
    """Prove that an overlay changes only what the deciding law lets it change.

    What a federal saving opens is left to discretion, which an overlay may use. It is
    told whether the overlay ever opens anything.
    """
    law = {
        cell: either(stack.answer.speaks[number] for number in numbers)
        for cell, numbers in stack.answer.cells.items()
        if layer_of(cell) != OVERLAY
    }
    now, without = stack.answer.decided, folded(law)
    fixed = _fixed({**law, SILENCE: True})
    saved = either(some for cell, some in without.items() if layer_of(cell) == SAVING)
    search = stack.search(
        {
            "opens": _more(now, without),
            OPENS: both([fixed, _more(now, without)]),
            CLOSES: both([fixed, _more(without, now), no(saved)]),
        }
    )
    breaches = []
    for claim in (OPENS, CLOSES):
        found = search.smallest(claim)
        if found is not None:
            case = stack.case(claim.replace(" ", "-"), claim, stack.sketch(found))
            breaches.append(Counterexample(says=f"it {claim}", cases=(case,)))
    notes = [OPENING if search.possible("opens") else STRICTER] if stack.overlay else []
    return Proof(
        id="overlay",
        says="An overlay changes only what the law lets it change.",
        broken_by=tuple(breaches),
        notes=tuple(notes),
    )


OPENS, CLOSES = "opens what is fixed", "closes what is fixed"
OPENING = "the overlay opens some of what the law lets it open"
STRICTER = "the overlay is only ever stricter"


def _fixed(law: Guarded) -> Bool:
    """Return when the law that decides leaves nothing to a local government."""
    ways = []
    for cell, guard in strongest(law, *BASES).items():
        opposed = either(
            some
            for other, some in law.items()
            if effect_of(cell) == PROHIBIT and other // 10 == cell // 10 + 2
        )
        ways.append(guard if cell % 2 == 0 else both([guard, opposed]))
    return either(ways)


def _more(one: Guarded, other: Guarded) -> Bool:
    """Return when one fold opens more than the other."""
    released, waiting = _comes(one, "release"), _comes(one, "wait")
    return either(
        [
            both([released, no(_comes(other, "release"))]),
            both([waiting, _comes(other, "withhold")]),
        ]
    )


def _comes(decided: Guarded, outcome: str) -> Bool:
    return either(some for cell, some in decided.items() if outcome_of(cell) == outcome)


def both_cases(
    stack: Stack,
    proof: Proof,
    found: Any | None,  # noqa: ANN401 - the solver has no types
    answers: tuple[Answer, Answer],
    titles: tuple[str, str],
) -> Proof:
    """Return a proof about two questions, with both as cases where it is broken."""
    if found is None:
        return proof
    sketches = [stack.sketch(found, answer) for answer in answers]
    cases = tuple(
        stack.case(f"{proof.id}-{i + 1}", title.capitalize(), sketch)
        for i, (title, sketch) in enumerate(zip(titles, sketches, strict=True))
    )
    says = f"{titles[0]}; {titles[1]}"
    return replace(proof, broken_by=(Counterexample(says=says, cases=cases),))
