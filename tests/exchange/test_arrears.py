"""What the law commands and a fault ends is not dropped: somebody owes the answer."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.exc import OperationalError

from gateway.demo.papers import paper
from gateway.errors import Cause, Unavailable
from gateway.policy import Policy
from gateway.recording import arrears
from gateway.recording.arrears import ANSWER
from gateway.standing import Standing
from gateway.state import Task, TaskState
from tests.exchange.county import County, activated, running
from tests.exchange.requests import custody, subpoenaed

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

WHO = "ice-hsi"
COMMANDED = subpoenaed()
"""ICE shows a court's subpoena, which the records clerk has confirmed."""

FREE = custody()
"""Something that no law commands."""


async def confirm(county: County) -> None:
    """Have two people find the subpoena confirmed."""
    document = paper("subpoena-31")["document_sha256"]
    await county.command(command="draft-paper", document=document)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def county(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """A running county in which the subpoena is confirmed."""
    layout = await activated(tmp_path_factory.mktemp("arrears"))
    async with running(layout) as found:
        await confirm(found)
        yield found


async def owed(county: County, state: TaskState = TaskState.OPEN) -> list[Task]:
    """Return the answers that are owed, or were."""
    await county.services.arrears.write()
    return [*await county.services.tasks.listed(state=state, do=ANSWER)]


async def paid(county: County) -> None:
    """Have the answer given, so that nothing is owed."""
    assert (await county.post(WHO, COMMANDED)).status == 200
    assert await owed(county) == []


async def test_a_source_that_is_gone_leaves_one_task_with_its_clock(
    county: County,
) -> None:
    """However often it is repeated; answered at last, it is done by itself."""
    folder = county.layout.databases
    moves = [(folder / name, folder / f"{name}-away") for name in ("dmv.db", "jail.db")]
    before = county.services.clock.now_ms()
    for there, away in moves:
        await asyncio.to_thread(there.rename, away)
    failed = [await county.post(WHO, COMMANDED) for _ in range(3)]
    free = await county.post("neighbour-sheriff", FREE)
    found = await owed(county)
    listed: Any = await county.command(command="task-list")
    metrics = (await county.admin("/metrics")).data.decode()
    for there, away in moves:
        await asyncio.to_thread(away.rename, there)
    answer = await county.post(WHO, COMMANDED)
    for _ in range(40):  # until the source's breaker lets somebody try
        if answer.status == 200:
            break
        await asyncio.sleep(0.25)
        answer = await county.post(WHO, COMMANDED)

    assert {answer.cause for answer in (*failed, free)} == {"source-unavailable"}
    (task,) = found
    assert task.parameters == {
        "cause": "source-unavailable",
        "agency": "ice",
        "dataset": "county-dmv",
        "asks": ["read_fields:home_address"],
        "screened": True,
    }
    assert task.due_ms is not None
    assert 86_000_000 < task.due_ms - before < 86_500_000
    leaf = (await county.leaves())[task.entry or 0]
    assert leaf["decision"] == "unavailable"
    said = (await county.sealed(task.entry or 0))["account"]["obligations"]
    given = (await county.sealed(answer.body["receipt"]["index"]))["account"]
    assert [(row["do"], row["task"], row["due_ms"]) for row in said] == [
        (ANSWER, task.id, task.due_ms)
    ]
    assert {"do": ANSWER, "task": task.id, "state": "done"} in given["obligations"]
    assert [row["do"] for row in listed if row["do"] == ANSWER] == [ANSWER]
    assert "sallyport_arrears 1.0" in metrics
    assert (
        'sallyport_commanded_failures_total{cause="source-unavailable"} 3.0' in metrics
    )
    assert answer.status == 200
    assert await owed(county) == []
    assert [done.id for done in await owed(county, TaskState.DONE)] == [task.id]


async def test_without_the_policy_a_confirmed_paper_is_enough(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can say whether the law commands it: somebody has to look."""

    async def gone(*_: object) -> None:
        raise Unavailable(Cause.POLICY_UNAVAILABLE, "as the test wants it")

    with monkeypatch.context() as patched:
        patched.setattr(Policy, "screen", gone)
        failed = await county.post(WHO, COMMANDED)
        free = await county.post("neighbour-sheriff", FREE)
    (task,) = await owed(county)

    assert failed.cause == free.cause == "policy-unavailable"
    assert task.parameters["screened"] is False
    await paid(county)


@pytest.mark.parametrize("look", [1, 2])
async def test_cut_offs_that_cannot_be_read_leave_it_owed(
    county: County, monkeypatch: pytest.MonkeyPatch, look: int
) -> None:
    """At the first look at them as at the second."""
    looks = 0

    def unread(*_: object) -> bool:
        nonlocal looks
        looks += 1
        if looks == look:
            raise Unavailable(Cause.LOG_UNAVAILABLE, "as the test wants it")
        return False

    with monkeypatch.context() as patched:
        patched.setattr(Standing, "cut_off", unread)
        failed = await county.post(WHO, COMMANDED)
    found = await owed(county)

    assert failed.cause == "log-unavailable"
    assert [task.do for task in found] == [ANSWER]
    await paid(county)


async def test_state_that_is_gone_takes_the_task_when_it_is_back(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal does not wait for it; the entry has it sealed meanwhile."""
    database = county.services.ledger.database
    monkeypatch.setattr(arrears, "PATIENCE_S", 0.05)

    async def gone(*_: object) -> None:
        raise Unavailable(Cause.SOURCE_UNAVAILABLE, "as the test wants it")

    with monkeypatch.context() as patched:
        patched.setattr(type(county.services.exchange._recorder), "record", gone)
        patched.setattr(type(database), "_transaction", _disk_error)
        failed = await county.post(WHO, COMMANDED)
        unwritten = county.services.arrears.count
        patched.setattr(type(database), "_transaction", _slow)
        again = await county.post(WHO, COMMANDED)
    (task,) = await owed(county)

    assert failed.cause == again.cause == "source-unavailable"
    assert unwritten == 1
    assert task.parameters["cause"] == "source-unavailable"
    await paid(county)


def _disk_error(*_: object) -> None:
    raise OperationalError("statement", {}, sqlite3.OperationalError("disk I/O error"))


def _slow(*_: object) -> None:
    raise OSError(errno.EAGAIN, "as the test wants it")


async def test_what_is_owed_is_known_after_a_restart(tmp_path: Path) -> None:
    """The log fails and cannot say it; the next process still knows, and is paid."""
    own = await activated(tmp_path)
    async with running(own) as county:
        await confirm(county)
        with pytest.MonkeyPatch.context() as patched:

            def failing(*_: object) -> int:
                raise OSError(errno.ENOSPC, "as the test wants it")

            patched.setattr(os, "fdatasync", failing)
            patched.setattr(os, "fsync", failing)
            failed = await county.post(WHO, COMMANDED)
        (task,) = await owed(county)
    async with running(own) as county:
        after = county.services.arrears.count
        await paid(county)

    assert failed.cause == "log-unavailable"
    assert task.entry == -1
    assert after == 1
