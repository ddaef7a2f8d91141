"""Rows that commands show: names and numbers, never a person."""

from __future__ import annotations

import datetime as dt

from gateway.acts import CutOffAct, roster
from gateway.control.rows import cutoff_row, people_row, review_row, task_row
from gateway.ledger import Basis, Ledger
from gateway.state import Review, ReviewState, Task, TaskState
from tests.gateway.county import BOTH, GENESIS, LATE, LINES, ORIGIN, signed

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
        "closed": "",
        "closing": -1,
        "said": "agency=ice cause=clock",
    }


async def test_a_roster_that_waits_is_told(ledger: Ledger) -> None:
    """Who decides now, who will, and from when on."""
    registrar = ledger.registrar
    empty = {"people": [], "people_later": [], "people_from": ""}
    assert people_row(registrar) == empty
    await registrar.write(lambda _: GENESIS, basis=Basis())
    change = roster(origin=ORIGIN, people=LINES[1:], expires=LATE)
    event = await registrar.write(lambda _: signed(change, *BOTH), basis=Basis())
    row = people_row(registrar)
    due = dt.datetime.fromtimestamp(event.at_ms / 1000, tz=dt.UTC)
    due += dt.timedelta(hours=25)
    assert row == {
        "people": ["counsel-1", "officer-1", "records-1"],
        "people_later": ["officer-1", "records-1"],
        "people_from": f"{due:%Y-%m-%dT%H:%M:%SZ}",
    }
