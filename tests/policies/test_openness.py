"""What is not known and what is not confirmed opens nothing, case by case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from gateway.policy import AskDecision, Question, Vector
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


Asks = Mapping[AskKey, AskDecision]


async def each(cases: Iterable[CaseFile]) -> list[Asks]:
    """Return what each case comes to, ask by ask.

    Cases that ask the same of other records are asked together, as a gateway does.
    """
    asked = [(case, *_question(case)) for case in cases]
    records: dict[tuple[str, ...], list[Vector]] = {}
    for case, question, vector in asked:
        records.setdefault(_key(case, question), []).append(vector)
    decided: dict[tuple[str, ...], Mapping[Vector, Asks]] = {}
    for case, question, _ in asked:
        key = _key(case, question)
        if key not in decided:
            law = policy(tuple(case.packs), case.overlay)
            found = await law.decide(question, records[key])
            decided[key] = {
                vector: decision.asks
                for vector, decision in zip(records[key], found, strict=True)
            }
    return [decided[_key(case, question)][vector] for case, question, vector in asked]


def _question(case: CaseFile) -> tuple[Question, Vector]:
    law = policy(tuple(case.packs), case.overlay)
    question, vector = case_question(case, law.vocabulary, case.id)
    assert vector is not None
    return question, vector


def _key(case: CaseFile, question: Question) -> tuple[str, ...]:
    return (*case.packs, case.overlay or "", question.digest)


def opened(asks: Asks) -> set[AskKey]:
    """Return what is released."""
    return {key for key, ask in asks.items() if ask.outcome == "release"}


def required(asks: Asks) -> set[AskKey]:
    """Return what is made a duty."""
    return {key for key, ask in asks.items() if ask.effect == "require"}


@pytest.mark.parametrize("folder", FOLDERS)
async def test_a_fact_that_is_not_known_opens_nothing(folder: str) -> None:
    """Forget any one fact of the record: nothing is released that was not before."""
    for name in folders()[folder]:
        case = cases()[name]
        before, *after = await each([case, *_forgetting(case)])
        for less in after:
            assert opened(less) <= opened(before), name


@pytest.mark.parametrize("folder", FOLDERS)
async def test_a_paper_that_is_not_confirmed_opens_nothing(folder: str) -> None:
    """It releases no more than no paper would, and makes nothing a duty."""
    for name in folders()[folder]:
        case = cases()[name]
        if not case.papers:
            continue
        without = case.model_copy(update={"papers": []})
        doubted = [
            case.model_copy(
                update={"papers": [_in_state(p, state) for p in case.papers]}
            )
            for state in NOT_CONFIRMED
        ]
        before, *after = await each([without, *doubted])
        for asks in after:
            assert opened(asks) <= opened(before), name
            assert required(asks) <= required(before), name


@pytest.mark.parametrize("folder", FOLDERS)
async def test_a_requester_nobody_knows_gets_no_more(folder: str) -> None:
    """The same question from outside the registry never releases what it did not."""
    for name in folders()[folder]:
        case = cases()[name]
        stranger = case.requester.model_copy(update={"class_": "unregistered"})
        asked = case.model_copy(update={"requester": stranger})
        theirs, known = await each([asked, case])
        assert opened(theirs) <= opened(known), name


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
