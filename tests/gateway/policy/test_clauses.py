"""The clauses of rules: whom they reach, when they are in force, what is unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.policy import Vector
from tests.gateway.policy.small import REVEALS, decided, policy_of, question, rule

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
