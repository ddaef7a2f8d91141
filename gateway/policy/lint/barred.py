"""Whether the law lets a local policy be made at all: the law itself is asked.

Some laws speak of written policies: none may narrow, or none may open, this or that.
They are rules like any other, of the kind ``policy_change``, so each local rule is put
to them as the change that it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import Mistake
from gateway.policy.law import Rule, ValueTest
from gateway.policy.plain import Plain
from gateway.policy.plainfold import Answer
from gateway.policy.policychange import PolicyChanges
from gateway.policy.question import Ask, Question
from gateway.policy.reached import reached
from gateway.policy.sentence.lists import joined, some, spaced, titles_of
from gateway.policy.vocabulary import Value, Vocabulary

__all__ = ["barred"]

LINT_ERROR = "lint_error"
NOTHING_KNOWN: Mapping[str, Any] = {"facts": {}, "categories": {}}


def barred(
    rules: Sequence[Rule], vocabulary: Vocabulary, today: dt.date
) -> Iterator[Mistake]:
    """Yield a mistake for each local rule that the law does not let be made."""
    words = vocabulary.policy_changes
    if words is None:
        return
    law = {rule.id: rule for rule in rules if rule.layer != "overlay"}
    plain = Plain(vocabulary, [*law.values()])
    concerned = frozenset(
        word
        for word, item in vocabulary.requester_classes.items()
        if item.family in words.concerns
    )
    for rule in rules:
        if rule.layer == "overlay" and rule.reach.requesters & concerned:
            day = max(int(f"{today:%Y%m%d}"), rule.start)
            asked = _Asked(
                vocabulary=vocabulary,
                words=words,
                law=law,
                whom=rule.reach.requesters & concerned,
                day=day,
            )
            yield from _barred(rule, plain, asked)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """What a question about a policy is made of, and the law that is asked."""

    vocabulary: Vocabulary
    words: PolicyChanges
    law: Mapping[str, Rule]
    whom: frozenset[str]
    day: int


def _barred(rule: Rule, plain: Plain, asked: _Asked) -> Iterator[Mistake]:
    """Yield a mistake for each law that bars a local rule, once."""
    vocabulary, words, law = asked.vocabulary, asked.words, asked.law
    bars: dict[str, tuple[set[str], set[str]]] = {}
    for direction, subject in _changes(rule, vocabulary, words):
        for custodian in sorted(rule.reach.custodians):
            question = Question.build(
                vocabulary=vocabulary,
                day=asked.day,
                custodian=custodian,
                dataset_kind=words.dataset,
                requester_class=words.requester,
                facts={
                    **_given(rule, vocabulary),
                    "purpose": words.purpose,
                    words.direction: direction,
                    words.subject: subject,
                },
                asks=[Ask(kind=words.kind, use="release", category=words.category)],
            )
            (answer,) = plain.answers(question.document, NOTHING_KNOWN)
            by = law.get(answer.rule)
            if by is None or not _means_error(by, answer, vocabulary):
                continue
            if direction != words.widens or not _left_open(rule, by, asked):
                what, whom = bars.setdefault(by.id, (set(), set()))
                what.add(spaced(f"{direction} {subject}"))
                whom.add(custodian)
    custodians = titles_of(vocabulary.custodian_types)
    for name, (what, whom) in bars.items():
        bar, who = law[name], some(whom, custodians, "custodian")
        yield Mistake(
            path=rule.file,
            problem=f"it {joined(sorted(what), 'and')}, which is barred for {who}",
            advice=f"see {bar.id} ({bar.citation}), or reach less",
            code="policy_barred",
            citation=bar.citation,
        )


def _left_open(rule: Rule, bar: Rule, asked: _Asked) -> bool:
    """Tell whether the bar's own pack leaves to local policy all that a rule opens.

    What it says of the very request goes before what it says of policies at large.
    """
    opened = {*reached(rule.reach, asked.vocabulary)}
    left = [
        law.reach.requesters
        for law in asked.law.values()
        if law.pack == bar.pack
        and law.start <= asked.day < law.end
        and _leaves(law)
        and _around(law, rule)
        and opened <= {*reached(law.reach, asked.vocabulary)}
    ]
    return asked.whom <= frozenset[str]().union(*left)


def _leaves(law: Rule) -> bool:
    """Tell whether all that a rule closes may be opened by local policy."""
    shut = [case for case in law.cases if case.effect == "prohibit"]
    return bool(shut) and all(case.may_expand for case in shut)


def _around(law: Rule, rule: Rule) -> bool:
    """Tell whether a law is about each place and purpose that a local rule is about."""
    wide, narrow = law.reach, rule.reach
    return (
        narrow.custodians <= wide.custodians
        and narrow.datasets <= wide.datasets
        and narrow.purposes <= wide.purposes
        and (wide.any_purpose or not narrow.any_purpose)
    )


def _means_error(rule: Rule, answer: Answer, vocabulary: Vocabulary) -> bool:
    case = next(case for case in rule.cases if case.id == answer.case)
    return vocabulary.reason_codes[case.reason].means == LINT_ERROR


def _changes(
    rule: Rule, vocabulary: Vocabulary, words: PolicyChanges
) -> Iterator[tuple[str, str]]:
    """Yield what a rule does, and about what, in the words of the law's own facts."""
    effects = {case.effect for case in rule.cases}
    directions = [words.narrows] if effects & {"prohibit", "review"} else []
    directions += [words.widens] if "permit" in effects else []
    pairs = {(kind, category) for kind, _, category in reached(rule.reach, vocabulary)}
    subjects = [
        name
        for name, about in words.subjects.items()
        if any(
            (not about.kinds or kind in about.kinds)
            and (not about.categories or category in about.categories)
            for kind, category in pairs
        )
    ]
    for direction in directions:
        for subject in subjects or [words.other]:
            yield direction, subject


def _given(rule: Rule, vocabulary: Vocabulary) -> dict[str, Value]:
    """Return what the rule itself says of the request, fact by fact."""
    given: dict[str, Value] = {}
    for test in rule.when:
        if not isinstance(test, ValueTest) or len(test.values) != 1:
            continue
        if vocabulary.scopes[test.fact] == "request":
            (value,) = test.values
            boolean = vocabulary.facts[test.fact].type == "boolean"
            given[test.fact] = value == "true" if boolean else value
    return given
