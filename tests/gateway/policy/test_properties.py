"""Properties of every law that can be written, tried on laws made at random."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.canonical import canonical
from gateway.policy import Bundle, Policy
from gateway.policy.bundle import with_revision
from gateway.policy.compile import compile_rules
from gateway.policy.contradictions import contradictions
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.law import Rule, facts_of
from gateway.policy.lookup import Lookup
from gateway.policy.resolve import Resolver
from gateway.policy.rules import LAYERS, RuleText
from gateway.policy.table import Table, table_document
from gateway.policy.vocabulary import Value, Vocabulary
from tests.gateway.policy.conftest import STACKS, Built
from tests.gateway.policy.generate import question
from tests.gateway.policy.reference import Reference
from tests.gateway.policy.small import REGO, REVEALS, rule, vocabulary, vocabulary_text
from tests.gateway.policy.test_equality import answer_of

WORDS = vocabulary()
OPEN = {"permit", "require"}
BY_LAYER = {
    "record_bar": ["prohibit", "review", "permit"],
    "process": ["require", "review"],
    "saving": ["permit"],
    "overlay": ["prohibit", "review", "permit"],
}
SOURCES = {
    f"sallyport/{path.name}": path.read_bytes()
    for path in REGO.glob("*.rego")
    if not path.name.endswith("_test.rego")
}


def condition(rng: Random) -> dict[str, Any]:
    """Return a condition of the small law."""
    return rng.choice(
        [
            {"fact": rng.choice(["convicted", "sealed", "need"]), "is": True},
            {"fact": rng.choice(["convicted", "public"]), "is_not": True},
            {"fact": "agreement", "is": "in_force"},
            {"fact": "agreement", "not_in": ["in_force"]},
            {"fact": "recipient", "in": ["ice", "nobody"]},
            {"fact": "purpose", "is_not": "civil"},
            {"fact": "level", "at_least": rng.randrange(4)},
            {"fact": "level", "at_most": rng.randrange(4)},
            {"fact": "level", "is": 2},
            {"fact": "level", "is_not": 1},
            {"fact": "validated_on", "within_years": 5},
            {"fact": "validated_on", "before_years": 1},
            {"fact": "validated_on", "known": True},
            {"fact": "need", "known": True},
            {"paper": ["warrant"], "by": ["judge"], "state": "confirmed"},
            {"paper": ["warrant", "detainer"], "state": ["unverified"]},
            {"no_paper": ["detainer"], "state": "presented"},
            {"day": {"from": "2025-01-01"}},
        ]
    )


def some(rng: Random, words: list[str]) -> list[str]:
    """Return one or more words."""
    return sorted(rng.sample(words, rng.randrange(1, len(words) + 1)))


def written(rng: Random, number: int) -> dict[str, Any]:
    """Return a rule of the small law at random."""
    layer = rng.choice(LAYERS)
    effects = BY_LAYER.get(layer, ["prohibit", "review", "require", "permit"])
    reach: dict[str, Any] = {}
    for name, words in (
        ("custodians", ["sheriff", "dmv"]),
        ("requesters", ["ice", "fbi", "police"]),
        ("purposes", ["civil", "crime"]),
        ("kinds", ["read", "notify", "hold"]),
        ("categories", ["date", "home", "record_exists", "hold", "number"]),
    ):
        if rng.random() < 0.4:
            reach[rng.choice([name, f"not_{name}"])] = some(rng, words)
    if rng.random() < 0.2:
        reach["use"] = some(rng, ["release", "match"])
    members: dict[str, Any] = {
        "layer": layer,
        "effect": rng.choice(effects),
        "reach": reach,
        "reveals": REVEALS,
        "discretion": rng.random() < 0.3,
        "local_may_restrict": rng.random() < 0.5,
        "local_may_expand": rng.random() < 0.5,
        "when": [condition(rng) for _ in range(rng.choice([0, 0, 1, 2]))],
        "unless": [
            {
                "id": f"c{i}",
                "when": [condition(rng) for _ in range(rng.choice([1, 1, 2]))],
                "effect": rng.choice(effects),
            }
            for i in range(rng.choice([0, 0, 1, 2, 3]))
        ],
    }
    if rng.random() < 0.4:
        members["on_unknown"] = rng.choice(["prohibit", "review"])
    if layer == "record_bar" and rng.random() < 0.4:
        members["overridable_by"] = ["warrant"]
    if layer == "state":
        members["resists_saving"] = rng.random() < 0.2
    if rng.random() < 0.2:
        members["effective"] = {"from": "2024-02-29", "until": "2026-01-20"}
    return rule(f"st.r{number}", **members)


def resolved(rng: Random) -> list[Rule]:
    """Return a law at random."""
    mistakes: list[Any] = []
    lookup = Lookup(vocabulary=WORDS, groups={}, mistakes=mistakes)
    used = frozenset({"st.r1", "st.r2#c0"})
    resolver = Resolver(
        lookup=lookup,
        pack="st",
        rank=1,
        may_restrict=False,
        may_expand=False,
        exercised=used,
    )
    texts = [
        RuleText.model_validate(written(rng, i)) for i in range(rng.randrange(1, 9))
    ]
    rules = [resolver.rule(text, "f", i) for i, text in enumerate(texts)]
    assert not mistakes
    return rules


def bundle_of(words: Vocabulary, rules: list[Rule]) -> Bundle:
    """Return the bundle of some rules."""
    compiled = compile_rules(words, rules)
    pending = compiled.data["pending"]
    assert isinstance(pending, dict)
    table = table_document(rules, compiled.clauses, pending)
    return with_revision(
        {
            **SOURCES,
            "compiled/data.json": canonical(compiled.data),
            "table/data.json": canonical(table),
            "vocabulary/data.json": canonical(vocabulary_text()),
        }
    )


@pytest.mark.slow
@settings(max_examples=120)
@given(seed=st.integers(0, 2**32))
def test_any_law(seed: int) -> None:
    """The engine says what the plain evaluator says, inside what the screen allowed."""
    rng = Random(seed)  # noqa: S311 - a law need not be secret
    rules = resolved(rng)
    bundle = bundle_of(WORDS, rules)
    policy = Policy(bundle=bundle)
    reference = Reference(WORDS, rules)
    table = Table(bundle.document("table/data.json"))
    engine = EmbeddedEngine(bundle)
    for _ in range(6):
        asked, vectors = question(rng, WORDS, rules)
        data = asked.with_records(vectors)
        document = orjson.loads(data)
        answer = orjson.loads(asyncio.run(engine.decide(data)))
        screen = asyncio.run(policy.screen(asked))
        for record, rows in zip(document["records"], answer["records"], strict=True):
            found = [answer_of(table, row) for row in rows["asks"]]
            assert found == reference.answers(document, record)
            for key, one in zip(asked.ask_keys, found, strict=True):
                assert one.outcome in screen.asks[key].outcomes
                effects = screen.asks[key].effects
                assert one.effect in {effect.partition("_")[0] for effect in effects}


def lawful(rules: list[Rule]) -> list[Rule]:
    """Return the rules that may be loaded: overlays only where the law lets them."""
    refused = {mistake.path for mistake in contradictions(rules, WORDS)}
    return [one for one in rules if one.layer != "overlay" or one.file not in refused]


@pytest.mark.slow
@settings(max_examples=120)
@given(seed=st.integers(0, 2**32))
def test_unknown_never_opens(seed: int) -> None:
    """A fact that nobody knows leaves no field more open than any value of it would.

    For every law that may be loaded, each fact of the request and of the record, and
    whatever else is unknown: open without it means open with it, so taking a fact away
    never turns a refusal into a release.
    """
    rng = Random(seed)  # noqa: S311 - a law need not be secret
    rules = lawful(resolved(rng))
    engine = EmbeddedEngine(bundle_of(WORDS, rules))
    tested = {fact for one in rules for fact in looked_at(one)}
    for _ in range(4 if rules else 0):
        asked, vectors = question(rng, WORDS, rules)
        document = orjson.loads(asked.with_records(vectors[-1:]))
        for fact, values in KNOWN.items():
            if fact not in tested:
                continue
            unknown = effects(engine, stated(document, fact, "unknown"))
            for value in values:
                known = effects(engine, stated(document, fact, value))
                for less, more in zip(unknown, known, strict=True):
                    assert less not in OPEN or more in OPEN, (fact, value, document)


KNOWN: dict[str, tuple[Value, ...]] = {
    "purpose": ("civil", "crime", "none_given"),
    "agreement": ("none", "in_force"),
    "recipient": ("ice", "fbi", "nobody"),
    "level": (0, 1, 2, 3),
    "need": (True, False),
    "convicted": (True, False),
    "sealed": (True, False),
    "validated_on": (20100101, 20210120, 20260101),
    "public": (True, False),
}
"""Facts with values on both sides of what the laws test."""


def looked_at(law: Rule) -> set[str]:
    """Return the facts that a rule looks at."""
    conditions = [c for case in law.cases for c in (*law.when, *case.when)]
    return {"purpose"}.union(*map(facts_of, conditions))


def stated(document: dict[str, Any], fact: str, value: Value) -> bytes:
    """Return a question of one record with one fact changed."""
    changed = copy.deepcopy(document)
    (record,) = changed["records"]
    scope = WORDS.scopes[fact]
    if scope == "record_category":
        asked = {category for ask in changed["asks"] for category in ask["categories"]}
        places = [record["categories"].setdefault(category, {}) for category in asked]
    else:
        places = [changed["facts"] if scope == "request" else record["facts"]]
    for place in places:
        place[fact] = value
    return canonical(changed)


def effects(engine: EmbeddedEngine, data: bytes) -> list[str]:
    """Return the effects of a question of one record."""
    (record,) = orjson.loads(engine.answer(data))["records"]
    return [ask["effect"] for ask in record["asks"]]


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32))
def test_order_does_not_matter(seed: int) -> None:
    """The same rules in another order are the same data, byte for byte."""
    rng = Random(seed)  # noqa: S311 - a law need not be secret
    rules = resolved(rng)
    shuffled = rules[:]
    rng.shuffle(shuffled)
    one, other = compile_rules(WORDS, rules), compile_rules(WORDS, shuffled)
    assert canonical(one.data) == canonical(other.data)


@pytest.mark.slow
@pytest.mark.parametrize(("packs", "overlay"), STACKS)
def test_unverified_paper_opens_nothing(
    built: Callable[..., Built], packs: list[str], overlay: str | None
) -> None:
    """A paper that nobody verified releases nothing that no paper would not."""
    stack = built(packs, overlay)
    words = stack.bundle.vocabulary
    rng = Random(f"unverified {packs}{overlay}")  # noqa: S311 - a law need not be secret
    tried = 0
    while tried < 100:
        asked, vectors = question(rng, words, stack.rules)
        document = orjson.loads(asked.with_records(vectors))
        papers = [ask["facts"] for ask in document["asks"]]
        if not any(papers):
            continue
        tried += 1
        for ask in document["asks"]:
            ask["facts"] = dict.fromkeys(ask["facts"], "unverified")
        with_papers = orjson.loads(stack.engine.answer(canonical(document)))
        for ask in document["asks"]:
            ask["facts"] = {}
        without = orjson.loads(stack.engine.answer(canonical(document)))
        for more, less in zip(with_papers["records"], without["records"], strict=True):
            for one, other in zip(more["asks"], less["asks"], strict=True):
                assert one["outcome"] != "release" or other["outcome"] == "release"
