"""Papers and what they are for: datasets, categories, kinds, and whom they name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.identity import Presented, paper_facts, subject_digest
from tests.gateway.identity.warrants import (
    ASK,
    DOCUMENT,
    KEY,
    ROE,
    SIGNERS,
    paper,
    papers,
    state_of,
)


@pytest.mark.parametrize(
    ("scope", "state"),
    [
        ({}, "issuer_confirmed"),
        ({"datasets": ["jail"]}, "issuer_confirmed"),
        ({"datasets": ["dmv"]}, "outside_scope"),
        ({"categories": ["release_date", "hold"]}, "issuer_confirmed"),
        ({"categories": ["home_address"]}, "outside_scope"),
        ({"categories": []}, "outside_scope"),
        ({"kinds": ["notify"]}, "issuer_confirmed"),
        ({"kinds": ["hold"]}, "outside_scope"),
    ],
)
def test_a_paper_is_for_what_it_says(scope: dict[str, list[str]], state: str) -> None:
    """Outside its datasets, categories or kinds it is outside its scope."""
    assert state == state_of(papers(paper(scope=scope)))


def test_each_category_asked_has_its_own_word() -> None:
    """One question may be in scope with one category and outside with another."""
    found = papers(paper(scope={"categories": ["release_date"]}))
    ask = replace(ASK, asks=[("notify", "release_date"), ("notify", "home_address")])
    presented = [Presented(type="ao93", document=DOCUMENT)]

    facts = paper_facts(found, presented, ask, signers=SIGNERS)

    assert [
        facts["notify", category]["paper.ao93.article_iii"]
        for category in ("release_date", "home_address")
    ] == ["issuer_confirmed", "outside_scope"]


@pytest.mark.parametrize(
    ("subjects", "state"),
    [
        ([ROE], "issuer_confirmed"),
        ([ROE | {"name": "any"}], "issuer_confirmed"),
        ([{"booking_number": "B-18"}], "outside_scope"),
        ([{"name": "ROE"}], "outside_scope"),
        ([ROE, {"booking_number": "B-18"}], "outside_scope"),
        ([], "outside_scope"),
    ],
)
def test_a_paper_is_for_whom_it_names(
    subjects: list[dict[str, str]], state: str
) -> None:
    """Every subject of the request must be one the paper names, told the same way."""
    assert state == state_of(papers(paper()), replace(ASK, subjects=subjects))


def test_a_paper_may_be_for_anybody() -> None:
    """Only when it says so."""
    found = papers(paper(subjects=[], any_subject=True))

    assert state_of(found, replace(ASK, subjects=[])) == "issuer_confirmed"
    assert state_of(papers(paper(subjects=[]))) == "outside_scope"


def test_another_key_names_nobody() -> None:
    """A paper's subject cannot be matched, or guessed, without the county's key."""
    assert state_of(papers(paper()), replace(ASK, subject_key=b"x")) == "outside_scope"


PINNED = "9c3e40501347f853a469b67e8b333181380bc3d2d8e859c815b60aac810cc629"


def test_the_subject_digest_is_pinned() -> None:
    """It is stored, so its bytes do not change; the order of selectors is no matter."""
    one = subject_digest(KEY, {"name": "ROE", "dob": "1990-01-01"})

    assert one == PINNED
    assert one == subject_digest(KEY, {"dob": "1990-01-01", "name": "ROE"})
