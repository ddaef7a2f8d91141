"""Questions made from rules: near what they reach and what they test, and noise."""

from __future__ import annotations

from random import Random

from gateway.policy import Ask, Question, Vector, Vocabulary
from gateway.policy.law import Comparison, Condition, PaperTest, Rule, ValueTest
from gateway.policy.vocabulary import Value

DAYS = (20150101, 20180104, 20240228, 20240229, 20251231, 20260101, 20260120, 20300101)


def question(
    rng: Random, vocabulary: Vocabulary, rules: list[Rule], *, sent_on: bool = True
) -> tuple[Question, list[Vector]]:
    """Return a question with up to three records, now and then for a recipient."""
    near = [rng.choice(rules) for _ in range(3)]
    reach = near[0].reach
    day = rng.choice([*DAYS, *(r.start for r in near), *(r.end for r in near)])
    day = min(max(day, 19000101), 21991231)
    conditions = [c for r in near for case in r.cases for c in (*r.when, *case.when)]
    conditions += [paper for r in near for paper in r.lifted_by]
    facts = {
        fact: value
        for condition in conditions
        for fact, value in near_values(rng, vocabulary, condition, day)
        if rng.random() < 0.8
    }
    by_scope: dict[str, dict[str, Value]] = {}
    for fact, value in facts.items():
        by_scope.setdefault(vocabulary.scopes[fact], {})[fact] = value
    stated = by_scope.get("request", {})
    if rng.random() < 0.95:
        stated["purpose"] = one(rng, reach.purposes, vocabulary.purposes)
    asks = some_asks(rng, vocabulary, near, by_scope.get("ask", {}))
    made = Question.build(
        vocabulary=vocabulary,
        day=day,
        custodian=one(rng, reach.custodians, vocabulary.custodian_types),
        dataset_kind=one(rng, reach.datasets, vocabulary.datasets),
        requester_class=one(rng, reach.requesters, vocabulary.requester_classes),
        facts=stated,
        asks=asks,
        recipient=(
            one(rng, near[1].reach.requesters, vocabulary.requester_classes)
            if sent_on and rng.random() < 0.25
            else ""
        ),
    )
    own = by_scope.get("record_category", {})
    categories = {ask.category: own for ask in asks if rng.random() < 0.5}
    vectors = [Vector()]
    for _ in range(rng.randrange(3)):
        kept = {
            f: v for f, v in by_scope.get("record", {}).items() if rng.random() < 0.8
        }
        vectors.append(Vector(facts=kept, categories=categories))
    return made, vectors


def some_asks(
    rng: Random, vocabulary: Vocabulary, near: list[Rule], papers: dict[str, Value]
) -> list[Ask]:
    """Return up to five asks, most of them in reach."""
    keys = set()
    for _ in range(rng.randrange(1, 6)):
        reach = rng.choice(near).reach
        kind = one(rng, reach.named_kinds or reach.kinds, vocabulary.kinds)
        use = one(rng, reach.uses, vocabulary.uses)
        allowed = vocabulary.asked[kind, use]
        wanted = (reach.named_categories or reach.categories) & allowed
        keys.add((kind, use, one(rng, wanted, allowed)))
    return [
        Ask(kind=k, use=u, category=c, facts=papers if rng.random() < 0.8 else {})
        for k, u, c in sorted(keys)
    ]


def one(rng: Random, wanted: object, every: object) -> str:
    """Return a wanted word, now and then any."""
    words = sorted(wanted)  # type: ignore[call-overload]  # collections of words
    if not words or rng.random() < 0.1:
        words = sorted(every)  # type: ignore[call-overload]  # collections of words
    return str(rng.choice(words))


def near_values(
    rng: Random, vocabulary: Vocabulary, condition: Condition, day: int
) -> list[tuple[str, Value]]:
    """Return values on and beside what a condition tests."""
    if rng.random() < 0.1 and isinstance(condition, ValueTest | Comparison):
        return [(condition.fact, "unknown")]
    match condition:
        case ValueTest():
            domain = vocabulary.code_values.get(condition.fact)
            if domain is None:
                return [(condition.fact, rng.random() < 0.5)]
            words = sorted(condition.values) if rng.random() < 0.7 else sorted(domain)
            return [(condition.fact, rng.choice(words or sorted(domain)))]
        case PaperTest():
            fact = rng.choice(sorted(condition.facts))
            states = sorted(condition.states)
            every = vocabulary.paper_states
            return [(fact, rng.choice(states if rng.random() < 0.7 else every))]
        case Comparison():
            bound = (
                day - condition.bound * 10_000 if condition.years else condition.bound
            )
            beside = (
                [bound - 1, bound, bound + 1, day + 1] if condition.years else [bound]
            )
            value = max(0, rng.choice(beside) + rng.choice([-1, 0, 1]))
            ok = vocabulary.accepts(condition.fact, value)
            return [(condition.fact, value)] if ok else []
        case _:
            return []
