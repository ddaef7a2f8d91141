"""Every case file comes to what it expects; the visible rows are all there."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import cast

import pytest

from gateway.policy import Decision
from gateway.policy.case import CaseFile
from gateway.policy.law import Rule
from tests.policies.casebook import (
    cases,
    decided,
    every_rule,
    folders,
    trial,
    words,
)

ROWS = {
    "FED": "05 06 07 08 09 10 13 14 15 17 18 19",
    "BASE": "01 05 06 10 11 12 13 14 15 16 20",
    "CA": "02 04 05 08 09 10 11 12 13 14 16 17 18 20 21 22",
    "IL": "01 02 05 06 10 13 15 16 17 18",
    "NY": "01 03 04 07 09 11 13 14 15 16",
    "WA": "01 02 03 04 06 07 08 10 12 14 15 16",
    "NJ": "02 04 05 06 07 09 10 11 13 16",
    "OR": "01 02 03 05 07 08 12 13",
    "MD": "01 02 03 04 08 09",
    "MA": "01 02 03 04 05 06 07 08 09",
    "CO": "01 04 05 06 07 08 09 10",
    "CT": "01 04 05 06 08 09 10",
    "TX": "02 03 04 05 07 08 13 14 15 16",
    "FL": "02 03 05 07 08 09 10",
    "OTH": "01 02 05",
}
"""Numbers of the worked scenarios that must be decided, by the letters they have."""

EVERY_ROW = [f"{k}-{n}" for k, numbers in ROWS.items() for n in numbers.split()]

IDENTIFIERS = {
    "name",
    "dob",
    "booking_number",
    "driver_licence_no",
    "plate",
    "case_number",
}


@cache
def by_row() -> dict[str, CaseFile]:
    """Return the case files of worked scenarios by row."""
    return {c.source["row"]: c for c in cases().values() if c.source is not None}


@pytest.mark.parametrize("name", sorted(cases()))
async def test_a_case_comes_to_what_it_expects(name: str) -> None:
    """Effect, outcome, obligations and reasons are as the file says."""
    assert (await trial(name)).failures == ()


@pytest.mark.parametrize("folder", sorted(folders()))
async def test_only_identifiers_find_a_record(folder: str) -> None:
    """Name, birth date, booking, licence, plate and case number; nothing else."""
    for name in folders()[folder]:
        decision = (await trial(name)).decision
        assert decision is not None
        for ask in decision.asks.values():
            if ask.use == "match":
                expected = "release" if ask.category in IDENTIFIERS else "withhold"
                assert ask.outcome == expected, name


@pytest.mark.parametrize("folder", sorted(folders()))
async def test_nobody_is_told_not_to_hold_whom_a_court_holds(folder: str) -> None:
    """The duty not to prolong custody goes with a refusal or a review, never else."""
    told = [
        name
        for name in folders()[folder]
        if (decision := (await trial(name)).decision) is not None
        for ask in decision.asks.values()
        if ask.effect in {"require", "permit"}
        and "no_hold" in {due.code for due in ask.obligations}
    ]
    assert told == []


def test_every_worked_scenario_has_its_case() -> None:
    """139 rows, each in the pack it belongs to, and none disputed."""
    packs = cast("dict[str, str]", words()["packs"])
    wanted = {row: packs.get(row) or packs[row.partition("-")[0]] for row in EVERY_ROW}
    found = {
        case.source["row"]: name.split("/")[1]
        for name, case in cases().items()
        if case.source is not None
    }
    assert len(wanted) == 139
    assert found == wanted
    assert [row for row, case in by_row().items() if case.disputed] == []


def test_case_files_are_named_once_and_after_themselves() -> None:
    """The file is called after the id, and no id is used twice."""
    ids = Counter(case.id for case in cases().values())
    assert [name for name, number in ids.items() if number > 1] == []
    assert [n for n, c in cases().items() if Path(n).stem != c.id] == []


async def test_every_rule_and_exception_decides_somewhere() -> None:
    """Each case of each rule is the one that decides in some case file.

    A permit in a record bar only says that the bar is silent, so it never decides.
    """
    found = await decided()
    silent = []
    for rule in every_rule().values():
        for case in rule.cases:
            lifts = rule.layer == "record_bar" and case.effect == "permit"
            if not lifts and (rule.id, case.id) not in found:
                silent.append(f"{rule.id}#{case.id}")
    assert sorted(set(silent)) == []


async def test_every_rule_nearly_decides_somewhere() -> None:
    """For each rule a case misses its reach by one word at most and ends elsewhere."""
    near: set[str] = set()
    for name, case in cases().items():
        decision = (await trial(name)).decision
        packs = {*case.packs, "agency-default", case.overlay}
        for rule in every_rule().values():
            here = rule.pack in packs and rule.id not in near
            if here and decision is not None and _nearly(rule, case, decision):
                near.add(rule.id)
    assert sorted(set(every_rule()) - near) == []


def _nearly(rule: Rule, case: CaseFile, decision: Decision) -> bool:
    """Tell whether a case differs from a rule by one word and another rule decides."""
    reach = rule.reach
    categories = reach.categories | reach.named_categories | reach.named_kinds
    around = [
        case.custodian in reach.custodians,
        case.dataset in reach.datasets,
        case.requester.class_ in reach.requesters,
        case.request.purpose in reach.purposes,
    ]
    return any(
        ask.use in reach.uses
        and ask.rule.id != rule.id
        and [*around, ask.kind in reach.kinds, ask.category in categories].count(False)
        <= 1
        for ask in decision.asks.values()
    )


@pytest.mark.parametrize("row", EVERY_ROW)
def test_a_row_is_asked_in_the_words_of_the_table(row: str, reference: Path) -> None:
    """Requester, data, purpose, paper, effect, duties: as the committed table reads."""
    prose = _prose(reference)[row]
    case = by_row()[row]
    dataset, _, data = prose["data"].partition(": ")
    read = [set(_words("data", word.strip())) for word in (data or dataset).split(",")]
    asked = {*case.request.categories, *case.request.kinds}

    assert case.requester.class_ in _words("requesters", prose["requester"])
    assert case.request.purpose in _words("purposes", prose["purpose"])
    papers = _words("instruments", prose["instrument"]) + _given(row)
    assert [p.type for p in case.papers] == papers
    assert case.dataset in _words("datasets", dataset)
    assert all(asked & meant for meant in read)
    assert set(case.request.categories) <= set().union(*read)
    assert case.expect.effect in _words("effects", prose["effect"])
    for duty in prose["obligations"].split(";"):
        assert set(_words("obligations", duty.strip())) <= set(case.expect.obligations)
    assert _stated(case).items() >= _facts(row).items()


def test_the_table_has_no_row_of_these_packs_that_is_missing_here(
    reference: Path,
) -> None:
    """What the reference shows is what is listed here."""
    assert set(_prose(reference)) == set(by_row())


def _prose(reference: Path) -> dict[str, dict[str, str]]:
    rows = json.loads((reference / "scenarios.json").read_text())
    return {row["id"]: row for row in rows}


def _words(part: str, word: str) -> list[str]:
    return cast("dict[str, list[str]]", words()[part])[word]


def _given(row: str) -> list[str]:
    return cast("dict[str, list[str]]", words()["papers"]).get(row, [])


def _facts(row: str) -> dict[str, object]:
    return cast("dict[str, dict[str, object]]", words()["facts"]).get(row, {})


def _stated(case: CaseFile) -> dict[str, object]:
    """Return every fact a case states, of request, requester, record, category."""
    facts = case.facts if isinstance(case.facts, dict) else {}
    said: dict[str, object] = {
        **(case.request.model_extra or {}),
        **(case.requester.model_extra or {}),
        **case.request.statements,
        **facts,
    }
    for of_category in case.category_facts.values():
        said.update(of_category)
    return said
