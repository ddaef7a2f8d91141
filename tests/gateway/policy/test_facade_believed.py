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
    *(
        lambda answer, by=by, said=said: {
            **answer,
            "asks": [{"by": by, "outcome": "withhold", "said": said}],
            "records": [{"asks": [{"by": by, "outcome": "withhold", "said": said}]}],
        }
        for by, said in (
            (True, []),
            (8130000, 8130000),
            (8130000, [True]),
            (8130000, ["8130000"]),
            (8130000, [[8130000]]),
        )
    ),
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
    assert not asyncio.run(policy.problem())

    def spoil(answer: Any) -> Any:
        return {**answer, "asks": []}

    mine, _ = scripted(policy.bundle, spoil)
    assert asyncio.run(mine.problem())
    with pytest.raises(Unavailable, match="policy-disagreement"):
        screened(mine, question(mine.vocabulary))

    async def gone(question: bytes) -> bytes:
        raise Unavailable(Cause.POLICY_UNAVAILABLE, question.decode()[:1])

    other, engine = scripted(policy.bundle, spoil)
    engine.screen = engine.decide = gone  # type: ignore[method-assign]  # a broken engine
    assert asyncio.run(other.problem())
    stale, old = scripted(policy.bundle, lambda answer: answer)
    old.revision = "older"
    assert asyncio.run(stale.problem())


@pytest.mark.parametrize("document", [b"[]", b'{"questions":1}'])
def test_conformance_without_questions(policy: Policy, document: bytes) -> None:
    """A bundle whose conformance questions cannot be read conforms to nothing."""
    bundle = Bundle(files={**policy.bundle.files, FILE: document})
    assert asyncio.run(Policy(bundle=bundle).problem())


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


def test_a_bundle_that_no_engine_takes(policy: Policy) -> None:
    """It makes no policy: what was in force before is still there."""
    broken = {**policy.bundle.files, "sallyport/decide.rego": b"package ("}
    with pytest.raises(Unavailable):
        Policy(bundle=Bundle(files=broken))


def test_another_bundle_is_another_policy(tmp_path: Path) -> None:
    """Each answers by its own law, whichever was made last."""
    older = policy_of(tmp_path / "1", rule("st.a"))
    newer = policy_of(tmp_path / "2", rule("st.a", effect="permit"))
    asked = question(older.vocabulary)
    said = [decided(policy, asked)[0] for policy in (newer, older)]
    assert [answer.revision for answer in said] == [newer.revision, older.revision]
    assert [next(iter(answer.asks.values())).outcome for answer in said] == [
        "release",
        "withhold",
    ]
    assert older.rule("st.a").citation == "Law st.a"
