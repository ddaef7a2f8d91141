"""The fold: what each layer may do to what stands below it, one table row each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.policy import Policy, Vector
from gateway.policy.build import assemble
from tests.gateway.policy.reference import Reference
from tests.gateway.policy.small import (
    REVEALS,
    decided,
    library,
    question,
    rule,
    screened,
)

CONFIRMED = {"paper.warrant.judge": "issuer_confirmed"}
PAPER = [{"paper": ["warrant"], "state": "confirmed"}]
DEFAULT = rule("agency-default.p", layer="agency_default", effect="permit")
DEFAULT_NO = rule("agency-default.no", layer="agency_default", effect="prohibit")
DEFAULT_LOOK = rule("agency-default.look", layer="agency_default", effect="review")
CLOSED = rule("st.no", effect="prohibit")
OPEN = rule("st.yes", effect="permit")
CHOICE = rule("st.may", effect="permit", discretion=True)
MUST = rule("st.must", effect="require")
FEDERAL = rule("st.fed", layer="federal_permission", effect="permit")
FEDERAL_LOOK = rule("st.look", layer="federal_permission", effect="review")
SAVING = rule("st.save", layer="saving", effect="permit")
PROCESS = rule("st.paper", layer="process", effect="require", when=PAPER)
DOUBT = rule("st.doubt", layer="process", effect="review", when=PAPER)
BAR = rule("st.bar", layer="record_bar", effect="prohibit")
BAR_LOOK = rule("st.barlook", layer="record_bar", effect="review")
STUBBORN = rule("st.stubborn", effect="prohibit", resists_saving=True)
FIRM = rule("st.firm", effect="permit", local_may_restrict=False)
SHUT = rule("st.shut", effect="prohibit", local_may_expand=False)
LIFTABLE = rule(
    "st.liftable",
    layer="record_bar",
    effect="prohibit",
    overridable_by=["warrant"],
)
LIFTED = rule(
    "st.lifted",
    layer="record_bar",
    effect="prohibit",
    unless=[{"id": "no", "when": [{"fact": "bulk", "is": False}], "effect": "permit"}],
)
L_NO = rule("county.no", layer="overlay", effect="prohibit")
L_LOOK = rule("county.look", layer="overlay", effect="review")
L_YES = rule("county.yes", layer="overlay", effect="permit")

NO_DEFAULT = ("prohibit", "withhold", "agency-default.no")

ROWS: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]], str, str, str]] = [
    # what it shows, state and other rules, overlay, effect, outcome, rule
    ("nobody spoke", [], [], "prohibit", "withhold", "none"),
    ("default", [DEFAULT], [], "permit", "release", "agency-default.p"),
    ("6a replaces 6", [DEFAULT, FEDERAL_LOOK], [], "review", "wait", "st.look"),
    ("4 replaces 6a", [FEDERAL, CLOSED], [], "prohibit", "withhold", "st.no"),
    ("4 opens too", [OPEN], [], "permit", "release", "st.yes"),
    ("discretion waits", [CHOICE], [], "permit", "wait", "st.may"),
    ("of permits, discretion", [OPEN, CHOICE], [], "permit", "wait", "st.may"),
    ("require beats permit", [MUST, OPEN], [], "require", "release", "st.must"),
    ("prohibit beats permit", [CLOSED, OPEN], [], "prohibit", "withhold", "st.no"),
    ("conflict", [CLOSED, MUST], [], "review", "wait", "conflict"),
    ("narrowed", [OPEN], [L_NO], "prohibit", "withhold", "county.no"),
    ("narrowed to review", [OPEN], [L_LOOK], "review", "wait", "county.look"),
    ("widened", [CLOSED], [L_YES], "permit", "release", "county.yes"),
    ("not widened by review", [CLOSED], [L_LOOK], "prohibit", "withhold", "st.no"),
    ("default to a person", [DEFAULT_NO], [L_LOOK], "review", "wait", "county.look"),
    ("default opened", [DEFAULT_NO], [L_YES], "permit", "release", "county.yes"),
    ("hindered", [DEFAULT_NO, DEFAULT_LOOK], [L_LOOK], *NO_DEFAULT),
    ("silence to a person", [], [L_LOOK], "review", "wait", "county.look"),
    ("silence is opened", [], [L_YES], "permit", "release", "county.yes"),
    ("silence is named", [], [L_NO], "prohibit", "withhold", "county.no"),
    ("saved", [CLOSED, SAVING], [], "permit", "wait", "st.save"),
    ("saved from overlay", [OPEN, SAVING], [L_NO], "permit", "wait", "st.save"),
    ("saving opens silence", [SAVING], [], "permit", "wait", "st.save"),
    ("saving leaves require", [MUST, SAVING], [], "require", "release", "st.must"),
    ("resists", [STUBBORN, SAVING], [], "prohibit", "withhold", "st.stubborn"),
    ("process", [CLOSED, PROCESS], [], "require", "release", "st.paper"),
    ("doubt lifts", [CLOSED, DOUBT], [], "review", "wait", "st.doubt"),
    ("doubt names", [FEDERAL_LOOK, DOUBT], [], "review", "wait", "st.doubt"),
    ("doubt lowers nothing", [OPEN, DOUBT], [], "permit", "release", "st.yes"),
    ("doubt beats paper", [CLOSED, DOUBT, PROCESS], [], "review", "wait", "st.doubt"),
    ("bar", [OPEN, PROCESS, BAR], [], "prohibit", "withhold", "st.bar"),
    ("bar reviews", [OPEN, BAR_LOOK], [], "review", "wait", "st.barlook"),
    ("bar never lifts", [CLOSED, BAR_LOOK], [], "prohibit", "withhold", "st.no"),
    ("bar lifted", [OPEN, LIFTABLE], [], "permit", "release", "st.yes"),
    ("bar silent", [OPEN, LIFTED], [], "permit", "release", "st.yes"),
]


@pytest.mark.parametrize(
    ("shows", "rules", "overlay", "effect", "outcome", "decides"),
    ROWS,
    ids=[row[0] for row in ROWS],
)
def test_row(  # noqa: PLR0917 - one column of the table each
    tmp_path: Path,
    shows: str,
    rules: list[dict[str, Any]],
    overlay: list[dict[str, Any]],
    effect: str,
    outcome: str,
    decides: str,
) -> None:
    """Each row comes to what the order of laws says."""
    found = library(
        tmp_path,
        rules={
            "st": [r for r in rules if r["id"].startswith("st.")],
            "agency-default": [r for r in rules if r["id"].startswith("agency")],
        },
        overlay=overlay,
        header={"local_may_restrict": True, "local_may_expand": True},
    )
    policy = Policy(bundle=assemble(found, ["st"], "county"))
    asked = question(policy.vocabulary, papers=CONFIRMED)
    (decision,) = decided(policy, asked)
    (ask,) = decision.asks.values()
    assert (ask.effect, ask.outcome, ask.rule.id) == (effect, outcome, decides), shows
    settled = screened(policy, asked).as_decision()
    assert settled is not None
    assert settled.asks == decision.asks


@pytest.mark.parametrize(
    ("below", "local"), [(FIRM, L_NO), (MUST, L_NO), (SHUT, L_YES)]
)
def test_at_run_time_too(
    tmp_path: Path,
    below: dict[str, Any],
    local: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What an overlay may not do is not done even if loading had let it pass."""
    monkeypatch.setattr("gateway.policy.build.contradictions", lambda *_: [])
    found = library(tmp_path, rules={"st": [below]}, overlay=[local])
    policy = Policy(bundle=assemble(found, ["st"], "county"))
    (decision,) = decided(policy, question(policy.vocabulary))
    (ask,) = decision.asks.values()
    assert ask.rule.id == below["id"]


def test_exercise(tmp_path: Path) -> None:
    """A discretion that the overlay uses is released; the effect stays the law's."""
    found = library(
        tmp_path,
        rules={"st": [CHOICE]},
        overlay=[],
        overlay_header={
            "exercise": [
                {"rule": "st.may", "decision": "release", "citation": "Ord. 1"}
            ]
        },
    )
    policy = Policy(bundle=assemble(found, ["st"], "county"))
    (decision,) = decided(policy, question(policy.vocabulary))
    (ask,) = decision.asks.values()
    assert (ask.effect, ask.discretion, ask.outcome) == ("permit", True, "release")


def test_a_saving_lifts_nothing_that_may_stand_beside(tmp_path: Path) -> None:
    """A prohibit that an unknown fact leaves standing is not lifted with another.

    Only where the fact is known to make none does the saving open, and the plain
    evaluator says the same in both.
    """
    unsure = rule(
        "st.unsure", when=[{"fact": "convicted", "is": True}], reveals=REVEALS
    )
    found = library(tmp_path, rules={"st": [CLOSED, unsure, SAVING]})
    policy = Policy(bundle=assemble(found, ["st"], None))
    reference = Reference(policy.vocabulary, found.rules(found.chosen(["st"], None)))
    asked = question(policy.vocabulary)
    known = Vector(facts={"convicted": False})
    decisions = decided(policy, asked, Vector.unknown(), known)
    plain = [
        reference.answers(dict(asked.document), {"facts": facts, "categories": {}})
        for facts in ({}, {"convicted": False})
    ]
    for decision, (answer,), expected in zip(
        decisions, plain, [("prohibit", "withhold"), ("permit", "wait")], strict=True
    ):
        (ask,) = decision.asks.values()
        assert (ask.effect, ask.outcome) == expected
        assert (answer.effect, answer.outcome) == expected
