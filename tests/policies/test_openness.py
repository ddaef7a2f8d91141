"""What is not known and what is not confirmed opens nothing, case by case."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gateway.policy import AskDecision
from gateway.policy.case import CaseFile, PaperText
from gateway.policy.casequestion import case_question
from gateway.policy.question import AskKey
from gateway.policy.vocabulary import UNKNOWN
from tests.policies.casebook import cases, folders, library, policy

NOT_CONFIRMED = (
    "unverified",
    "form_checked",
    "identity_matched",
    "outside_scope",
    "defective",
    "expired",
    "revoked",
    "suspected_forgery",
)

FOLDERS = sorted(folders())


async def asks(case: CaseFile) -> Mapping[AskKey, AskDecision]:
    """Return what a case comes to, ask by ask."""
    law = policy(tuple(case.packs), case.overlay)
    question, vector = case_question(case, law.vocabulary, case.id)
    assert vector is not None
    (decision,) = await law.decide(question, [vector])
    return decision.asks


async def opened(case: CaseFile) -> set[AskKey]:
    """Return what a case releases."""
    return {key for key, ask in (await asks(case)).items() if ask.outcome == "release"}


async def required(case: CaseFile) -> set[AskKey]:
    """Return what a case makes a duty."""
    return {key for key, ask in (await asks(case)).items() if ask.effect == "require"}


@pytest.mark.parametrize("folder", FOLDERS)
async def test_a_fact_that_is_not_known_opens_nothing(folder: str) -> None:
    """Forget any one fact of the record: nothing is released that was not before."""
    for name in folders()[folder]:
        case = cases()[name]
        before = await opened(case)
        for less in _forgetting(case):
            assert await opened(less) <= before, name


@pytest.mark.parametrize("folder", FOLDERS)
async def test_a_paper_that_is_not_confirmed_opens_nothing(folder: str) -> None:
    """It releases no more than no paper would, and makes nothing a duty."""
    for name in folders()[folder]:
        case = cases()[name]
        if not case.papers:
            continue
        without = case.model_copy(update={"papers": []})
        before, due = await opened(without), await required(without)
        for state in NOT_CONFIRMED:
            papers = [_in_state(paper, state) for paper in case.papers]
            doubted = case.model_copy(update={"papers": papers})
            assert await opened(doubted) <= before, name
            assert await required(doubted) <= due, name


@pytest.mark.parametrize("folder", FOLDERS)
async def test_a_requester_nobody_knows_gets_no_more(folder: str) -> None:
    """The same question from outside the registry never releases what it did not."""
    for name in folders()[folder]:
        case = cases()[name]
        stranger = case.requester.model_copy(update={"class_": "unregistered"})
        asked = case.model_copy(update={"requester": stranger})
        assert await opened(asked) <= await opened(case), name


def _forgetting(case: CaseFile) -> list[CaseFile]:
    """Return the case once for each fact of the record, which is not known then.

    Also for each that a case has without saying it.
    """
    if not isinstance(case.facts, dict):
        return [case.model_copy(update={"category_facts": {}})]
    known = library().vocabulary.facts
    ordinary = [f for f, fact in known.items() if fact.ordinarily is not None]
    less = [
        case.model_copy(update={"facts": {**case.facts, gone: UNKNOWN}})
        for gone in dict.fromkeys([*case.facts, *ordinary])
    ]
    return [*less, case.model_copy(update={"category_facts": {}})]


def _in_state(paper: PaperText, state: str) -> PaperText:
    return paper.model_copy(update={"state": state})
