"""A case asks what a gateway would ask: it fills in what a gateway works out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.errors import InvalidFile
from gateway.policy.case import CaseFile
from gateway.policy.casequestion import case_question
from gateway.policy.pack import shipped_policies
from gateway.policy.vocabulary import load_vocabulary

WORDS = load_vocabulary(shipped_policies() / "vocabulary.yaml")
SWORN = {"certification.no_immigration_use_sworn": "in_force"}
WARRANT = {"type": "ao93", "signer": "magistrate", "state": "issuer_confirmed"}


def basis(who: dict[str, Any], *papers: dict[str, Any], **statements: str) -> object:
    """Return what the purpose of a case's request rests on."""
    case = CaseFile.model_validate(
        {
            "schema": "sallyport.case/1",
            "id": "purpose",
            "title": "What a purpose rests on",
            "packs": ["us-federal"],
            "day": "2026-01-20",
            "custodian": "dmv",
            "dataset": "dmv",
            "request": {
                "kinds": ["read_fields"],
                "categories": ["home_address"],
                "purpose": "criminal_investigation",
                "statements": statements,
            },
            "requester": who,
            "papers": [*papers],
        }
    )
    question, _ = case_question(case, WORDS, "case.yaml")
    return json.loads(question.canonical)["facts"].get("purpose_basis", "declared")


@pytest.mark.parametrize(
    ("who", "papers", "rests_on"),
    [
        ({"class": "ice_hsi"}, [], "declared"),
        ({"class": "ice_hsi", **SWORN}, [], "certified"),
        ({"class": "ice_hsi"}, [WARRANT], "process"),
        ({"class": "ice_hsi"}, [{**WARRANT, "state": "unverified"}], "declared"),
        ({"class": "ice_hsi"}, [{**WARRANT, "covers": ["photo"]}], "declared"),
        ({"class": "state_le", **SWORN}, [], "declared"),
    ],
)
def test_what_a_purpose_rests_on_is_found_out(
    who: dict[str, Any], papers: list[dict[str, Any]], rests_on: str
) -> None:
    """From certifications, and from papers that cover what is asked."""
    assert basis(who, *papers) == rests_on


def test_a_recipient_has_a_purpose_too() -> None:
    """What it is presumed to ask for is left by the same word."""
    who = {"class": "state_le"}
    assert basis(who, recipient="ice_ero") == "declared"
    assert basis({**who, **SWORN}, recipient="ice_ero") == "certified"


def test_what_a_case_says_itself_stands() -> None:
    """It may try what a gateway would not have worked out."""
    assert basis({"class": "ice_hsi", "purpose_basis": "certified"}) == "certified"


def test_a_class_that_is_not_known_is_a_mistake_as_before() -> None:
    """Nothing is worked out for it."""
    with pytest.raises(InvalidFile, match="ice_hsj"):
        basis({"class": "ice_hsj"})
