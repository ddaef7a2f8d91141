"""What a rule comes to where something that it looks at is not known, in words.

The sentence of a rule says what holds where everything is known. This says the rest,
as :meth:`gateway.policy.plain.Plain.says` walks over cases: what would open does not
count, what would close does. A paper is never unknown: one that is not there is absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from gateway.policy.law import Case, Condition, DayTest, Known, PaperTest, Rule
from gateway.policy.sentence.conditions import condition_text, fact_text
from gateway.policy.sentence.effects import ANSWERS, effect_text
from gateway.policy.sentence.lists import joined, spaced, titles_of
from gateway.policy.vocabulary import UNKNOWN, Vocabulary

__all__ = ["NOTHING", "unknown_texts"]

NOTHING = "Nothing that this rule looks at can be unknown."
OPENS_NOTHING = (
    "this rule opens nothing: the answer is what other rules say, and no if none speaks"
)
PURPOSE = "purpose"
"""The fact that every request has to state: one without it is not accepted."""
OPENS = frozenset({"permit", "require"})

Exceptions = Sequence[tuple[int, Case]]
"""Exceptions with their numbers in the sentence."""


def unknown_texts(rule: Rule, vocabulary: Vocabulary) -> list[str]:
    """Return what a rule says of what is not known, a sentence each; one at least."""
    # What the rule itself asks for is said of the rule, not again of its exceptions.
    exceptions = [
        (number, replace(case, when=tuple(t for t in case.when if t not in rule.when)))
        for number, case in enumerate(rule.cases[:-1], 1)
    ]
    said = [
        *_of_rule(rule, exceptions, vocabulary),
        *_of_opening(rule, exceptions, vocabulary),
        *_of_closing(exceptions, vocabulary),
        *_of_reviews(rule, exceptions, vocabulary),
        *_unsaid(rule, vocabulary),
    ]
    return said or [NOTHING]


def _of_rule(
    rule: Rule, exceptions: Exceptions, vocabulary: Vocabulary
) -> Iterator[str]:
    """Say what the answer is where it is not known if the rule speaks at all."""
    tests = _unknowable(rule.when, vocabulary)
    if not tests:
        return
    own = rule.cases[-1]
    closing = [number for number, case in exceptions if case.effect not in OPENS]
    where = _where([(test, "") for test in tests], vocabulary)
    counts = f"; {_named(closing)} all the same" if closing else ""
    shut = ", and no exception opens it" if len(closing) < len(exceptions) else ""
    if own.effect in OPENS:
        yield f"{where}, {OPENS_NOTHING}{counts}."
    elif _prohibits(own):
        yield f"{where}, the answer is no all the same{shut}."
    else:
        yield f"{where}, the answer is {_waits(own, vocabulary)}{shut}{counts}."


def _named(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"exception {numbers[0]} counts"
    *most, last = map(str, numbers)
    return f"exceptions {', '.join(most)} and {last} count"


def _of_opening(
    rule: Rule, exceptions: Exceptions, vocabulary: Vocabulary
) -> Iterator[str]:
    """Say that an exception which would open does not count."""
    opening = [(n, case) for n, case in exceptions if case.effect in OPENS]
    tests = _tests(opening, vocabulary)
    if not tests:
        return
    own = effect_text(rule.cases[-1], vocabulary)
    # Of a prohibition that says itself who looks where nobody knows: that is of its own
    # conditions, and not of this exception.
    own = ANSWERS["prohibit"] if rule.cases[-1].effect == "prohibit" else own
    other = len(exceptions) + len(rule.lifted_by) > 1
    unless = ", unless another exception holds" if other else ""
    where = _where(tests, vocabulary)
    yield f"{where}, that exception does not count, and the answer is {own}{unless}."


def _of_closing(exceptions: Exceptions, vocabulary: Vocabulary) -> Iterator[str]:
    """Say that an exception which prohibits counts as if it were known."""
    tests = _tests([one for one in exceptions if _prohibits(one[1])], vocabulary)
    if tests:
        where = _where(tests, vocabulary)
        yield f"{where}, it is taken to be so, and that exception's answer, no, stands."


def _of_reviews(
    rule: Rule, exceptions: Exceptions, vocabulary: Vocabulary
) -> Iterator[str]:
    """Say that an exception for a person has one look, unless the answer is no."""
    waiting: dict[str, list[tuple[int, Case]]] = {}
    for number, case in exceptions:
        if case.effect not in OPENS and not _prohibits(case):
            who = _waits(case, vocabulary)
            waiting.setdefault(who, []).append((number, case))
    closes = any(case.effect == "prohibit" for case in rule.cases)
    no = "no where it would be no without that exception, and else " if closes else ""
    for who, cases in waiting.items():
        if tests := _tests(cases, vocabulary):
            yield f"{_where(tests, vocabulary)}, the answer is {no}{who}."


def _unsaid(rule: Rule, vocabulary: Vocabulary) -> Iterator[str]:
    """Say what a fact counts as where nobody states it, if it has a default."""
    every = (*rule.when, *(test for case in rule.cases for test in case.when))
    found = {
        test.fact: vocabulary.default(test.fact)
        for test in every
        if not isinstance(test, PaperTest | DayTest) and test.fact != PURPOSE
    }
    said = [
        f"{fact_text(fact, vocabulary)} counts as {spaced(str(default).lower())}"
        for fact, default in found.items()
        if default != UNKNOWN
    ]
    if said:
        yield f"Where nothing is stated, {joined(said, 'and')}."


def _tests(
    cases: Iterable[tuple[int, Case]], vocabulary: Vocabulary
) -> list[tuple[Condition, str]]:
    """Return what may be unknown of exceptions, with how the exception is called."""
    return [
        (test, f" (exception {number})")
        for number, case in cases
        for test in _unknowable(case.when, vocabulary)
    ]


def _unknowable(
    conditions: Iterable[Condition], vocabulary: Vocabulary
) -> list[Condition]:
    """Return the conditions whose fact can be unknown."""
    return [
        test
        for test in conditions
        if not isinstance(test, PaperTest | DayTest)
        and test.fact != PURPOSE
        and vocabulary.default(test.fact) == UNKNOWN
    ]


def _where(tests: Sequence[tuple[Condition, str]], vocabulary: Vocabulary) -> str:
    """Return ``Where it is not known whether ...``, each with its exception."""
    said = []
    for test, exception in tests:
        known = isinstance(test, Known)
        text = condition_text(test, vocabulary).removesuffix(" is known")
        whether = f"what {text} is" if known else f"whether {text}"
        said.append(f"{whether}{exception}")
    return f"Where it is not known {joined(said)}"


def _prohibits(case: Case) -> bool:
    return case.effect == "prohibit" and case.on_unknown == "prohibit"


def _waits(case: Case, vocabulary: Vocabulary) -> str:
    return f"that {titles_of(vocabulary.reviewers)[case.reviewer]} decides"
