"""Tasks: stored before their entry, counted after it, with a clock."""

from __future__ import annotations

from functools import partial

import pytest

from gateway.state import Database, NewTask, OpenTasks, Tasks, TaskState
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


async def test_what_counts_is_known_by_its_entry(tasks: Tasks) -> None:
    """Also once it is closed; not before it counts, nor under another entry."""
    (task,) = await tasks.add(EXCHANGE, [NOTIFY])
    before = await tasks.counted(EXCHANGE, entry=5)
    await tasks.recorded([task], entry=5)
    await tasks.close(task, TaskState.DONE)

    assert not before
    assert await tasks.counted(EXCHANGE, entry=5)
    assert not await tasks.counted(EXCHANGE, entry=6)
    assert not await tasks.counted("cd" * 16, entry=5)


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


async def test_what_somebody_began_to_close_is_known_and_kept(
    tasks: Tasks, clock: Hands
) -> None:
    """It is open until it is closed; the retention is that of closed ones."""
    begun, other = await tasks.add(EXCHANGE, [NOTIFY, FILE])
    await tasks.recorded([begun, other], entry=1)
    await tasks.closing([begun])
    clock.advance(10)

    assert [item.id for item in await tasks.half_closed(since_ms=START_MS)] == [begun]
    assert await tasks.half_closed(since_ms=START_MS + 1) == ()
    assert await tasks.forget(closed_before_ms=clock.ms, unrecorded_before_ms=0) == 0
    await tasks.close(begun, TaskState.DONE)
    assert await tasks.half_closed(since_ms=START_MS) == ()
    await tasks.closing([begun])
    assert await tasks.half_closed(since_ms=START_MS) == ()


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


async def test_tasks_are_found_by_their_names(tasks: Tasks) -> None:
    """Only those that count; a name nobody has is nobody's."""
    waiting, counted = await tasks.add(EXCHANGE, [FILE, NOTIFY])
    await tasks.recorded([counted], entry=3)

    found = await tasks.named([waiting, counted, "ef" * 16])

    assert {name: item.do for name, item in found.items()} == {
        counted: "notify_subject"
    }


async def test_open_tasks_are_counted_with_their_time(
    tasks: Tasks, clock: Hands
) -> None:
    """What is due at this very instant is not late; what is closed counts no more."""
    ids = await tasks.add(EXCHANGE, [FILE, NOTIFY, NOTIFY])
    await tasks.recorded(ids[:2], entry=1)
    clock.ms = START_MS + 1000
    punctual = await tasks.count_open(), await tasks.listed(overdue=True)
    clock.ms += 1
    late = await tasks.count_open(), await tasks.listed(overdue=True)
    await tasks.close(ids[1], TaskState.DONE)

    assert punctual == (OpenTasks(open=2, overdue=0), ())
    assert late[0] == OpenTasks(open=2, overdue=1)
    assert [item.id for item in late[1]] == [ids[1]]
    assert await tasks.count_open() == OpenTasks(open=1, overdue=0)


async def test_the_names_of_one_kind_are_told(tasks: Tasks) -> None:
    """Open ones that count, and no more of them than are wanted."""
    first = await tasks.add(EXCHANGE, [NOTIFY, NOTIFY, FILE])
    await tasks.recorded(first, entry=1)
    await tasks.add(EXCHANGE, [NOTIFY])
    await tasks.close(first[0], TaskState.DONE)

    assert await tasks.open_ids("notify_subject", most=9) == {first[1]}
    assert len(await tasks.open_ids("notify_subject", most=1)) == 1
    assert await tasks.open_ids("file_report", most=9) == {first[2]}


async def test_who_closed_it_is_an_entry(tasks: Tasks, clock: Hands) -> None:
    """A closed task names the entry that says so; what the gateway did has none."""
    mine, its = await tasks.add(EXCHANGE, [NOTIFY, NOTIFY])
    await tasks.recorded([mine, its], entry=1)
    clock.advance(5)
    await tasks.close(mine, TaskState.DONE, closing=8)
    await tasks.close(its, TaskState.DONE)

    found = await tasks.named([mine, its])

    assert {name: item.closing for name, item in found.items()} == {mine: 8, its: None}
    assert {item.closed_ms for item in found.values()} == {clock.ms}


async def test_tasks_of_one_exchange_are_listed(tasks: Tasks) -> None:
    """What one request brought, and nothing of another."""
    await tasks.owe("ab" * 16, EXCHANGE, NOTIFY, entry=1)
    await tasks.owe("cd" * 16, "ef" * 16, FILE, entry=2)

    assert [item.do for item in await tasks.listed(exchange="ef" * 16)] == [FILE.do]


async def test_what_an_attempt_left_is_tied_to_its_entry(
    tasks: Tasks, clock: Hands
) -> None:
    """The newest before the entry; no older attempt's, no other's and no later one."""
    await tasks.add(EXCHANGE, [NOTIFY])
    clock.advance(5)
    mine = await tasks.add(EXCHANGE, [NOTIFY, FILE])
    await tasks.add("ef" * 16, [NOTIFY])
    until = clock.ms
    clock.advance(5)
    await tasks.add(EXCHANGE, [NOTIFY])

    claim = partial(tasks.claim, EXCHANGE, [NOTIFY, FILE], entry=7)
    assert await claim(until_ms=until)
    assert {item.id for item in await tasks.listed()} == {*mine}
    assert not await tasks.claim(EXCHANGE, [], entry=7, until_ms=until)
    assert not await tasks.claim("00" * 16, [NOTIFY], entry=7, until_ms=until)
