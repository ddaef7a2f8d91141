"""Conditions in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from gateway.policy.conditions import BOOLEANS
from gateway.policy.law import (
    FIRST,
    LAST,
    Comparison,
    Condition,
    Known,
    PaperTest,
    ValueTest,
)
from gateway.policy.sentence.lists import day_text, joined, spaced, titles_of
from gateway.policy.vocabulary import ABSENT, Vocabulary, paper_fact

__all__ = [
    "all_text",
    "condition_text",
    "fact_text",
    "forms_text",
    "paper_text",
    "period_text",
]

NUMBERS = {
    "lt": "less than",
    "le": "at most",
    "gt": "more than",
    "ge": "at least",
    "eq": "exactly",
    "ne": "other than",
}
DAYS = {
    "lt": "before",
    "le": "at the latest",
    "gt": "after",
    "ge": "at the earliest",
    "eq": "exactly",
    "ne": "other than",
}


def all_text(conditions: Iterable[Condition], vocabulary: Vocabulary) -> str:
    """Return conditions that must all hold."""
    return ", and ".join(condition_text(c, vocabulary) for c in conditions)


def condition_text(condition: Condition, vocabulary: Vocabulary) -> str:
    """Return one condition."""
    match condition:
        case ValueTest():
            said = _values(condition, vocabulary)
            return f"{fact_text(condition.fact, vocabulary)} is {said}"
        case Known():
            return f"{fact_text(condition.fact, vocabulary)} is known"
        case Comparison():
            said = _compared(condition, vocabulary)
            return f"{fact_text(condition.fact, vocabulary)} is {said}"
        case PaperTest():
            which = "none" if condition.negated else "one"
            states = _states(condition.states, vocabulary)
            papers = joined(forms_text(condition.facts, vocabulary))
            return f"{which} of these papers is {states}: {papers}"
        case _:
            return f"the day is {period_text(condition.start, condition.end)}"


def fact_text(fact: str, vocabulary: Vocabulary) -> str:
    """Return a fact by its title, in quotation marks."""
    if fact in vocabulary.paper_facts:
        return paper_text(fact, vocabulary)
    return f'"{titles_of(vocabulary.facts)[fact]}"'


def paper_text(fact: str, vocabulary: Vocabulary) -> str:
    """Return the paper that a paper fact is about, with who signed it."""
    code = next(c for c in vocabulary.instruments if fact.startswith(f"paper.{c}."))
    signer = fact.removeprefix(f"paper.{code}.")
    who = titles_of(vocabulary.signers)[signer]
    return f"{_form(code, vocabulary)} signed by {who}"


def period_text(start: int, end: int) -> str:
    """Return the days from a first one to the first one no longer."""
    if start >= end:
        return "never"
    if start == FIRST and end == LAST:
        return "any"
    if end == LAST:
        return f"from {day_text(start)} on"
    if start == FIRST:
        return f"before {day_text(end)}"
    return f"from {day_text(start)} and before {day_text(end)}"


def _values(test: ValueTest, vocabulary: Vocabulary) -> str:
    every = vocabulary.code_values.get(test.fact, BOOLEANS)
    if every == BOOLEANS and len(test.values) == 1:
        return next(iter(test.values))
    missing = sorted(every - test.values)
    if not test.values:
        return "nothing it can be"
    if not missing:
        return "anything known"
    if len(missing) < len(test.values):
        return f"known, and not {joined(map(spaced, missing))}"
    return joined(map(spaced, sorted(test.values)))


def _compared(test: Comparison, vocabulary: Vocabulary) -> str:
    if test.years:
        years = f"{test.bound} year{'' if test.bound == 1 else 's'}"
        if test.op == "lt":
            return f"more than {years} before the day of the question"
        return f"at most {years} before the day of the question"
    if vocabulary.facts[test.fact].type == "day":
        return f"{DAYS[test.op]} {day_text(test.bound)}"
    return f"{NUMBERS[test.op]} {test.bound}"


def _form(code: str, vocabulary: Vocabulary) -> str:
    paper = vocabulary.instruments[code]
    return f"{paper.title} ({paper.form})"


def forms_text(facts: Collection[str], vocabulary: Vocabulary) -> list[str]:
    """Return each type of paper, with its signers where not any of them counts."""
    found = []
    signers = titles_of(vocabulary.signers)
    for code, paper in vocabulary.instruments.items():
        counted = [s for s in paper.signers if paper_fact(code, s) in facts]
        if len(counted) == len(paper.signers):
            found.append(_form(code, vocabulary))
        elif counted:
            who = joined(signers[signer] for signer in counted)
            found.append(f"{_form(code, vocabulary)} signed by {who}")
    return found or ["none"]


def _states(states: Collection[str], vocabulary: Vocabulary) -> str:
    """Return states by the name of their group, or one by one."""
    for name, members in vocabulary.paper_groups.items():
        if set(members) == set(states) and name not in vocabulary.paper_states:
            return spaced(name)
    every = [state for state in vocabulary.paper_states if state != ABSENT]
    listed = [spaced(state) for state in vocabulary.paper_states if state in states]
    missing = [spaced(state) for state in every if state not in states]
    if ABSENT not in states and len(missing) < len(listed):
        return f"there, and not {joined(missing)}"
    return joined(listed) if listed else "in no state"
