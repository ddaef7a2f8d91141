"""The policy as the exchange sees it: screened, decided, united, remembered."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.policy import Ask, InvalidQuestion, Policy, Question, Vector, union
from gateway.policy.memo import Memo
from tests.gateway.policy.scripted import scripted
from tests.gateway.policy.small import decided, policy_of, question, rule, screened


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


def test_what_is_only_matched_opens_nothing(tmp_path: Path) -> None:
    """A field that may be compared is none that is released, alone or beside one."""
    laws = [rule("st.no"), rule("st.match", effect="permit", reach={"use": ["match"]})]
    policy = policy_of(tmp_path, *laws)
    for date in ((), (("read", "release", "date"),)):
        asked = question(policy.vocabulary, ("read", "match", "home"), *date)
        (decision,) = decided(policy, asked)
        assert decision.asks["read", "match", "home"].outcome == "release"
        assert union([decision]).outcome == "withhold"
        assert not screened(policy, asked).open


def test_the_layer_names_who_decided(tmp_path: Path) -> None:
    """Of two that say the same, for requester and recipient, the deciding one."""
    laws = [
        rule("st.a", reach={"requesters": ["police"]}),
        rule("st.b", reach={"requesters": ["ice"]}),
    ]
    policy = policy_of(tmp_path, *laws)
    asked = Question.build(
        vocabulary=policy.vocabulary,
        day=20260120,
        custodian="sheriff",
        dataset_kind="jail",
        requester_class="ice",
        facts={"purpose": "civil"},
        asks=[Ask(kind="read", use="release", category="date")],
        recipient="police",
    )
    (decision,) = decided(policy, asked)
    (ask,) = decision.asks.values()
    assert ask.rule.id == "st.b"
    assert [said.rule for said in ask.layers] == ["st.b"]


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
    screened(mine, asked)
    assert engine.calls == 4
    # A vector that is known stands beside one that is not, in the order asked.
    three = Vector(facts={"sealed": True})
    mixed = decided(mine, asked, one, three, one)
    assert [mixed[0], mixed[2]] == [decided(mine, asked, one)[0]] * 2
    assert mixed[1] == decided(mine, asked, three)[0] != mixed[0]
    assert mine.engines == ("scripted",)


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


def test_what_may_come_of_a_part_is_made_once(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two questions that come to the same for a category share it, until it is full."""
    date, home = ("read", "release", "date"), ("read", "release", "home")
    one = screened(policy, question(policy.vocabulary, date)).asks[date]
    both = screened(policy, question(policy.vocabulary, date, home))
    assert both.asks[date] is one
    assert both.asks[home].told == {**one.told, "category": "home"}

    monkeypatch.setattr("gateway.policy.screen.MOST_KEPT", 0)
    screened(policy, question(policy.vocabulary, ("read", "match", "home")))
    again = screened(policy, question(policy.vocabulary, date, bulk=True)).asks[date]
    assert again is not one


def test_equal_words_are_one_question(policy: Policy) -> None:
    """A question in the same words is checked once, and told and united once."""

    def ask() -> Question:
        return policy.question(
            day=20260120,
            custodian="sheriff",
            dataset_kind="jail",
            requester_class="ice",
            facts={"purpose": "civil"},
            asks={("read", "release", "date"): {}},
        )

    made = [ask(), ask()]
    assert made[0] is made[1]
    policy.forget()
    assert ask() is not made[0]
    (told,) = screened(policy, made[0]).told
    assert told[0] == ("read", "release", "date")
    (decision,) = decided(policy, made[0])
    assert union([decision]) is union([decision, decision])
