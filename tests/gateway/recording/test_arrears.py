"""What is owed stays owed, whatever is stored or closed at the same moment."""

from __future__ import annotations

import asyncio
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from gateway.errors import Cause, Unavailable
from gateway.recording.arrears import ANSWER, Arrears, Debt
from gateway.state import NewTask, TaskState
from tests.gateway.identity.world import FixedClock

DEBT = Debt(
    id="d" * 32,
    exchange="e" * 32,
    task=NewTask(do=ANSWER, parameters={"cause": "clock"}, due_ms=1),
)


class Ledger:
    """The task list: what is open; one who closes waits until told."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        self.go = asyncio.Event()
        self.closing = asyncio.Event()
        self.fails = False

    async def owe(self, task: str, *_: object, entry: int) -> None:
        """Store one that is owed; one that is open stays."""
        del entry
        self.open.add(task)

    async def close(self, task: str, state: TaskState) -> bool:
        """Close one, when told."""
        del state
        self.closing.set()
        await self.go.wait()
        if self.fails:
            raise Unavailable(Cause.STATE_UNAVAILABLE, "as the test wants it")
        self.open.discard(task)
        return True


class Counts:
    """Metrics that nobody looks at."""

    def add(self, *_: object, **__: object) -> None:
        """Count nothing."""


class Names:
    """Every request has one name."""

    def derived(self, *_: object) -> bytes:
        """Return the name of the debt."""
        return bytes.fromhex(DEBT.id)


def arrears(ledger: Ledger) -> Arrears:
    """Return what is owed, over a task list of the test."""
    parts: dict[str, Any] = {"tasks": ledger, "tickets": Names(), "metrics": Counts()}
    return Arrears(**parts, clock=FixedClock(), zone=ZoneInfo("UTC"))


def answered(owed: Arrears) -> None:
    """Have the request of the debt answered."""
    requester: Any = type("R", (), {"issuer": "i", "client_id": "c"})
    ticket: Any = type("T", (), {"request": b""})
    owed.paid(cast("Any", type("S", (), {"requester": requester, "ticket": ticket})))


@pytest.mark.parametrize("fails", [False, True])
async def test_what_fails_again_while_it_is_closed_is_owed(*, fails: bool) -> None:
    """Answered, and being closed; then the same request meets a fault again."""
    ledger = Ledger()
    owed = arrears(ledger)
    await owed.owe(DEBT, entry=None)
    answered(owed)
    ledger.fails = fails
    async with asyncio.TaskGroup() as group:
        group.create_task(owed.write())
        await ledger.closing.wait()
        group.create_task(owed.owe(DEBT, entry=None))
        await asyncio.sleep(0)
        ledger.go.set()

    assert owed.count == 1
    assert ledger.open == {DEBT.id}


async def test_what_could_not_be_closed_is_closed_the_next_time() -> None:
    """Until then it counts."""
    ledger = Ledger()
    owed = arrears(ledger)
    await owed.owe(DEBT, entry=None)
    answered(owed)
    ledger.go.set()
    ledger.fails = True
    await owed.write()
    before = owed.count
    ledger.fails = False
    await owed.write()

    assert (before, owed.count) == (1, 0)
    assert ledger.open == set()
