"""The conformance questions of a law: few that end in every way that questions end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from gateway.policy.conformance import plain_answer
from gateway.policy.law import Case, Comparison, Condition, PaperTest, Rule, ValueTest
from gateway.policy.parties import sent_on
from gateway.policy.plain import Plain
from gateway.policy.question import Ask, Question, Vector
from gateway.policy.vocabulary import EXISTENCE, Value, Vocabulary

__all__ = ["conformance_questions", "every_question", "question_for"]

MOST_QUESTIONS = 80
MOST_SENT_ON = 16
DAY = 20260115
"""The day of questions for rules that are in force then."""


def conformance_questions(
    plain: Plain, rules: Sequence[Rule], every: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return questions that between them end in every way that questions end.

    A way is what a known record and one of which nothing is known come to: effect,
    outcome, the deciding layer. Each kind of test is asked too, and some questions
    again for another recipient. ``every`` are the questions of :func:`every_question`
    for the same rules.
    """
    layers = {rule.id: rule.layer for rule in rules}
    cases = [(rule, case) for rule in rules for case in rule.cases]
    seen: set[object] = set()
    pairs: list[tuple[set[object], list[dict[str, Any]]]] = []
    for (rule, case), screen, decision in zip(
        cases, every[::2], every[1::2], strict=True
    ):
        way = tuple(
            (answer.effect, answer.outcome, layers.get(answer.rule, answer.rule))
            for record in decision["records"]
            for answer in plain.answers(decision, record)
        )
        tests: set[object] = {(type(test), way) for test in (*rule.when, *case.when)}
        tests.add(way)
        if tests - seen:
            pairs.append((tests, [screen, decision]))
            seen |= tests
    asked = [question for pair in _needed(pairs) for question in pair]
    chosen = asked[:MOST_QUESTIONS]
    return [*chosen, *_sent_on(chosen, plain), *_lent(cases, every[1::2], plain)]


def _needed(
    pairs: Sequence[tuple[set[object], list[dict[str, Any]]]],
) -> Iterator[list[dict[str, Any]]]:
    """Yield the questions without those that later ones make superfluous."""
    times = Counter(test for tests, _ in pairs for test in tests)
    for tests, questions in pairs:
        if all(times[test] > 1 for test in tests):
            times.subtract(tests)
        else:
            yield questions


def _sent_on(
    chosen: Sequence[dict[str, Any]], plain: Plain
) -> Iterator[dict[str, Any]]:
    """Yield some questions again, each for the requester of another as recipient."""
    classes = sorted({question["requester"] for question in chosen})
    for i, question in enumerate(chosen[:MOST_SENT_ON]):
        recipient = classes[i // 2 % len(classes)]
        if recipient != question["requester"]:
            yield sent_on(question, recipient, plain.vocabulary)


def _lent(
    cases: Sequence[tuple[Rule, Case]],
    decisions: Sequence[dict[str, Any]],
    plain: Plain,
) -> Iterator[dict[str, Any]]:
    """Yield one whose answer shows that a requester lends a recipient nothing."""
    vocabulary = plain.vocabulary
    for (rule, case), question in zip(cases, decisions, strict=True):
        own = any(vocabulary.facts[fact].own for fact in question["facts"])
        if not own or case.effect not in {"permit", "require"}:
            continue
        for recipient in sorted(rule.reach.requesters - {question["requester"]})[:2]:
            asked = sent_on(question, recipient, vocabulary)
            lent = {**asked, "recipient_facts": question["facts"]}
            if plain_answer(plain, asked) != plain_answer(plain, lent):
                yield asked
                return


def every_question(
    vocabulary: Vocabulary, rules: Sequence[Rule]
) -> list[dict[str, Any]]:
    """Return two questions for each case of each rule."""
    cases = [(rule, case) for rule in rules for case in rule.cases]
    return [asked for one in cases for asked in _questions(vocabulary, *one)]


def _questions(
    vocabulary: Vocabulary, rule: Rule, case: Case
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a screen, and a decision of a known record and an unknown one."""
    question, vector = question_for(vocabulary, rule, case)
    decision = question.with_records([vector, Vector.unknown()])
    return orjson.loads(question.canonical), orjson.loads(decision)


def question_for(
    vocabulary: Vocabulary, rule: Rule, case: Case
) -> tuple[Question, Vector]:
    """Return a question that a rule reaches, with facts that meet one of its cases."""
    reach = rule.reach
    day = min(max(DAY, rule.start), rule.end - 1)
    kind, use, category = next(_asks(vocabulary, rule))
    conditions = (*rule.when, *case.when)
    facts = {fact: value for c in conditions for fact, value in _meeting(c, day)}
    by_scope: dict[str, dict[str, Value]] = {}
    for fact, value in facts.items():
        by_scope.setdefault(vocabulary.scopes[fact], {})[fact] = value
    question = Question.build(
        vocabulary=vocabulary,
        day=day,
        custodian=min(reach.custodians),
        dataset_kind=min(reach.datasets),
        requester_class=min(reach.requesters),
        facts={"purpose": min(reach.purposes), **by_scope.get("request", {})},
        asks=[
            Ask(kind=kind, use=use, category=category, facts=by_scope.get("ask", {}))
        ],
    )
    particular = by_scope.get("record_category", {})
    vector = Vector(
        facts=by_scope.get("record", {}),
        categories={category: particular} if particular else {},
    )
    return question, vector


def _asks(vocabulary: Vocabulary, rule: Rule) -> Iterator[tuple[str, str, str]]:
    """Yield what can be asked that the rule reaches, in a fixed order."""
    reach = rule.reach
    for kind in sorted(reach.kinds, key=lambda k: (k not in reach.named_kinds, k)):
        own = vocabulary.category_of_kind(kind)
        for use in sorted(reach.uses):
            reached = reach.categories
            if own and kind in reach.named_kinds and not reach.named_categories:
                reached = frozenset({own})
            for category in sorted(reached & vocabulary.asked[kind, use]):
                yield kind, use, category
    yield min(vocabulary.kinds), "release", EXISTENCE


def _meeting(condition: Condition, day: int) -> Iterator[tuple[str, Value]]:
    """Yield facts that make a condition true, as far as one value can."""
    match condition:
        case ValueTest() if condition.values:
            word = min(condition.values)
            yield condition.fact, word == "true" if word in {"true", "false"} else word
        case PaperTest() if not condition.negated:
            yield min(condition.facts), max(condition.states)
        case Comparison():
            bound = (
                day - condition.bound * 10_000 if condition.years else condition.bound
            )
            below = {"lt": -1, "gt": 1, "ne": 1}.get(condition.op, 0)
            yield condition.fact, max(0, bound + below)
        case _:
            yield from ()
