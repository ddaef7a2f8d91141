"""What a requester may be told: of the screen alone, whatever the record says."""

from __future__ import annotations

from pathlib import Path

from gateway.canonical import canonical
from gateway.policy import Policy, Vector, requester_view
from tests.gateway.policy.scripted import BAR, CONVICTED
from tests.gateway.policy.small import (
    REVEALS,
    decided,
    policy_of,
    question,
    rule,
    screened,
)


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
