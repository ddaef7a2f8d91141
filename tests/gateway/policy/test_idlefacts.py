"""A fact that no rule reads changes nothing; whoever states it is told."""

from __future__ import annotations

from pathlib import Path

from gateway.policy.case import CaseFile
from gateway.policy.idlefacts import IdleFacts
from tests.gateway.policy.small import REVEALS, case_text, library, rule

LAW = rule(
    "st.a",
    layer="record_bar",
    when=[{"fact": "sealed", "is": True}],
    overridable_by=["warrant"],
    reveals=REVEALS,
    unless=[
        {"id": "n", "when": [{"fact": "need", "is": True}], "effect": "permit"},
    ],
)


def test_facts_that_no_rule_reads(tmp_path: Path) -> None:
    """Each is named once, where nothing of its own stack looks at it."""
    found = library(tmp_path, rules={"st": [LAW], "tx": []})
    request = {**case_text()["request"], "need": True, "level": 2, "recipient": "fbi"}
    stated = {
        "request": {**request, "statements": {}},
        "requester": {"class": "ice", "agreement": "in_force"},
        "facts": {"sealed": True, "convicted": False},
        "category_facts": {"home": {"public": True}, "date": {"public": True}},
    }
    idle = IdleFacts(found)

    def named(**members: object) -> list[str]:
        case = CaseFile.model_validate(case_text(**stated, **members))
        return [said.split(" is read")[0] for said in idle.notices(case)]

    assert named() == ["level", "agreement", "convicted", "public"]
    assert named() == ["level", "agreement", "convicted", "public"]
    assert named(packs=["tx"]) == [
        "need",
        "level",
        "agreement",
        "sealed",
        "convicted",
        "public",
    ]
