"""Properties of every law that can be written, tried on laws made at random."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.canonical import canonical
from gateway.policy import Bundle, Policy, Vector
from gateway.policy.bundle import with_revision
from gateway.policy.compile import compile_rules
from gateway.policy.law import Rule
from gateway.policy.lookup import Lookup
from gateway.policy.resolve import Resolver
from gateway.policy.rules import LAYERS, RuleText
from gateway.policy.table import Table, table_document
from gateway.policy.vocabulary import Vocabulary
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
    (engine,) = policy._now.engines
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


@pytest.mark.slow
@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_unknown_never_opens(seed: int) -> None:
    """What is open with a fact unknown is open whatever the fact turns out to be.

    Laws without overlays and savings: those lift a prohibit and not a review, so a
    fact that turns a prohibit into a review can take from them what they opened.
    """
    rng = Random(seed)  # noqa: S311 - a law need not be secret
    rules = [one for one in resolved(rng) if one.layer not in {"overlay", "saving"}]
    if not rules:
        return
    policy = Policy(bundle=bundle_of(WORDS, rules))
    for _ in range(4):
        asked, vectors = question(rng, WORDS, rules)
        for fact, values in (
            ("convicted", (True, False)),
            ("sealed", (True, False)),
            ("validated_on", (20100101, 20210120, 20260101)),
        ):
            rest = {f: v for f, v in vectors[-1].facts.items() if f != fact}
            own = vectors[-1].categories
            every = [Vector(facts=rest, categories=own)] + [
                Vector(facts={**rest, fact: value}, categories=own) for value in values
            ]
            unknown, *known = asyncio.run(policy.decide(asked, every))
            for key, ask in unknown.asks.items():
                if ask.effect in OPEN:
                    assert {one.asks[key].effect for one in known} <= OPEN


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
