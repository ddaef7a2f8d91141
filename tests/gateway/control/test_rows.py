"""Rows that commands show: names and numbers, never a person."""

from __future__ import annotations

from gateway.acts import CutOffAct
from gateway.control.rows import cutoff_row, review_row, task_row
from gateway.state import Review, ReviewState, Task, TaskState

HOUR = 1_795_420_800_000


def test_a_cut_off_has_its_hour_and_entry() -> None:
    """Everything a commander has to know to lift it."""
    act = CutOffAct(
        number=3, scope="agency", name="ice", reason="mistake", index=9, at_ms=HOUR
    )
    assert cutoff_row(act) == {
        "number": 3,
        "scope": "agency",
        "name": "ice",
        "reason": "mistake",
        "since": "2026-11-23T08:00:00Z",
        "entry": 9,
    }


def test_a_review_has_no_client_and_no_request() -> None:
    """Who has to look, until when, for which agency; entry -1 is not yet recorded."""
    review = Review(
        exchange="ab" * 16,
        state=ReviewState.WAITING,
        role="counsel",
        created_ms=HOUR,
        due_ms=HOUR + 3_600_000,
        revision="r",
        entry=None,
        receipt={},
        agency="ice",
        client="CANARY",
    )
    row = review_row(review)
    assert row == {
        "exchange": "ab" * 16,
        "state": "waiting",
        "role": "counsel",
        "created": "2026-11-23T08:00:00Z",
        "due": "2026-11-23T09:00:00Z",
        "policy": "r",
        "agency": "ice",
        "entry": -1,
    }


def test_a_task_says_what_and_by_when() -> None:
    """The rule's words are one text; no clock is no time, no entry is -1."""
    task = Task(
        id="cd" * 16,
        exchange="ab" * 16,
        do="answer_after_fault",
        parameters={"cause": "clock", "agency": "ice"},
        state=TaskState.OPEN,
        created_ms=HOUR,
        due_ms=None,
        entry=None,
    )
    assert task_row(task) == {
        "task": "cd" * 16,
        "do": "answer_after_fault",
        "state": "open",
        "due": "",
        "created": "2026-11-23T08:00:00Z",
        "exchange": "ab" * 16,
        "entry": -1,
        "said": "agency=ice cause=clock",
    }
