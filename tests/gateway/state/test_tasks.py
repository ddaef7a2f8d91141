"""Tasks: stored before their entry, counted after it, with a clock."""

from __future__ import annotations

import pytest

from gateway.state import Database, NewTask, Tasks, TaskState
from tests.gateway.state.conftest import START_MS, Hands

EXCHANGE = "ab" * 16
NOTIFY = NewTask(
    do="notify_subject", parameters={"business_days": 3}, due_ms=START_MS + 1000
)
FILE = NewTask(do="file_report", parameters={}, due_ms=None)


@pytest.fixture
def tasks(database: Database, clock: Hands) -> Tasks:
    """An empty list of tasks."""
    return Tasks(database=database, clock=clock)


async def test_a_task_counts_after_its_entry(tasks: Tasks) -> None:
    """Before the entry is durable nobody is sent to do anything."""
    ids = await tasks.add(EXCHANGE, [FILE, NOTIFY])
    assert await tasks.listed() == ()
    await tasks.recorded(ids, entry=5)
    first, second = await tasks.listed()
    assert (first.do, first.parameters) == ("notify_subject", {"business_days": 3})
    assert (first.entry, first.due_ms) == (5, START_MS + 1000)
    assert (second.do, second.due_ms) == ("file_report", None)


async def test_no_tasks_is_no_work(tasks: Tasks) -> None:
    """Nothing to do touches nothing."""
    assert await tasks.add(EXCHANGE, []) == ()
    await tasks.recorded((), entry=1)
    await tasks.drop(())
    assert await tasks.listed() == ()


async def test_dropped_with_a_failed_entry(tasks: Tasks) -> None:
    """A refusal takes its tasks along; what has an entry stays."""
    gone = await tasks.add(EXCHANGE, [NOTIFY])
    kept = await tasks.add(EXCHANGE, [FILE])
    await tasks.recorded(kept, entry=1)
    await tasks.drop([*gone, *kept])
    assert [item.id for item in await tasks.listed()] == list(kept)


async def test_closed_once(tasks: Tasks) -> None:
    """A task is done once."""
    (task,) = await tasks.add(EXCHANGE, [NOTIFY])
    await tasks.recorded([task], entry=1)
    assert await tasks.close(task, TaskState.DONE)
    assert not await tasks.close(task, TaskState.CANCELLED)
    assert [item.id for item in await tasks.listed(state=TaskState.DONE)] == [task]


async def test_old_tasks_are_forgotten(tasks: Tasks, clock: Hands) -> None:
    """Closed ones by retention, those without entry by age."""
    (closed,) = await tasks.add(EXCHANGE, [NOTIFY])
    await tasks.recorded([closed], entry=1)
    await tasks.close(closed, TaskState.DONE)
    await tasks.add(EXCHANGE, [FILE])
    clock.advance(10)
    forget = tasks.forget
    assert await forget(closed_before_ms=0, unrecorded_before_ms=0) == 0
    assert await forget(closed_before_ms=0, unrecorded_before_ms=clock.ms) == 1
    assert await forget(closed_before_ms=clock.ms, unrecorded_before_ms=0) == 1


async def test_what_is_owed_counts_at_once_and_once(tasks: Tasks, clock: Hands) -> None:
    """The same task again is the same task; one that was closed opens anew."""
    name = "cd" * 16
    await tasks.owe(name, EXCHANGE, NOTIFY, entry=-1)
    clock.advance(60)
    await tasks.owe(name, "ef" * 16, FILE, entry=4)

    (task,) = await tasks.listed()
    assert (task.do, task.exchange, task.entry) == ("notify_subject", EXCHANGE, -1)
    assert task.created_ms == START_MS
    assert await tasks.close(name, TaskState.DONE)
    await tasks.owe(name, "ef" * 16, FILE, entry=4)
    (again,) = await tasks.listed()
    assert (again.do, again.entry) == ("file_report", 4)


async def test_tasks_of_one_kind_are_listed(tasks: Tasks) -> None:
    """Who looks for one kind of duty sees no other."""
    await tasks.owe("ab" * 16, EXCHANGE, NOTIFY, entry=1)
    await tasks.owe("cd" * 16, EXCHANGE, FILE, entry=1)

    assert [item.do for item in await tasks.listed(do="file_report")] == ["file_report"]
