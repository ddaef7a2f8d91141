"""An account in sentences, a line each; what belongs to a line is indented below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.policy.explained.account import Account
from gateway.policy.explained.authority import Claim
from gateway.policy.explained.heard import Failed, Heard
from gateway.policy.explained.otherwise import Otherwise
from gateway.policy.law import Case, PaperTest
from gateway.policy.plainfold import Voice
from gateway.policy.sentence.conditions import (
    condition_text,
    fact_text,
    forms_text,
)
from gateway.policy.sentence.effects import effect_text
from gateway.policy.sentence.lists import day_text, joined, spaced, titles_of
from gateway.policy.sentence.rule import LAYER_NAMES
from gateway.policy.vocabulary import Vocabulary

__all__ = ["OUTCOMES", "sentences_of", "told"]

OUTCOMES = {
    "release": "released",
    "withhold": "withheld",
    "wait": "kept until a person decides",
}
"""What happens in the end, as people say it."""


def told(accounts: Sequence[Account], vocabulary: Vocabulary) -> list[str]:
    """Return the accounts of a case; what is said of several asks alike, once."""
    together: dict[tuple[str, ...], list[str]] = {}
    for account in accounts:
        first, *rest = sentences_of(account, vocabulary)
        together.setdefault(tuple(rest), []).append(first)
    return [line for rest, firsts in together.items() for line in (*firsts, *rest)]


def sentences_of(account: Account, vocabulary: Vocabulary) -> list[str]:
    """Return the account of one ask."""
    spoke = [(each, each.voice) for each in account.heard if each.voice is not None]
    silent = [each for each in account.heard if each.voice is None]
    return [
        *_answer(account, vocabulary),
        *(line for both in spoke for line in _spoke(*both, account, vocabulary)),
        *_silent(silent, vocabulary),
        *map(_claim, account.claims),
        *_otherwise(account.otherwise, vocabulary),
    ]


def _answer(account: Account, vocabulary: Vocabulary) -> Iterator[str]:
    kind, use, category = account.asked.key
    made = account.decision
    title = titles_of(vocabulary.categories)[category]
    why = made.rule.title.removesuffix(".")
    doing = titles_of(vocabulary.kinds)[kind]
    if use == "match":
        can = "can" if made.outcome == "release" else "cannot"
        yield f"{title} {can} be used to find the record ({doing}): {why}."
    else:
        law = f" ({made.rule.citation})" if made.rule.citation else ""
        yield f"{title} ({doing}) is {OUTCOMES[made.outcome]}: {why}{law}."
    recipient = account.asked.question.get("recipient")
    if recipient is not None:
        named = titles_of(vocabulary.requester_classes)[recipient]
        yield f"  It is asked for {named} as well, and what closes more stands."
    if account.needs:
        needed = joined((fact_text(f, vocabulary) for f in account.needs), "and")
        yield f"  It depends on the record, which is not known here: {needed}."


def _spoke(
    heard: Heard, voice: Voice, account: Account, vocabulary: Vocabulary
) -> Iterator[str]:
    rule = heard.rule
    by = f", by exception {voice.case.id}" if voice.case.id else ""
    doubt = "" if voice.certain else ", because something is not known"
    counts = " This decides." if rule.id == account.decision.rule.id else ""
    yield (
        f"  {rule.id} ({LAYER_NAMES[rule.layer]}) says{by}:"
        f" {effect_text(voice.case, vocabulary)}{doubt}.{counts}"
    )
    for case, failed in heard.failed:
        yield f"    {_exception(case, failed, vocabulary)}"


def _exception(case: Case, failed: Sequence[Failed], vocabulary: Vocabulary) -> str:
    return f"Exception {case.id} does not help: {_missing(failed, vocabulary)}."


def _missing(failed: Sequence[Failed], vocabulary: Vocabulary) -> str:
    return ", and ".join(
        f"it is not {'so' if each.known else 'known'} that"
        f" {condition_text(each.condition, vocabulary)}"
        for each in failed
    )


def _silent(silent: Sequence[Heard], vocabulary: Vocabulary) -> Iterator[str]:
    """Say why rules that reach the request said nothing; papers in one line."""
    wanting = [
        each.rule.id
        for each in silent
        if each.missing and all(_wants_paper(item) for item in each.missing)
    ]
    for each in silent:
        if each.rule.id not in wanting:
            yield f"  {each.rule.id} is silent: {_why_silent(each, vocabulary)}."
    if wanting:
        yield f"  Silent, for want of a paper: {joined(wanting, 'and')}."


def _wants_paper(failed: Failed) -> bool:
    return isinstance(failed.condition, PaperTest) and not failed.condition.negated


def _why_silent(heard: Heard, vocabulary: Vocabulary) -> str:
    if heard.lifted_by is not None:
        return condition_text(heard.lifted_by, vocabulary)
    if heard.missing:
        return _missing(heard.missing, vocabulary)
    return "what it says here is that it does not bar"


def _claim(claim: Claim) -> str:
    worth = "accepted" if claim.accepted else "rejected"
    return f"  Rested on {claim.what}: {worth}, {claim.why}."


def _otherwise(others: Sequence[Otherwise], vocabulary: Vocabulary) -> Iterator[str]:
    """Say what would change it, grouped by what it would come to."""
    if not others:
        yield "  Nothing that could be shown would change it."
    groups: dict[tuple[str, str], list[Otherwise]] = {}
    for other in others:
        of = "paper" if other.change.of == "paper" else "fact"
        groups.setdefault((of, other.decision.outcome), []).append(other)
    for (of, outcome), same in groups.items():
        end = f"it would be {OUTCOMES[outcome]}"
        if of == "paper":
            yield f"  With one of these papers {end}: {_papers(same, vocabulary)}."
        else:
            facts = joined(_fact(each, vocabulary) for each in same)
            yield f"  If one of these were so {end}: {facts}."


def _papers(others: Sequence[Otherwise], vocabulary: Vocabulary) -> str:
    """Return papers by their state: those with all signers by their form alone."""
    states: dict[str, set[str]] = {}
    for other in others:
        states.setdefault(str(other.change.value), set()).add(other.change.fact)
    return joined(
        f"{joined(forms_text(facts, vocabulary))} ({spaced(state)})"
        for state, facts in states.items()
    )


def _fact(other: Otherwise, vocabulary: Vocabulary) -> str:
    value, fact = other.change.value, other.change.fact
    said = str(value).lower() if isinstance(value, bool) else spaced(str(value))
    if isinstance(value, int) and vocabulary.facts[fact].type == "day":
        said = day_text(value)
    return f"{fact_text(fact, vocabulary)} is {said}"
