"""The policy as the exchange sees it: believed only if right, remembered, replaced."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.canonical import canonical
from gateway.errors import Cause, Unavailable
from gateway.policy import (
    Bundle,
    InvalidQuestion,
    Policy,
    Vector,
    requester_view,
    union,
)
from gateway.policy.conformance import FILE
from gateway.policy.embedded import EmbeddedEngine, have_embedded
from gateway.policy.memo import Memo
from tests.gateway.policy.small import (
    REVEALS,
    decided,
    policy_of,
    question,
    rule,
    screened,
)

CONVICTED = {"fact": "convicted", "is": True}
LAW = rule(
    "st.a",
    effect="prohibit",
    reveals=REVEALS,
    change=["agreement"],
    obligations=["log"],
    obligations_on={"permit": [{"do": "tell", "days": 3, "to": ["a"], "soon": True}]},
    unless=[
        {
            "id": "convicted",
            "when": [CONVICTED],
            "effect": "permit",
            "reason": "SEALED",
            "citation": "Law of the case",
        }
    ],
)
BAR = rule(
    "st.bar",
    layer="record_bar",
    reveals=REVEALS,
    when=[{"fact": "sealed", "is": True}],
    reason="SEALED",
)


class Scripted:
    """The real engine, with something done to its answers."""

    remote = False

    def __init__(self, engine: EmbeddedEngine, change: Any) -> None:
        self.name = "scripted"
        self.revision = engine.revision
        self.calls = 0
        self._engine = engine
        self._change = change

    async def screen(self, question: bytes) -> bytes:
        """Answer by the real engine, changed."""
        self.calls += 1
        return self._changed(await self._engine.screen(question))

    async def decide(self, question: bytes) -> bytes:
        """Answer by the real engine, changed."""
        self.calls += 1
        return self._changed(await self._engine.decide(question))

    def _changed(self, answer: bytes) -> bytes:
        changed = self._change(orjson.loads(answer))
        return changed if isinstance(changed, bytes) else canonical(changed)


def scripted(bundle: Bundle, change: Any) -> tuple[Policy, Scripted]:
    """Return a policy whose only engine is scripted."""
    engine = Scripted(EmbeddedEngine(bundle), change)
    return Policy(bundle=bundle, make_engines=lambda _: [engine]), engine


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    """Return the policy of the two rules above."""
    return policy_of(tmp_path, LAW, BAR)


def test_screen_and_decision(policy: Policy) -> None:
    """What is possible, what is needed, and what it comes to."""
    asked = question(policy.vocabulary)
    screen = screened(policy, asked)
    key = ("read", "release", "date")
    assert screen.open
    assert screen.needs == {"convicted", "sealed"}
    assert screen.definite(key) is None
    assert screen.as_decision() is None
    assert screen.asks[key].effects == {"permit", "prohibit"}
    assert screen.asks[key].outcomes == {"release", "withhold"}
    assert [r.id for r in screen.asks[key].rules] == ["st.a", "st.bar"]
    document: Any = screen.document()
    assert document["asks"][0]["needs"] == ["convicted", "sealed"]
    vector = Vector(facts={"convicted": True, "sealed": False})
    (decision,) = decided(policy, asked, vector)
    internal: Any = decision.document()["asks"]
    assert internal == [
        {
            "kind": "read",
            "use": "release",
            "category": "date",
            "effect": "permit",
            "discretion": False,
            "outcome": "release",
            "rule": "st.a",
            "citation": "Law st.a",
            "case": "convicted",
            "reason": "SEALED",
            "reviewer": "",
            "layers": [
                {
                    "layer": "state",
                    "effect": "permit",
                    "rule": "st.a",
                    "case": "convicted",
                }
            ],
            "obligations": [
                {"do": "log"},
                {"do": "tell", "days": 3, "soon": True, "to": ["a"]},
            ],
        }
    ]


def test_the_requester_learns_no_fact(policy: Policy) -> None:
    """Reasons, change and obligations are of the screen, whatever the record says."""
    asked = question(policy.vocabulary)
    screen = screened(policy, asked)
    vectors = [
        Vector(facts={"convicted": c, "sealed": s})
        for c in (True, False)
        for s in (True, False)
    ]
    shown = set()
    for decision in decided(policy, asked, *vectors):
        (row,) = requester_view(screen, decision)
        document = row.document()
        assert document.pop("effect") in {"permit", "prohibit"}
        shown.add(canonical(document))
    assert len(shown) == 1
    (text,) = shown
    assert b"SEALED" not in text
    assert b"Law of the case" not in text
    assert b"st.bar" not in text
    (row,) = requester_view(screen)
    assert row.effect == "depends"
    assert row.change == ("agreement",)
    assert row.obligations == ({"do": "log"},)


def test_closed_whatever_the_record_says(tmp_path: Path) -> None:
    """If nothing can open, no fact is needed and the screen is the decision."""
    policy = policy_of(tmp_path, rule("st.no"), BAR)
    screen = screened(policy, question(policy.vocabulary))
    assert not screen.open
    assert screen.needs == set()
    settled = screen.as_decision()
    assert settled is not None
    assert [ask.outcome for ask in settled.asks.values()] == ["withhold"]
    (row,) = requester_view(screen)
    assert (row.effect, row.reasons[0].citation) == ("prohibit", "Law st.no")


def test_only_a_bar_can_be_named(tmp_path: Path) -> None:
    """Where nothing but bars can decide, they are the reason."""
    law = {**BAR, "on_unknown": "review"}
    policy = policy_of(tmp_path, law)
    screen = screened(policy, question(policy.vocabulary))
    reasons = [row.reasons for row in requester_view(screen)]
    assert {r.code for one in reasons for r in one} == {"NO_RULE"}


def test_silent_rules_promise_nothing(tmp_path: Path) -> None:
    """An obligation of a rule that may stay silent is not told."""
    law = rule("st.p", effect="permit", reveals=REVEALS, when=[CONVICTED])
    policy = policy_of(tmp_path, {**law, "obligations": ["log"]})
    (row,) = requester_view(screened(policy, question(policy.vocabulary)))
    assert row.obligations == ()


def test_every_duty_that_a_record_could_bring_is_known(policy: Policy) -> None:
    """The screen names them all: those of a case that holds only by a fact too.

    Whatever the record turns out to be, it brings none that is not among them.
    """
    asked = question(policy.vocabulary)
    (ask,) = screened(policy, asked).asks.values()
    for facts in ({}, {"convicted": True}, {"convicted": True, "sealed": False}):
        (decision,) = decided(policy, asked, Vector(facts=facts))
        (settled,) = decision.asks.values()
        assert {due.code for due in settled.obligations} <= ask.duties
    assert ask.duties == {"log", "tell"}


def test_union(policy: Policy) -> None:
    """Over records: the most open outcome, each obligation and reviewer once."""
    asked = question(policy.vocabulary)
    vectors = [Vector(facts={"convicted": True, "sealed": False}), Vector()]
    both = union(decided(policy, asked, *vectors))
    assert both.outcome == "release"
    assert [due.code for due in both.obligations] == ["log", "tell"]
    assert both.reviewers == ()
    assert [ref.id for ref in both.rules] == ["st.a", "st.bar"]
    assert union([]).outcome == "withhold"


def test_layers_tell_who_was_silent(tmp_path: Path) -> None:
    """Each layer that spoke is listed with its strongest voice; a conflict shows."""
    laws = [
        rule("st.no"),
        rule("st.must", effect="require"),
        rule("st.fed", layer="federal_permission", effect="permit"),
    ]
    policy = policy_of(tmp_path, *laws)
    (decision,) = decided(policy, question(policy.vocabulary))
    (ask,) = decision.asks.values()
    assert [(said.layer, said.effect) for said in ask.layers] == [
        ("state", "review"),
        ("federal_permission", "permit"),
    ]
    assert (ask.rule.id, ask.reason, ask.reviewer) == (
        "conflict",
        "CONFLICT",
        "counsel",
    )


def test_each_vector_is_asked_once(policy: Policy) -> None:
    """Engines see what is not remembered, each once; order is kept."""
    mine, engine = scripted(policy.bundle, lambda answer: answer)
    asked = question(mine.vocabulary)
    one, two = Vector(facts={"convicted": True}), Vector()
    first = decided(mine, asked, one, two, one)
    assert engine.calls == 1
    assert first[0] is first[2]
    assert decided(mine, asked, two, one) == [first[1], first[0]]
    assert screened(mine, asked) is screened(mine, asked)
    assert engine.calls == 2
    mine.forget()
    decided(mine, asked, one)
    assert engine.calls == 3
    assert mine.engines == ("scripted",)


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


def test_wrong_vectors_are_refused(policy: Policy) -> None:
    """A vector with a fact of the request is a mistake of the caller."""
    with pytest.raises(InvalidQuestion):
        decided(policy, question(policy.vocabulary), Vector(facts={"bulk": True}))


def test_many_records(policy: Policy) -> None:
    """More records than one call takes are decided alike, others having their turn."""
    asked = question(policy.vocabulary)
    vectors = [Vector(facts={"validated_on": 20200101 + i}) for i in range(70)]
    turns = 0

    async def both() -> None:
        nonlocal turns

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as group:
            task = group.create_task(others())
            await policy.decide(asked, vectors)
            task.cancel()

    asyncio.run(both())
    assert turns >= 2
    assert len(decided(policy, asked, *vectors)) == 70


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


def test_the_memo_is_bounded() -> None:
    """The oldest goes first."""
    memo: Memo[int, str] = Memo(most=2)
    for key in (1, 2, 3):
        memo.keep(key, str(key))
    assert (len(memo), memo.get(1), memo.get(3)) == (2, None, "3")


def test_warm_is_cheap(policy: Policy) -> None:
    """A remembered screen and decision cost microseconds."""
    asked = question(policy.vocabulary)
    vectors = [Vector()]

    async def warm() -> float:
        await policy.decide(asked, vectors)
        await policy.screen(asked)
        begin = time.perf_counter()
        for _ in range(2_000):
            await policy.screen(asked)
            await policy.decide(asked, vectors)
        return (time.perf_counter() - begin) / 2_000

    assert asyncio.run(warm()) < 0.001  # a thousand times what a quiet machine needs


def test_verdicts_do_not_pile_up(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store of distinct verdicts is emptied when it is full."""
    monkeypatch.setattr("gateway.policy.decision.MOST_KEPT", 0)
    asked = question(
        policy.vocabulary, ("read", "release", "date"), ("read", "release", "home")
    )
    assert len(decided(policy, asked)[0].asks) == 2
    assert len(decided(policy, asked, Vector(facts={"convicted": True}))) == 1


def test_equal_words_are_one_question(policy: Policy) -> None:
    """A question in the same words is checked once, and told and united once."""
    made = [
        policy.question(
            day=20260120,
            custodian="sheriff",
            dataset_kind="jail",
            requester_class="ice",
            facts={"purpose": "civil"},
            asks={("read", "release", "date"): {}},
        )
        for _ in range(2)
    ]
    assert made[0] is made[1]
    (told,) = screened(policy, made[0]).told
    assert told[0] == ("read", "release", "date")
    (decision,) = decided(policy, made[0])
    assert union([decision]) is union([decision, decision])
