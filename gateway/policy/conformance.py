"""Questions whose answers are known: each engine must give them before it is used.

They are made from the law itself when a bundle is built, and travel in it with the
digest of the answers. The revision is left out of what is digested: it is of all
files, these included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import orjson

from gateway.canonical import canonical, digest
from gateway.errors import Unavailable
from gateway.policy.bundle import Bundle
from gateway.policy.engine import Engine
from gateway.policy.law import Comparison, Condition, PaperTest, Rule, ValueTest
from gateway.policy.question import Ask, Question, Vector
from gateway.policy.vocabulary import EXISTENCE, Value, Vocabulary

__all__ = ["FILE", "conform", "conformance_questions", "digest_of", "question_for"]

FILE = "conformance/data.json"
MOST_QUESTIONS = 16
DAY = 20260115
"""The day of questions for rules that are in force then."""


async def conform(engine: Engine, bundle: Bundle) -> bool:
    """Tell whether an engine answers a bundle's conformance questions right."""
    document = bundle.document(FILE)
    if not isinstance(document, dict) or engine.revision != bundle.revision:
        return False
    questions = document["questions"]
    if not isinstance(questions, list):
        return False
    answers: list[bytes] = []
    try:
        for question in questions:
            asked = canonical(question)
            pending = isinstance(question, dict) and question["records"] == "pending"
            ask = engine.screen if pending else engine.decide
            answers.append(await ask(asked))
    except Unavailable:
        return False
    return digest_of(answers) == document["answers"]


def digest_of(answers: Iterable[bytes]) -> str:
    """Return the digest of answers, their revision left out."""
    return digest(
        b"\n".join(canonical({**orjson.loads(a), "revision": ""}) for a in answers)
    )


def conformance_questions(
    vocabulary: Vocabulary, rules: Sequence[Rule]
) -> list[dict[str, object]]:
    """Return questions spread over the rules, as screens and as decisions."""
    step = max(1, len(rules) // MOST_QUESTIONS)
    found: list[dict[str, object]] = []
    for rule in rules[::step][:MOST_QUESTIONS]:
        question, vector = question_for(vocabulary, rule)
        found.append(orjson.loads(question.canonical))
        found.append(orjson.loads(question.with_records([vector, Vector.unknown()])))
    return found


def question_for(vocabulary: Vocabulary, rule: Rule) -> tuple[Question, Vector]:
    """Return a question that a rule reaches, with facts that meet its first case."""
    reach = rule.reach
    day = min(max(DAY, rule.start), rule.end - 1)
    kind, use, category = next(_asks(vocabulary, rule))
    conditions = (*rule.when, *rule.cases[0].when)
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
