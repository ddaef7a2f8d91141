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
        ({"class": "ice_hsi"}, [{**WARRANT, "issued": "2026-01-20"}], "process"),
        ({"class": "ice_hsi"}, [{**WARRANT, "issued": "2026-01-21"}], "declared"),
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


ORDINARY = {
    "sealed",
    "juvenile",
    "protected_1367",
    "victim_or_witness",
    "victim_cooperates",
    "victim_of_listed_crime",
    "proved_lawful_status",
}
"""What an ordinary record is not."""


def record(facts: object) -> dict[str, object] | None:
    """Return the facts of a case's record as engines get them."""
    case = CaseFile.model_validate(
        {
            "schema": "sallyport.case/1",
            "id": "record",
            "title": "What is known of a record",
            "packs": ["us-federal"],
            "day": "2026-01-20",
            "custodian": "sheriff",
            "dataset": "jail",
            "request": {
                "kinds": ["read_fields"],
                "categories": ["release_date"],
                "purpose": "criminal_investigation",
            },
            "requester": {"class": "ice_hsi"},
            "facts": facts,
        }
    )
    _, vector = case_question(case, WORDS, "case.yaml")
    return None if vector is None else dict(vector.facts)


def test_a_case_speaks_of_an_ordinary_record() -> None:
    """What protects somebody is false unless it is said; what opens is unknown."""
    assert record({}) == dict.fromkeys(ORDINARY, False)
    assert record({"sealed": True, "in_custody": True}) == {
        **dict.fromkeys(ORDINARY, False),
        "sealed": True,
        "in_custody": True,
    }


def test_a_case_says_what_is_not_known() -> None:
    """Of what is ordinarily false, and of anything else."""
    said = {"sealed": "unknown", "in_custody": "unknown"}
    assert record(said) == dict.fromkeys(ORDINARY - {"sealed"}, False)


def test_a_record_has_facts_of_records_only() -> None:
    """What a request says is no fact of the record, and a value is of its fact."""
    with pytest.raises(InvalidFile, match=r"facts\.person_named: person_named is no"):
        record({"person_named": True})
    with pytest.raises(InvalidFile, match=r"facts\.sentence_end: 5 is not a value"):
        record({"sentence_end": 5})


def test_a_screen_knows_no_record() -> None:
    """Not an ordinary one either."""
    assert record("pending") is None


def test_another_word_is_no_value() -> None:
    """Only ``unknown`` stands for a fact that is not known."""
    with pytest.raises(InvalidFile, match="not_known is not a value"):
        record({"sealed": "not_known"})
