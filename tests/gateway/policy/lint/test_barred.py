"""Local rules put to the law on policies: what it bars, and for whom."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import InvalidFile, Mistake
from gateway.policy.lint.barred import barred
from tests.gateway.policy.small import library, rule, titled, vocabulary_text

TODAY = dt.date(2026, 1, 20)
CHANGES: dict[str, Any] = {
    "kind": "change",
    "category": "change",
    "dataset": "cars",
    "purpose": "none_given",
    "requester": "police",
    "concerns": ["fed"],
    "direction": "direction",
    "narrows": "narrows",
    "widens": "widens",
    "subject": "subject",
    "other": "other",
    "subjects": {
        "holds": {"kinds": ["hold"]},
        "status": {"categories": ["status"]},
        "home": {"kinds": ["notify"], "categories": ["home"]},
    },
}


def words(**members: Any) -> dict[str, Any]:
    """Return the small vocabulary with changes of policies."""
    text = vocabulary_text()
    text["kinds"]["change"] = {"title": "Change", "category": "change"}
    text["categories"]["change"] = {"title": "change", "tags": ["T"]}
    directions = {"type": "code", "values": ["narrows", "widens"], "scope": "request"}
    subjects = ["holds", "status", "home", "other"]
    text["facts"]["direction"] = directions
    text["facts"]["subject"] = {**directions, "values": subjects}
    text["reason_codes"] |= titled("RULE")
    return text | {"policy_changes": CHANGES | members}


BAR = rule(
    "st.bar",
    citation="Law 7",
    reach={"kinds": ["change"], "custodians": ["sheriff"]},
    when=[
        {"fact": "direction", "is": "narrows"},
        {"fact": "subject", "in": ["holds", "other"]},
    ],
    unless=[
        {"id": "bulk", "when": [{"fact": "bulk", "is": True}], "effect": "permit"},
        {
            "id": "level",
            "when": [{"fact": "level", "at_least": 2}],
            "effect": "prohibit",
            "reason": "RULE_PROHIBITS",
        },
    ],
    reason="POLICY_BARRED",
)


def local(**members: Any) -> dict[str, Any]:
    """Return a local rule about holds for ICE."""
    reach = {"requesters": ["ice"], "kinds": ["hold"]}
    return rule("county.a", layer="overlay", **{"reach": reach, **members})


def found(tmp_path: Path, *rules: dict[str, Any], **members: Any) -> list[Mistake]:
    """Return what is barred of these local rules."""
    text = vocabulary_text() if members.get("off") else words(**members)
    law = [] if members.get("off") else [BAR]
    made = library(tmp_path, rules={"st": law}, overlay=rules, words=text)
    stack = made.rules(made.chosen(["st"], "county"))
    return list(barred(stack, made.vocabulary, TODAY))


def test_barred(tmp_path: Path) -> None:
    """A local rule that does what a law on policies bars is found, with that law."""
    (mistake,) = found(tmp_path, local())
    assert mistake.problem == "it narrows holds, which is barred for sheriff"
    assert mistake.advice == "see st.bar (Law 7), or reach less"
    assert (mistake.code, mistake.citation) == ("policy_barred", "Law 7")
    assert mistake.path.endswith("0(county.a)")


@pytest.mark.parametrize(
    "rule_",
    [
        local(effect="permit"),
        local(reach={"requesters": ["police"], "kinds": ["hold"]}),
        local(reach={"requesters": ["ice"], "kinds": ["hold"], "custodians": ["dmv"]}),
        local(reach={"requesters": ["ice"], "categories": ["status"]}),
        local(
            reach={"requesters": ["ice"], "kinds": ["notify"], "categories": ["home"]}
        ),
        local(when=[{"fact": "bulk", "is": True}]),
        local(when=[{"fact": "recipient", "is": "ice"}, {"fact": "bulk", "is": True}]),
    ],
)
def test_not_barred(tmp_path: Path, rule_: dict[str, Any]) -> None:
    """Another direction, requester, custodian or subject, and what the law excepts."""
    assert found(tmp_path, rule_) == []


def test_what_is_about_nothing_listed_is_other(tmp_path: Path) -> None:
    """A rule that no subject takes in is put to the law as another one."""
    reach = {"requesters": ["ice"], "kinds": ["read"], "categories": ["date"]}
    when = [
        {"fact": "convicted", "is": True},
        {"fact": "level", "at_most": 1},
        {"fact": "agreement", "in": ["none", "in_force"]},
    ]
    reveals = {"categories": ["status"], "citation": "Law 1"}
    (mistake,) = found(tmp_path, local(reach=reach, when=when, reveals=reveals))
    assert mistake.problem == "it narrows other, which is barred for sheriff"


OPENING = {
    **BAR,
    "when": [{"fact": "direction", "is": "widens"}],
    "unless": [],
    "reach": {"kinds": ["change"]},
}
LEFT = rule(
    "st.left",
    reach={"requesters": ["ice"], "kinds": ["hold"], "purposes": ["crime"]},
    local_may_expand=True,
)
CRIME = {"requesters": ["ice"], "kinds": ["hold"], "purposes": ["crime"]}


@pytest.mark.parametrize(
    ("law", "reach", "bars"),
    [
        (LEFT, CRIME, 0),
        (LEFT, {**CRIME, "purposes": ["crime", "civil"]}, 1),
        (LEFT, {**CRIME, "requesters": ["ice", "police"]}, 0),
        (LEFT, {**CRIME, "requesters": ["ice", "fbi"]}, 1),
        (LEFT, {**CRIME, "kinds": ["hold", "notify"]}, 1),
        ({**LEFT, "local_may_expand": False}, CRIME, 1),
        ({**LEFT, "effect": "review"}, CRIME, 1),
        ({**LEFT, "effective": {"until": "2026-01-01"}}, CRIME, 1),
    ],
)
def test_what_the_law_itself_leaves_to_local_policy(
    tmp_path: Path, law: dict[str, Any], reach: dict[str, Any], bars: int
) -> None:
    """What it says of the very request goes before what it says of policies."""
    opens = local(effect="permit", reach=reach)
    made = library(
        tmp_path, rules={"st": [OPENING, law]}, overlay=[opens], words=words()
    )
    stack = made.rules(made.chosen(["st"], "county"))
    assert len(list(barred(stack, made.vocabulary, TODAY))) == bars


def test_a_prohibition_with_another_reason_is_none(tmp_path: Path) -> None:
    """Only what the law calls an error of a written policy is one."""
    assert len(found(tmp_path, local(when=[{"fact": "level", "is": 1}]))) == 1
    text = words()
    bar = {**BAR, "reason": "RULE_PROHIBITS"}
    made = library(tmp_path, rules={"st": [bar]}, overlay=[local()], words=text)
    stack = made.rules(made.chosen(["st"], "county"))
    assert list(barred(stack, made.vocabulary, TODAY)) == []


def test_without_words_for_it(tmp_path: Path) -> None:
    """A vocabulary that does not say how it is asked leaves nothing to ask."""
    assert found(tmp_path, local(), off=True) == []


def test_words_are_looked_up(tmp_path: Path) -> None:
    """Each word of the question must be in its list."""
    wrong = {
        **dict.fromkeys(("kind", "category", "dataset", "purpose"), "nope"),
        **dict.fromkeys(("requester", "narrows", "widens", "other"), "nope"),
        "concerns": ["nope"],
        "subjects": {"holds": {"kinds": ["nope"], "categories": ["nope"]}},
    }
    with pytest.raises(InvalidFile) as caught:
        found(tmp_path, local(), **wrong)
    assert [m.path.partition("yaml:")[2] for m in caught.value.mistakes] == [
        "policy_changes.kind",
        "policy_changes.category",
        "policy_changes.dataset",
        "policy_changes.purpose",
        "policy_changes.requester",
        "policy_changes.concerns",
        "policy_changes.direction",
        "policy_changes.direction",
        "policy_changes.subjects",
        "policy_changes.subjects.holds.kinds",
        "policy_changes.subjects.holds.categories",
    ]
