"""What a stated purpose rests on, where its requester is presumed to have another."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gateway.policy.pack import shipped_policies
from gateway.policy.purpose import purpose_basis
from gateway.policy.vocabulary import load_vocabulary

WORDS = load_vocabulary(shipped_policies() / "vocabulary.yaml")
SWORN = {"certification.no_immigration_use_sworn": "in_force"}
WARRANT = {"paper.ao93.magistrate": "issuer_confirmed"}


def basis(
    purpose: str,
    *papers: Mapping[str, str],
    requester: str = "ice_hsi",
    recipient: str = "",
    facts: Mapping[str, str] | None = None,
) -> str:
    """Return what a purpose of a requester rests on."""
    return purpose_basis(
        purpose,
        vocabulary=WORDS,
        classes={requester, recipient or requester},
        facts=facts or {},
        papers=papers,
    )


def test_to_say_another_purpose_is_to_declare_it() -> None:
    """Whoever is presumed to enforce immigration law and says otherwise."""
    assert basis("criminal_investigation") == "declared"


def test_a_certification_in_force_stands_behind_it() -> None:
    """One of those that the vocabulary names; no other, and not one that has ended."""
    assert basis("criminal_investigation", facts=SWORN) == "certified"
    ended = dict.fromkeys(SWORN, "expired")
    assert basis("criminal_investigation", facts=ended) == "declared"
    other = {"certification.part23": "in_force"}
    assert basis("criminal_investigation", facts=other) == "declared"


def test_confirmed_process_stands_behind_it_where_nothing_is_certified() -> None:
    """Whichever of the things asked for the paper covers."""
    assert basis("criminal_investigation", {}, WARRANT) == "process"
    assert basis("criminal_investigation", {}, WARRANT, facts=SWORN) == "certified"


@pytest.mark.parametrize(
    "paper",
    [
        {"paper.ao93.magistrate": "unverified"},
        {"paper.ao93.magistrate": "outside_scope"},
        {"paper.i200.immigration_officer": "issuer_confirmed"},
        {"paper.ao442.magistrate": "issuer_confirmed"},
        {"paper.judicial_pc.magistrate": "issuer_confirmed"},
        {"paper.fed_judge_removal_order.article_iii": "issuer_confirmed"},
    ],
)
def test_no_other_paper_is_process(paper: Mapping[str, str]) -> None:
    """Not one unconfirmed, for something else, by no court, for arrest or removal."""
    assert basis("criminal_investigation", paper) == "declared"


def test_who_is_presumed_to_have_the_purpose_need_rest_it_on_nothing() -> None:
    """Nor a family of which nothing is presumed."""
    assert basis("immigration_civil", WARRANT, facts=SWORN) == "declared"
    assert basis("traffic", WARRANT, facts=SWORN, requester="local_le") == "declared"


def test_what_is_for_them_is_presumed_as_what_they_ask() -> None:
    """Police who ask for such an agency state a purpose that is not theirs alone."""

    def sent_on(recipient: str, facts: Mapping[str, str]) -> str:
        said = {"requester": "local_le", "recipient": recipient}
        return basis("criminal_investigation", **said, facts=facts)

    assert sent_on("", SWORN) == "declared"
    assert sent_on("ice_hsi", {}) == "declared"
    assert sent_on("ice_hsi", SWORN) == "certified"
