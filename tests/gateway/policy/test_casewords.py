"""Every wrong word of a case is named at once, where its writer wrote it."""

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
CASE: dict[str, Any] = {
    "schema": "sallyport.case/1",
    "id": "words",
    "title": "Words",
    "packs": ["us-federal"],
    "day": "2026-01-20",
    "custodian": "sheriff",
    "dataset": "jail",
    "request": {
        "kinds": ["read_fields"],
        "categories": ["home_address"],
        "purpose": "immigration_civil",
    },
    "requester": {"class": "ice_ero"},
}


def wrong(**members: object) -> dict[str, str]:
    """Return what is wrong with a case that has other members, by where it is."""
    case = CaseFile.model_validate({**CASE, **members})
    with pytest.raises(InvalidFile) as refused:
        case_question(case, WORDS, "c.yaml")
    return {
        mistake.path: f"{mistake.problem}; {mistake.advice}"
        for mistake in refused.value.mistakes
    }


def test_every_wrong_word_is_named_at_once() -> None:
    """One reading names all, in the writer's own places, with the nearest word."""
    found = wrong(
        custodian="sherif",
        dataset="jial",
        request={
            "kinds": ["read_fields"],
            "categories": ["home_adress", "photo"],
            "match": ["nmae"],
            "purpose": "imigration_civil",
            "statements": {"declared_purpos": "x"},
            "recipient": "icee",
        },
        requester={"class": "ice_eero", "agreement_sinned": True},
        papers=[
            {
                "type": "i247a",
                "signer": "immigration_oficer",
                "state": "issuer_confirmd",
                "face": {"box_9": True},
                "covers": ["phota"],
            }
        ],
        facts={"in_custodi": True, "in_custody": 3},
        category_facts={"release_dat": {}, "photo": {"publicly_availabl": True}},
    )

    assert {path.removeprefix("c.yaml:"): said for path, said in found.items()} == {
        "custodian": "sherif is not a known word; did you mean sheriff?",
        "dataset": "jial is not a known word; did you mean jail?",
        "requester.class": "ice_eero is not a known word; did you mean ice_ero?",
        "request.purpose": "imigration_civil is not a known word; "
        "did you mean immigration_civil?",
        "request.categories": "home_adress is not a known word; "
        "did you mean home_address?",
        "request.match": "nmae is not a known word; did you mean name?",
        "request.statements.declared_purpos": "declared_purpos is no fact of this "
        "place; did you mean purpose?",
        "request.recipient": "icee is not a value of it; did you mean ice_ero?",
        "requester.agreement_sinned": "agreement_sinned is no fact of this place; "
        "did you mean agreement_signed?",
        "papers.0": "there is no i247a signed by immigration_oficer; "
        "its signers are immigration_officer",
        "papers.0.state": "issuer_confirmd is not a known word; "
        "did you mean issuer_confirmed?",
        "papers.0.face": "box_9 is not a known word; did you mean box_2?",
        "papers.0.covers": "phota is not a known word; did you mean photo?",
        "facts.in_custodi": "in_custodi is no fact of this place; "
        "did you mean in_custody?",
        "facts.in_custody": "3 is not a value of it; true or false",
        "category_facts": "release_dat is not a known word; did you mean release_date?",
        "category_facts.photo.publicly_availabl": "publicly_availabl is no fact of "
        "this place; did you mean publicly_available?",
    }


def test_a_word_that_is_wrong_twice_is_named_once() -> None:
    """Two kinds that know no such category make one mistake of it."""
    request = {**CASE["request"], "kinds": ["read_fields", "read_field"]}
    found = wrong(request={**request, "categories": ["photoo", "photoo"]})

    assert [*found] == ["c.yaml:request.kinds", "c.yaml:request.categories"]


def test_a_day_is_written_as_everywhere_in_a_case() -> None:
    """What a day may look like is said as a case writes it, not as an answer does."""
    found = wrong(facts={"sentence_end": "2020-02-30"})

    assert found["c.yaml:facts.sentence_end"].endswith("; a day, YYYY-MM-DD")


@pytest.mark.parametrize(
    ("members", "belongs"),
    [
        ({"facts": {"custodian_operates_jail": True}}, "in request or requester"),
        ({"requester": {"class": "ice_ero", "in_custody": True}}, "in facts"),
        ({"facts": {"publicly_available": True}}, "in category_facts"),
        ({"facts": {"paper.ao93.magistrate": "absent"}}, "in papers"),
    ],
)
def test_a_fact_in_the_wrong_place_is_told_the_right_one(
    members: dict[str, Any], belongs: str
) -> None:
    """A fact that there is, where it is none, is no misspelt other one."""
    (said,) = wrong(**members).values()

    assert f"is no fact of this place; it is written {belongs}" in said


def test_a_hold_may_say_what_it_is_about() -> None:
    """Categories beside a kind that has its own are not asked for, if they are some."""
    request = {"purpose": "hold_request", "kinds": ["hold"], "categories": ["photo"]}
    case = CaseFile.model_validate({**CASE, "request": request})

    question, _ = case_question(case, WORDS, "c.yaml")

    assert [key[2] for key in question.ask_keys] == ["hold"]
    both = {**request, "kinds": ["notify", "hold"], "categories": ["photo", "hold"]}
    case = CaseFile.model_validate({**CASE, "request": both})
    question, _ = case_question(case, WORDS, "c.yaml")
    assert {*question.ask_keys} == {
        ("hold", "release", "hold"),
        ("notify", "release", "photo"),
    }
    found = wrong(request={**request, "categories": ["photoo"]})
    assert [*found] == ["c.yaml:request.categories"]


def test_a_purpose_may_be_unknown() -> None:
    """A proof may find such a question, and what it finds is a case that runs."""
    request = {**CASE["request"], "purpose": "unknown"}
    case = CaseFile.model_validate({**CASE, "request": request})

    question, _ = case_question(case, WORDS, "c.yaml")

    assert "purpose" not in json.loads(question.canonical)["facts"]


def test_nothing_asked_is_said() -> None:
    """A request for fields that names none asks nothing."""
    found = wrong(request={**CASE["request"], "categories": []})

    assert found == {"c.yaml:asks": "nothing is asked; "}


def test_words_of_what_is_expected() -> None:
    """They are looked up: a typing error is no answer that failed to come."""
    found = wrong(
        expect={
            "effect": {"home_adress": "permit"},
            "outcome": {"home_address": "release", "photoo": "withhold"},
            "obligations": ["notify_judg"],
            "reasons": ["RULE_REQUIRE"],
            "reviewer": "councel",
        }
    )

    assert all(path.startswith("c.yaml:expect.") for path in found)
    assert [*found.values()] == [
        "home_adress is not a known word; did you mean home_address?",
        "photoo is not a known word; did you mean photo?",
        "notify_judg is not a known word; did you mean notify_judge?",
        "RULE_REQUIRE is not a known word; did you mean RULE_REQUIRES?",
        "councel is not a known word; did you mean counsel?",
    ]
