"""Questions whose answers are known: each engine must give them before it is used.

They are made from the law itself when a bundle is built, and travel in it with the
digest of the answers, and with what the plain evaluator says of them. The digest shows
that an engine says what the builder's said; the plain answers, which no evaluator
computed, that the builder's was not broken already. One question is the same in every
bundle: who is not in the vocabulary gets no answer at all.

The revision is left out of what is digested: it is of all files, these included.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from gateway.canonical import Json, canonical, digest
from gateway.errors import EngineFault
from gateway.policy.bundle import Bundle
from gateway.policy.engine import Engine, NoAnswer
from gateway.policy.law import Case, Comparison, Condition, PaperTest, Rule, ValueTest
from gateway.policy.parties import sent_on
from gateway.policy.plain import Plain
from gateway.policy.question import Ask, Question, Vector
from gateway.policy.vocabulary import EXISTENCE, Value, Vocabulary

__all__ = [
    "FILE",
    "UNKNOWN",
    "agrees",
    "conform",
    "conformance_questions",
    "digest_of",
    "every_question",
    "plain_answer",
    "question_for",
]

FILE = "conformance/data.json"
UNKNOWN = ""
"""The digest of answers in a bundle that was built where no engine could be asked."""

MOST_QUESTIONS = 80
MOST_SENT_ON = 12
STRANGER = "nobody-we-know"
NOTHING_KNOWN: Mapping[str, Any] = {"facts": {}, "categories": {}}
DAY = 20260115
"""The day of questions for rules that are in force then."""


async def conform(engine: Engine, bundle: Bundle) -> bool:
    """Tell whether an engine answers a bundle's conformance questions right.

    Raises:
        Unavailable: when it gives no answer; that is not a wrong one.
    """
    try:
        return await _right(engine, bundle)
    except (AttributeError, KeyError, TypeError):
        return False  # an answer of another shape is a wrong one


async def _right(engine: Engine, bundle: Bundle) -> bool:
    document = bundle.document(FILE)
    if not isinstance(document, dict) or engine.revision != bundle.revision:
        return False
    questions = document["questions"]
    if not isinstance(questions, list):
        return False
    answers: list[bytes] = []
    for question in questions:
        pending = isinstance(question, dict) and question["records"] == "pending"
        ask = engine.screen if pending else engine.decide
        answers.append(await ask(canonical(question)))
        await asyncio.sleep(0)  # others have their turn: an embedded engine never waits
    plain = document.get("plain")
    return (
        document["answers"] in {UNKNOWN, digest_of(answers)}
        and isinstance(plain, list)
        and len(plain) == len(answers)
        and all(map(agrees, answers, plain))
        and await _strangers_get_nothing(engine, questions[:2])
    )


async def _strangers_get_nothing(engine: Engine, questions: Sequence[Json]) -> bool:
    """Tell whether whoever the vocabulary doesn't have gets no answer.

    None at all, or one without rows, which is refused as it is not one for each ask.
    """
    for question in questions:
        asked: dict[str, Any] = orjson.loads(canonical(question))
        ask = engine.screen if asked["records"] == "pending" else engine.decide
        for stranger in (
            {"requester": STRANGER},
            {"recipient": STRANGER, "recipient_facts": asked["facts"]},
        ):
            try:
                if any(_rows(await ask(canonical({**asked, **stranger})))):
                    return False
            except NoAnswer as error:
                if error.fault is not EngineFault.UNDEFINED:
                    raise
    return True


def plain_answer(plain: Plain, question: Mapping[str, Any]) -> Json:
    """Return what the rules say, plainly: effects and outcomes for each record.

    For a screen, what they say of a record of which nothing is known.
    """
    pending = question["records"] == "pending"
    records = [NOTHING_KNOWN] if pending else question["records"]
    return [
        [f"{answer.effect} {answer.outcome}" for answer in plain.answers(question, one)]
        for one in records
    ]


def agrees(answer: bytes, plain: Json) -> bool:
    """Tell whether an engine's answer is what the plain evaluator says.

    A screen that leaves an ask undecided says nothing that could be compared.
    """
    rows = [[_says(row) for row in record] for record in _rows(answer)]
    if not isinstance(plain, list) or len(rows) != len(plain):
        return False
    return all(
        isinstance(said, list)
        and len(said) == len(row)
        and all(one in {"", other} for one, other in zip(row, said, strict=True))
        for row, said in zip(rows, plain, strict=True)
    )


def _rows(answer: bytes) -> list[list[Mapping[str, Json]]]:
    """Return the rows of each record, or of the one screen."""
    document = orjson.loads(answer)
    return [record["asks"] for record in document.get("records", [document])]


def _says(row: Mapping[str, Json]) -> str:
    return "" if "may" in row else f"{row['effect']} {row['outcome']}"


def digest_of(answers: Iterable[bytes]) -> str:
    """Return the digest of answers, their revision left out."""
    return digest(
        b"\n".join(canonical({**orjson.loads(a), "revision": ""}) for a in answers)
    )


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
    chosen: list[dict[str, Any]] = []
    for (rule, case), screen, decision in zip(
        cases, every[::2], every[1::2], strict=True
    ):
        way = tuple(
            (answer.effect, answer.outcome, layers.get(answer.rule, answer.rule))
            for record in decision["records"]
            for answer in plain.answers(decision, record)
        )
        tests = {(type(test), way) for test in (*rule.when, *case.when)} | {way}
        if tests - seen and len(chosen) < MOST_QUESTIONS:
            chosen += [screen, decision]
            seen |= tests
    return [*chosen, *_sent_on(chosen, plain), *_lent(cases, every[1::2], plain)]


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
