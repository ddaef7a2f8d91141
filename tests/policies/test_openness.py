"""What is not known and what is not confirmed opens nothing, case by case."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gateway.policy import AskDecision
from gateway.policy.case import CaseFile, PaperText
from gateway.policy.question import AskKey
from gateway.policy.trial import run_case
from tests.policies.casebook import cases, policy

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

WITH_FACTS = sorted(
    name
    for name, case in cases().items()
    if isinstance(case.facts, dict) and (case.facts or case.category_facts)
)
WITH_PAPERS = sorted(name for name, case in cases().items() if case.papers)


async def asks(case: CaseFile) -> Mapping[AskKey, AskDecision]:
    """Return what a case comes to, ask by ask."""
    law = policy(tuple(case.packs), case.overlay)
    decision = (await run_case(case, law, case.id)).decision
    assert decision is not None
    return decision.asks


async def opened(case: CaseFile) -> set[AskKey]:
    """Return what a case releases."""
    return {key for key, ask in (await asks(case)).items() if ask.outcome == "release"}


@pytest.mark.parametrize("name", WITH_FACTS)
async def test_a_fact_that_is_not_known_opens_nothing(name: str) -> None:
    """Forget any one fact of the record: nothing is released that was not before."""
    case = cases()[name]
    before = await opened(case)
    for less in _forgetting(case):
        assert await opened(less) <= before


@pytest.mark.parametrize("name", WITH_PAPERS)
async def test_a_paper_that_is_not_confirmed_releases_nothing(name: str) -> None:
    """Whatever else its state, a paper releases no more than no paper would."""
    case = cases()[name]
    without = await opened(case.model_copy(update={"papers": []}))
    for state in NOT_CONFIRMED:
        papers = [_in_state(paper, state) for paper in case.papers]
        assert await opened(case.model_copy(update={"papers": papers})) <= without


@pytest.mark.parametrize("name", WITH_PAPERS)
async def test_only_a_confirmed_paper_makes_a_duty(name: str) -> None:
    """An effect that a paper made a duty is none once the paper is in doubt."""
    case = cases()[name]
    without = await asks(case.model_copy(update={"papers": []}))
    for state in NOT_CONFIRMED:
        papers = [_in_state(paper, state) for paper in case.papers]
        found = await asks(case.model_copy(update={"papers": papers}))
        made = {key for key, ask in found.items() if ask.effect == "require"}
        assert made <= {key for key, ask in without.items() if ask.effect == "require"}


@pytest.mark.parametrize("name", sorted(cases()))
async def test_a_requester_nobody_knows_gets_no_more(name: str) -> None:
    """The same question from outside the registry never releases what it did not."""
    case = cases()[name]
    stranger = case.requester.model_copy(update={"class_": "unregistered"})
    assert await opened(
        case.model_copy(update={"requester": stranger})
    ) <= await opened(case)


def _forgetting(case: CaseFile) -> list[CaseFile]:
    """Return the case once for each fact of the record, without that fact."""
    facts = case.facts if isinstance(case.facts, dict) else {}
    less = [
        case.model_copy(
            update={"facts": {f: value for f, value in facts.items() if f != gone}}
        )
        for gone in facts
    ]
    return [*less, case.model_copy(update={"category_facts": {}})]


def _in_state(paper: PaperText, state: str) -> PaperText:
    return paper.model_copy(update={"state": state})
