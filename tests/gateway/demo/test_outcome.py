"""Reading an answer as a requester reads it."""

from __future__ import annotations

from typing import Any

from gateway.demo.outcome import Outcome, read_outcome

ROW = {
    "kind": "notify",
    "category": "release_date",
    "names": ["release_date"],
    "outcome": "released",
    "reasons": [{"code": "X", "citation": "Sample Code 1", "title": "A rule"}],
    "what_would_change_it": [],
    "obligations": [
        {"do": "notify_subject", "business_days": 3},
        {"do": "log_request"},
    ],
}


def answer(**more: object) -> dict[str, Any]:
    """Return an answer that gives one field and keeps another."""
    kept = {**ROW, "names": ["home_address"], "outcome": "withheld"}
    return {
        "schema": "sallyport.answer/1",
        "status": "partly_released",
        "records": [
            {"subject": 0, "fields": {"release_date": "2026-03-01"}, "granted": []}
        ],
        "decision": [ROW, kept],
        "receipt": {"index": 12},
        **more,
    }


def test_an_answer_says_what_was_given_and_what_was_kept() -> None:
    """Fields of the records are shared; what else was asked for is kept back."""
    outcome = read_outcome(200, answer())

    assert outcome.word == "partly_released"
    assert [record.values for record in outcome.records] == [
        {"release_date": "2026-03-01"}
    ]
    assert outcome.kept_back == ("home_address",)
    assert outcome.duties == ("notify_subject", "log_request")
    assert outcome.entry == 12
    assert [row.outcome for row in outcome.rows] == ["released", "withheld"]


def test_a_granted_kind_is_given() -> None:
    """A hold that is granted shows as granted."""
    records = [{"subject": 0, "fields": {}, "granted": ["hold"]}]

    (given,) = read_outcome(200, answer(records=records)).records

    assert given.values == {"hold": "granted"}


def test_parts_with_the_same_reasons_are_told_once() -> None:
    """Two fields under one rule are one row."""
    parts = [ROW, {**ROW, "names": ["custody_status"]}]

    (row,) = read_outcome(200, answer(decision=parts)).rows

    assert row.names == ("release_date", "custody_status")


def codes(outcome: Outcome) -> list[str]:
    """Return the codes of the first row's reasons, in the order they are told."""
    return [ground.code for ground in outcome.rows[0].grounds]


def test_what_weighs_most_is_told_first() -> None:
    """A permission leads what is open and trails what is closed; bars come last."""
    reasons = [
        {"code": code, "citation": code, "title": code}
        for code in ("JUVENILE", "RULE_PROHIBITS", "RULE_PERMITS", "SEALED")
    ]
    opened = {**ROW, "reasons": reasons}
    depends = {**opened, "outcome": "depends"}

    assert codes(read_outcome(200, answer(decision=[opened])))[0] == "RULE_PERMITS"
    assert codes(read_outcome(202, answer(decision=[depends])))[0] == "RULE_PERMITS"
    closed = codes(read_outcome(403, answer(decision=[depends])))
    assert closed == ["RULE_PROHIBITS", "SEALED", "JUVENILE", "RULE_PERMITS"]


def test_a_problem_keeps_its_status_and_its_title() -> None:
    """A problem's ``status`` is HTTP's number, not a word of the story."""
    problem = {"title": "The written law does not open this.", "status": 403}

    refused = read_outcome(403, problem)

    assert (refused.word, refused.entry) == ("refused", -1)
    assert refused.title == problem["title"]
    assert read_outcome(202, {"receipt": {"index": 3}}).word == "waiting"
    assert read_outcome(401, {}).word == "not_authenticated"
    assert read_outcome(503, {}).word == "unavailable"
