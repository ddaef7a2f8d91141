"""Case files: read, decided, compared with what they expect, explained."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import InvalidFile
from gateway.policy.case import case_schema, load_case
from gateway.policy.trial import Stacks, Trial, case_files, run_case
from tests.gateway.policy.small import REVEALS, case_text, library, rule

LAWS = [
    rule(
        "st.open",
        effect="permit",
        discretion=True,
        reach={"categories": ["date"], "not_requesters": ["police"]},
        reveals=REVEALS,
        when=[{"fact": "agreement", "is": "in_force"}],
        change=["agreement"],
        obligations=["log"],
        effective={"from": "2018-01-01", "until": "2030-01-01"},
        unless=[
            {
                "id": "old",
                "when": [
                    {"fact": "validated_on", "before_years": 5},
                    {"fact": "level", "at_least": 1},
                    {"fact": "level", "at_most": 2},
                    {"day": {"from": "2020-01-01"}},
                    {"no_paper": ["detainer"], "state": "presented"},
                    {"fact": "need", "known": True},
                ],
                "effect": "prohibit",
            },
            {
                "id": "young",
                "when": [
                    {"fact": "validated_on", "within_years": 1},
                    {"fact": "validated_on", "after": "2019-01-01"},
                    {"fact": "level", "is": 1},
                ],
                "effect": "review",
                "reviewer": "command",
            },
        ],
    ),
    rule(
        "st.home",
        effect="prohibit",
        reach={"categories": ["home"], "datasets": ["jail"]},
    ),
    rule(
        "st.duty",
        effect="review",
        reach={"categories": ["date"], "datasets": ["cars"]},
        reason="DUTY_NOT_MET",
    ),
    rule(
        "st.policy",
        effect="prohibit",
        reach={"categories": ["home"], "datasets": ["cars"]},
        reason="POLICY_BARRED",
    ),
    rule(
        "st.hold",
        layer="process",
        effect="require",
        reach={"kinds": ["hold", "read"], "categories": ["hold", "number", "status"]},
        when=[{"paper": ["warrant"], "by": ["judge"], "state": "confirmed"}],
    ),
    rule(
        "st.bar",
        layer="record_bar",
        reach={"categories": ["number"], "use": ["release", "match"]},
        overridable_by=[{"paper": ["warrant"], "by": ["judge"]}],
    ),
]
CASE = case_text(requester={"class": "ice", "agreement": "in_force"})


def run(tmp_path: Path, **members: Any) -> Trial:
    """Run one case over the rules above."""
    root = tmp_path / "policies"
    stacks = Stacks(library(root, rules={"st": LAWS}))
    path = tmp_path / "case.yaml"
    path.write_text(json.dumps({**CASE, **members}))
    case = load_case(path)
    policy = stacks.policy(case.packs, case.overlay)
    assert stacks.policy(case.packs, case.overlay) is policy
    return asyncio.run(run_case(case, policy, "case.yaml"))


PAPER = {"type": "warrant", "signer": "judge", "state": "issuer_confirmed"}
HOLD = {"kinds": ["hold"], "purpose": "civil"}
TWO = {"kinds": ["read"], "categories": ["date", "home"], "purpose": "civil"}
STATUS = {"kinds": ["read"], "categories": ["status"], "purpose": "civil"}
WELL: list[dict[str, Any]] = [
    {
        "facts": "pending",
        "requester": {"class": "ice", "agreement": "in_force", "level": 1},
        "request": TWO,
        "expect": {"effect": {"home": "prohibit"}},
    },
    {"expect": {"effect": "permit", "outcome": "wait", "obligations": ["log"]}},
    {"expect": {"reasons": ["RULE_PERMITS"], "reviewer": "counsel"}},
    {"request": TWO, "expect": {"effect": "partial"}},
    {"request": TWO, "expect": {"effect": {"date": "permit", "home": "prohibit"}}},
    {"request": HOLD, "papers": [PAPER], "expect": {"effect": "permit"}},
    {"request": HOLD, "papers": [PAPER], "expect": {"effect": "require"}},
    {"request": HOLD, "expect": {"effect": "fall_through"}},
    {"request": HOLD, "expect": {"effect": "none"}},
    {"request": STATUS, "expect": {"effect": "fall_through", "outcome": "withhold"}},
    {"facts": "pending", "request": STATUS, "expect": {"effect": "prohibit"}},
    {
        "facts": {"validated_on": "2025-06-01"},
        "requester": {"class": "ice", "agreement": "in_force", "level": 1},
        "expect": {"effect": "review", "reviewer": "command"},
    },
    {
        "papers": [{**PAPER, "covers": ["status"]}],
        "request": {**STATUS, "match": ["number"], "statements": {"need": True}},
        "category_facts": {"status": {"public": True}},
        "expect": {"effect": "require", "outcome": {"status": "release"}},
    },
    {
        "request": HOLD,
        "papers": [{**PAPER, "face": {"signed": True}, "issued": "2026-01-06"}],
        "expect": {"effect": "require"},
    },
    {
        "request": HOLD,
        "papers": [{**PAPER, "issued": "2026-01-05"}],
        "expect": {"effect": "prohibit"},
    },
    {
        "request": HOLD,
        "papers": [{**PAPER, "issued": "2026-01-21"}],
        "expect": {"effect": "prohibit"},
    },
    {
        "request": HOLD,
        "papers": [{**PAPER, "face": {"signed": False}}],
        "expect": {"effect": "prohibit"},
    },
    {
        "dataset": "cars",
        "expect": {"effect": "alert"},
    },
    {
        "dataset": "cars",
        "request": {**STATUS, "categories": ["home"]},
        "expect": {"effect": "lint_error"},
    },
]


@pytest.mark.parametrize("members", WELL, ids=[str(i) for i in range(len(WELL))])
def test_as_expected(tmp_path: Path, members: dict[str, Any]) -> None:
    """A case that comes to what it expects has no failures."""
    assert run(tmp_path, **members).failures == ()


OPEN: dict[str, Any] = {
    "facts": "pending",
    "requester": {"class": "ice", "agreement": "in_force", "level": 1},
}
ILL: list[tuple[dict[str, Any], str]] = [
    (
        {"expect": {"effect": "require"}},
        "date: expected require, got permit by st.open",
    ),
    ({"expect": {"effect": "alert"}}, "date: expected alert, got permit"),
    ({"expect": {"effect": "partial"}}, "expected outcomes that differ"),
    ({"expect": {"effect": {"home": "permit"}}}, "home: was not asked"),
    ({"expect": {"outcome": "release"}}, "date: expected outcome release, got wait"),
    ({"expect": {"outcome": {"home": "wait"}}}, "home: expected outcome wait, got not"),
    ({"expect": {"obligations": ["tell"]}}, "obligation tell is missing; got log"),
    ({"expect": {"reasons": ["SEALED"]}}, "reason SEALED is missing"),
    ({"expect": {"reviewer": "command"}}, "reviewer command is missing; got counsel"),
    ({**OPEN, "expect": {"effect": "permit"}}, "date: expected permit, got permit_"),
    ({**OPEN, "expect": {"effect": {"home": "none"}}}, "got not asked"),
    (
        {"requester": {"class": "police"}, "expect": {"effect": "permit"}},
        "got prohibit by none",
    ),
]


@pytest.mark.parametrize(
    ("members", "says"), ILL, ids=[str(i) for i in range(len(ILL))]
)
def test_not_as_expected(tmp_path: Path, members: dict[str, Any], says: str) -> None:
    """What is not as expected is said in words."""
    assert says in "\n".join(run(tmp_path, **members).failures)


def test_pending_as_expected(tmp_path: Path) -> None:
    """A case that screens only may expect the one effect that is possible."""
    trial = run(tmp_path, **OPEN, expect={})
    assert trial.decision is None
    assert trial.screen.needs == {"validated_on"}


def test_outside_the_screen_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decision that the screen did not allow would be a failure."""
    monkeypatch.setattr("gateway.policy.trial._unexpected", lambda *_: [])
    trial = run(tmp_path)
    asks = dict(trial.screen.asks)
    (key,) = asks
    object.__setattr__(asks[key], "effects", frozenset({"require"}))
    from gateway.policy.trial import _outside  # noqa: PLC0415 - broken on purpose

    assert list(_outside(trial.screen, trial.decision)) == [
        "date: permit_discretion is outside the screen"
    ]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"request": {**HOLD, "kinds": ["holt"]}}, "request.kinds: holt .* hold"),
    (
        {"papers": [{**PAPER, "signer": "officer"}]},
        "no warrant signed by officer; its signers are clerk, judge",
    ),
    (
        {"papers": [{**PAPER, "type": "warant"}]},
        "no warant signed by judge; did you mean warrant",
    ),
    (
        {"papers": [{**PAPER, "face": {"singed": False}}]},
        r"papers\.0\.face: singed is not a known word.* signed",
    ),
    ({"custodian": "sherif"}, "custodian: sherif"),
    ({"facts": {"validated_on": "2020-13"}}, "validated_on: 2020-13 is not a value"),
    ({"facts": {"validated_on": "a-b-c"}}, "validated_on: a-b-c is .*YYYY-MM-DD"),
    ({"facts": {"validate_on": 20200101}}, "did you mean validated_on"),
    ({"requester": {"class": "ice", "nothing": 1}}, "nothing is no fact"),
    ({"colour": "red"}, "colour"),
    ({"day": "20.1.2026"}, "day"),
]


@pytest.mark.parametrize(
    ("members", "says"), WRONG, ids=[str(i) for i in range(len(WRONG))]
)
def test_wrong_cases(tmp_path: Path, members: dict[str, Any], says: str) -> None:
    """A case file with a wrong word is refused, the place named."""
    with pytest.raises(InvalidFile, match=says):
        run(tmp_path, **members)


def test_bulk_is_filled_in(tmp_path: Path) -> None:
    """What a gateway fills in by itself is filled in for a case too."""
    from gateway.policy.case import CaseFile  # noqa: PLC0415 - beside its use
    from gateway.policy.casequestion import (  # noqa: PLC0415 - a private rule
        _said,
    )

    case = CaseFile.model_validate(
        {**CASE, "request": {"kinds": ["bulk_export"], "purpose": "x", "match": ["n"]}}
    )
    said = _said(case)
    assert (said["bulk"], said["subjects_given"]) == (True, True)
    assert tmp_path.exists()


def test_files_are_found(tmp_path: Path) -> None:
    """A folder means every case file in its scenarios folders, or else its own."""
    (tmp_path / "a" / "scenarios").mkdir(parents=True)
    (tmp_path / "a" / "scenarios" / "x.yaml").touch()
    one = tmp_path / "one.yaml"
    own = tmp_path / "a/scenarios/x.yaml"
    assert case_files([tmp_path, one]) == [own, one]
    assert case_files([tmp_path / "a/scenarios"]) == [own]
    (tmp_path / "b").mkdir()
    (tmp_path / "b/pack.yaml").touch()
    assert case_files([tmp_path / "b"]) == []


def test_the_schema_says_the_format() -> None:
    """The JSON Schema names what a case must have."""
    schema: Any = case_schema()
    assert "schema" in schema["required"]
    assert schema["properties"]["packs"]["type"] == "array"


def test_a_wrong_expectation_is_one_mistake(tmp_path: Path) -> None:
    """What may be a word or a table of words is named once, with the words."""
    text = json.dumps({**CASE, "expect": {"effect": "report"}})  # YAML as well
    (tmp_path / "case.yaml").write_text(text)
    with pytest.raises(InvalidFile) as caught:
        load_case(tmp_path / "case.yaml")
    (mistake,) = caught.value.mistakes
    assert mistake.path.endswith("case.yaml:expect.effect")
    assert "'prohibit'" in mistake.problem
