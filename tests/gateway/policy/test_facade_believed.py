"""An answer is believed only if it is right, undisputed, and of the bundle in force."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Cause, Unavailable
from gateway.policy import Bundle, Policy, Vector
from gateway.policy.conformance import FILE
from gateway.policy.embedded import EmbeddedEngine, have_embedded
from tests.gateway.policy.scripted import Scripted, scripted
from tests.gateway.policy.small import decided, policy_of, question, rule, screened

ODD: list[Any] = [
    b"not json",
    b'"<undefined>"',
    {},
    {"schema": "sallyport.decision/1", "revision": "old"},
    lambda answer: {**answer, "revision": "0" * 64},
    lambda answer: {**answer, "asks": [], "records": []},
    lambda answer: {**answer, "asks": 1, "records": 1},
    lambda answer: {**answer, "asks": [1], "records": [1]},
    lambda answer: {**answer, "asks": [{}], "records": [{"asks": [1]}]},
    lambda answer: {**answer, "asks": [{}], "records": [{"asks": [{}]}]},
    lambda answer: {
        **answer,
        "asks": [{"may": ["x"], "said": [], "needs": []}],
        "records": [{"asks": [{"by": "x", "outcome": "release", "said": []}]}],
    },
    lambda answer: {
        **answer,
        "asks": [{"may": 1, "said": [], "needs": []}],
        "records": [{"asks": [{"by": 1, "outcome": "release", "said": []}]}],
    },
    lambda answer: {
        **answer,
        "asks": [{"by": 8130000, "outcome": "perhaps", "said": []}],
        "records": [{"asks": [{"by": 8130000, "outcome": "perhaps", "said": []}]}],
    },
]


@pytest.mark.parametrize("odd", ODD, ids=[str(i) for i in range(len(ODD))])
def test_odd_answers_are_no_answers(policy: Policy, odd: Any) -> None:
    """Anything but a right answer of this revision is policy-unavailable."""
    change = odd if callable(odd) else lambda _: odd
    mine, _ = scripted(policy.bundle, change)
    asked = question(mine.vocabulary)
    for ask in (lambda: screened(mine, asked), lambda: decided(mine, asked)):
        with pytest.raises(Unavailable) as caught:
            ask()
        assert caught.value.cause == Cause.POLICY_UNAVAILABLE


def test_disagreement_closes(policy: Policy) -> None:
    """Two answers are none, and nothing is answered until somebody has looked."""
    lies = [False]

    def flip(answer: Any) -> Any:
        for record in answer.get("records", []) if lies[0] else []:
            record["asks"][0]["outcome"] = "release"
        return answer

    honest = EmbeddedEngine(policy.bundle)
    liar = Scripted(honest, flip)
    mine = Policy(bundle=policy.bundle, make_engines=lambda _: [honest, liar])
    asked = question(mine.vocabulary)
    assert decided(mine, asked)
    lies[0] = True
    with pytest.raises(Unavailable, match="policy-disagreement"):
        decided(mine, asked, Vector(facts={"sealed": True}))
    lies[0] = False
    with pytest.raises(Unavailable, match="policy-disagreement"):
        decided(mine, asked)
    mine.reopen()
    assert decided(mine, asked)


def test_conformance(policy: Policy) -> None:
    """An engine that answers one known question wrong is not used."""
    assert asyncio.run(policy.conform())

    def spoil(answer: Any) -> Any:
        return {**answer, "asks": []}

    mine, _ = scripted(policy.bundle, spoil)
    assert not asyncio.run(mine.conform())
    with pytest.raises(Unavailable, match="policy-disagreement"):
        screened(mine, question(mine.vocabulary))

    async def gone(question: bytes) -> bytes:
        raise Unavailable(Cause.POLICY_UNAVAILABLE, question.decode()[:1])

    other, engine = scripted(policy.bundle, spoil)
    engine.screen = engine.decide = gone  # type: ignore[method-assign]  # a broken engine
    assert not asyncio.run(other.conform())
    stale, old = scripted(policy.bundle, lambda answer: answer)
    old.revision = "older"
    assert not asyncio.run(stale.conform())


@pytest.mark.parametrize("document", [b"[]", b'{"questions":1}'])
def test_conformance_without_questions(policy: Policy, document: bytes) -> None:
    """A bundle whose conformance questions cannot be read conforms to nothing."""
    bundle = Bundle(files={**policy.bundle.files, FILE: document})
    assert not asyncio.run(Policy(bundle=bundle).conform())


def test_an_undefined_answer(policy: Policy) -> None:
    """A question with an unknown word has no answer, and that is unavailable."""
    path = "sallyport/screen.rego"
    text = policy.bundle.files[path].replace(b"data.meta.revision", b"data.meta.gone")
    engine = EmbeddedEngine(Bundle(files={**policy.bundle.files, path: text}))
    with pytest.raises(Unavailable, match="undefined"):
        engine.answer(question(policy.vocabulary).canonical)
    with pytest.raises(Unavailable, match="no evaluation"):
        asyncio.run(engine.screen(b"not json"))
    assert have_embedded()


def test_swap(tmp_path: Path) -> None:
    """Another bundle is in force at once; one that is not taken changes nothing."""
    policy = policy_of(tmp_path / "1", rule("st.a"))
    other = policy_of(tmp_path / "2", rule("st.a", effect="permit")).bundle
    asked = question(policy.vocabulary)
    assert decided(policy, asked)[0].revision == policy.revision
    policy.swap(other)
    (decision,) = decided(policy, asked)
    assert decision.revision == policy.revision == other.revision
    assert [ask.outcome for ask in decision.asks.values()] == ["release"]
    broken = {**other.files, "sallyport/decide.rego": b"package ("}
    with pytest.raises(Unavailable):
        policy.swap(Bundle(files=broken))
    assert decided(policy, asked) == [decision]
    assert policy.rule("st.a").citation == "Law st.a"


def test_answers_of_a_replaced_bundle_are_not_kept(
    policy: Policy, tmp_path: Path
) -> None:
    """What an engine still says of the old bundle is not remembered under the new."""
    other = policy_of(tmp_path / "2", rule("st.a", effect="permit")).bundle
    engines: list[Any] = []

    def make(bundle: Bundle) -> list[Any]:
        engines.append(Scripted(EmbeddedEngine(bundle), lambda answer: answer))
        return engines[-1:]

    mine = Policy(bundle=policy.bundle, make_engines=make)
    first = engines[0]
    real = first.decide, first.screen

    async def decide(question: bytes) -> bytes:
        answer: bytes = await real[0](question)
        mine.swap(other)
        return answer

    async def screen(question: bytes) -> bytes:
        answer: bytes = await real[1](question)
        mine.swap(policy.bundle)
        return answer

    first.decide = decide
    asked = question(mine.vocabulary)
    assert decided(mine, asked)[0].revision == policy.revision
    assert decided(mine, asked)[0].revision == other.revision
    engines[-1].screen = screen
    real = engines[-1].decide, engines[1].__class__.screen.__get__(engines[-1])
    assert screened(mine, asked).revision == other.revision
    assert screened(mine, asked).revision == policy.revision
