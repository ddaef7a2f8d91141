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
    policy_of,
    question,
    rule,
    screened,
)

CONFIRMED = {"paper.warrant.judge": "issuer_confirmed"}
PAPER = [{"paper": ["warrant"], "state": "confirmed"}]
DEFAULT = rule("agency-default.p", layer="agency_default", effect="permit")
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


UNKNOWN_ROWS: list[tuple[str, dict[str, Any], str]] = [
    ("permit needs it", {"effect": "permit"}, "prohibit"),
    ("require needs it", {"effect": "require"}, "prohibit"),
    ("prohibit holds", {"effect": "prohibit"}, "prohibit"),
    ("as review", {"effect": "prohibit", "on_unknown": "review"}, "review"),
    ("review holds", {"effect": "review"}, "review"),
]


@pytest.mark.parametrize(("shows", "members", "effect"), UNKNOWN_ROWS)
def test_unknown(
    tmp_path: Path, shows: str, members: dict[str, Any], effect: str
) -> None:
    """A fact that is not known opens nothing and lets what closes hold."""
    law = rule(
        "st.a",
        when=[{"fact": "convicted", "is": True}],
        reveals=REVEALS,
        **members,
    )
    policy = policy_of(tmp_path, law)
    (decision,) = decided(policy, question(policy.vocabulary))
    (ask,) = decision.asks.values()
    assert ask.effect == effect, shows


def test_review_by_unknown_goes_on(tmp_path: Path) -> None:
    """A review that holds only by what is unknown yields to a later prohibit."""
    convicted = {"fact": "convicted", "is": True}
    law = rule(
        "st.a",
        effect="prohibit",
        reveals=REVEALS,
        unless=[
            {"id": "look", "when": [convicted], "effect": "review"},
            {
                "id": "open",
                "when": [{"fact": "level", "at_least": 2}],
                "effect": "permit",
            },
        ],
    )
    policy = policy_of(tmp_path, law)

    def effect(level: int, **facts: bool) -> tuple[str, str]:
        asked = question(policy.vocabulary, level=level)
        (decision,) = decided(policy, asked, Vector(facts=facts))
        (ask,) = decision.asks.values()
        return ask.effect, ask.case

    assert effect(0) == ("prohibit", "")
    assert effect(2) == ("review", "look")
    assert effect(2, convicted=True) == ("review", "look")
    assert effect(2, convicted=False) == ("permit", "open")
    assert effect(0, convicted=True) == ("review", "look")


def test_purpose_not_stated(tmp_path: Path) -> None:
    """Without a purpose, rules that name purposes close and do not open."""
    laws = [
        rule("st.no", reach={"purposes": ["civil"], "categories": ["date"]}),
        rule(
            "st.yes",
            effect="permit",
            reach={"not_purposes": ["civil"], "categories": ["home"]},
        ),
        rule(
            "st.look",
            effect="review",
            reach={"purposes": ["civil"], "categories": ["status"]},
        ),
    ]
    policy = policy_of(tmp_path, *laws)
    asked = question(
        policy.vocabulary,
        ("read", "release", "date"),
        ("read", "release", "home"),
        ("read", "release", "status"),
        purpose="unknown",
    )
    (decision,) = decided(policy, asked)
    assert [(a.category, a.effect, a.rule.id) for a in decision.asks.values()] == [
        ("date", "prohibit", "st.no"),
        ("home", "prohibit", "none"),
        ("status", "review", "st.look"),
    ]


def test_special_categories(tmp_path: Path) -> None:
    """Existence, and kinds without fields, are reached only by rules that name them."""
    laws = [
        rule("st.all", effect="permit"),
        rule("st.hold", effect="review", reach={"kinds": ["hold"]}),
        rule("st.nohold", reach={"kinds": ["hold"], "not_categories": ["hold"]}),
        rule("st.exists", effect="require", reach={"categories": ["record_exists"]}),
        rule(
            "st.match",
            effect="permit",
            reach={"kinds": ["hold"], "categories": ["number"], "use": ["match"]},
        ),
    ]
    policy = policy_of(tmp_path, *laws)
    asked = question(
        policy.vocabulary,
        ("hold", "release", "hold"),
        ("hold", "release", "record_exists"),
        ("hold", "match", "number"),
        ("hold", "match", "date"),
        ("read", "match", "number"),
        ("read", "release", "record_exists"),
        ("read", "release", "number"),
    )
    (decision,) = decided(policy, asked)
    found = {key: ask.rule.id for key, ask in decision.asks.items()}
    assert found == {
        ("hold", "release", "hold"): "st.hold",
        ("hold", "release", "record_exists"): "st.exists",
        ("hold", "match", "number"): "st.match",
        ("hold", "match", "date"): "none",
        ("read", "match", "number"): "none",
        ("read", "release", "record_exists"): "st.exists",
        ("read", "release", "number"): "st.all",
    }


def test_dates_and_days(tmp_path: Path) -> None:
    """A rule out of force is absent; day conditions hold from the first day on."""
    laws = [
        rule(
            "st.a",
            effect="permit",
            effective={"from": "2024-02-29", "until": "2026-01-20"},
            unless=[
                {
                    "id": "young",
                    "when": [{"day": {"until": "2025-01-01"}}],
                    "effect": "review",
                }
            ],
        )
    ]
    policy = policy_of(tmp_path, *laws)

    def effect(day: int) -> str:
        asked = question(policy.vocabulary, day=day)
        (decision,) = decided(policy, asked)
        (ask,) = decision.asks.values()
        return ask.effect

    days = (20240228, 20240229, 20241231, 20250101, 20260119, 20260120)
    found = [effect(day) for day in days]
    assert found == ["prohibit", "review", "review", "permit", "permit", "prohibit"]


@pytest.mark.parametrize(
    ("test", "day", "opens"),
    [
        ({"before_years": 5}, 20210119, True),
        ({"before_years": 5}, 20210120, False),
        ({"within_years": 5}, 20210120, True),
        ({"within_years": 5}, 20210119, False),
        ({"before": "2024-03-01"}, 20240229, True),
        ({"before": "2024-03-01"}, 20240301, False),
        ({"after": "2024-03-01"}, 20240302, True),
        ({"after": "2024-03-01"}, 20240301, False),
        ({"known": True}, 20240301, True),
        ({"within_years": 5}, 20260120, True),
        ({"within_years": 5}, 20260121, False),
        ({"before_years": 5}, 20260121, False),
        ({"after": "2024-03-01"}, 20260121, True),
    ],
)
def test_boundaries(
    tmp_path: Path,
    test: dict[str, Any],
    day: int,
    opens: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Both sides of each boundary of days; unknown opens on neither.

    Nor does a day that has not come yet where years are counted: it is a slip.
    """
    law = rule(
        "st.a",
        effect="permit",
        reveals=REVEALS,
        when=[{"fact": "validated_on", **test}],
    )
    policy = policy_of(tmp_path, law)
    asked = question(policy.vocabulary)
    vectors = [Vector(facts={"validated_on": day}), Vector()]
    known, unknown = decided(policy, asked, *vectors)
    assert [a.effect == "permit" for a in known.asks.values()] == [opens]
    assert [a.effect for a in unknown.asks.values()] == ["prohibit"]


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
