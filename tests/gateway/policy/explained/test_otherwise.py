"""What would change an answer: found by asking again with what can be shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.policy.explained.told import sentences_of, told
from tests.gateway.policy.explained.accounted import LAW, WARRANT, Told
from tests.gateway.policy.small import rule


def test_what_would_change_it(tmp_path: Path) -> None:
    """Found by asking again: with papers, and with what the record might say."""
    said = Told(tmp_path, LAW)
    known = {"convicted": True, "validated_on": 20250101}
    account = said.one(facts=known, category_facts={"date": {"public": False}})
    assert sentences_of(account, said.library.vocabulary)[-2:] == [
        (
            '  If one of these were so it would be released: "public" is true; or'
            ' "validated on" is 19 January 2021.'
        ),
        (
            "  With one of these papers it would be released: Warrant (W)"
            " (issuer confirmed)."
        ),
    ]
    document: Any = account.document()
    assert {
        (change["fact"], change["value"], change["of"], change["outcome"])
        for change in document["would_change"]
    } == {
        ("public", True, "record_category", "release"),
        ("validated_on", 20210119, "record", "release"),
        ("paper.warrant.judge", "issuer_confirmed", "paper", "release"),
        ("paper.warrant.clerk", "issuer_confirmed", "paper", "release"),
    }


@pytest.mark.parametrize("test", [{"at_least": 2}, {"is_not": 0}])
def test_only_what_can_be_shown_is_tried(tmp_path: Path, test: dict[str, Any]) -> None:
    """Never what the requester says or how it asks: purpose, level, need."""
    conditions: list[dict[str, Any]] = [
        {"fact": "level", **test},
        {"fact": "purpose", "is": "crime"},
        {"fact": "need", "is": True},
        {"fact": "need", "known": True},
        {"day": {"until": "2020-01-01"}},
    ]
    law = rule(
        "st.law",
        unless=[
            {"id": f"c{i}", "when": [condition], "effect": "permit"}
            for i, condition in enumerate(conditions)
        ],
    )
    account = Told(tmp_path, law).one()
    assert account.otherwise == ()


def test_an_agreement_is_tried(tmp_path: Path) -> None:
    """What a registry may hold tomorrow can be shown, so it is tried; that it stays."""
    law = rule(
        "st.law",
        unless=[
            {
                "id": "c",
                "when": [{"fact": "agreement", "is": "in_force"}],
                "effect": "permit",
            }
        ],
    )
    said = Told(tmp_path, law)
    assert said.lines()[-1] == (
        '  If one of these were so it would be released: "agreement" is in force.'
    )
    now = {"class": "ice", "agreement": "in_force"}
    assert said.lines(requester=now)[-1] == (
        "  Nothing that could be shown would change it."
    )


def test_the_rest_of_the_question_stays(tmp_path: Path) -> None:
    """A paper that is tried for one field covers no other."""
    said = Told(
        tmp_path,
        rule("st.law", unless=[{"id": "c", "when": [WARRANT], "effect": "permit"}]),
    )
    request = {"kinds": ["read"], "categories": ["date", "home"], "purpose": "civil"}
    accounts = said.accounts(request=request)
    assert [len(account.otherwise) for account in accounts] == [2, 2]
    lines = told(accounts, said.library.vocabulary)
    assert lines[:3] == [
        "date (Read) is withheld: Title of st.law (Law st.law).",
        "home (Read) is withheld: Title of st.law (Law st.law).",
        "  st.law (state law) says: no. This decides.",
    ]


def test_negated_papers_are_not_asked_for(tmp_path: Path) -> None:
    """A state of a paper that closes is tried as what it is."""
    law = rule(
        "st.law",
        effect="permit",
        unless=[
            {
                "id": "c",
                "when": [{"paper": ["detainer"], "state": ["unverified", "defective"]}],
                "effect": "prohibit",
            }
        ],
    )
    said = Told(tmp_path, law)
    assert said.lines()[-1] == (
        "  With one of these papers it would be withheld: Detainer (D) (unverified)."
    )
