"""What people have to do: listed, counted, and closed with an entry."""

from __future__ import annotations

import asyncio

import pytest

from audit import Log, Receipt
from gateway.control import Actions, Docket, NotDone
from gateway.errors import Cause, Unavailable
from gateway.ledger import Basis, Ended, Ledger, record_end
from gateway.state import Database, NewTask, Tasks, TaskState
from tests.gateway.control.conftest import Pretended, begun, done

EXCHANGE = "cd" * 16
NOTIFY = NewTask(do="notify_judge", parameters={"form": "writing"}, due_ms=1_000)
FILE = NewTask(do="file_report", parameters={}, due_ms=None)


async def due(tasks: Tasks, *new: NewTask) -> list[str]:
    """Store tasks that count."""
    ids = await tasks.add(EXCHANGE, new)
    await tasks.recorded(ids, entry=1)
    return [*ids]


async def close(actions: Actions, *ids: str, **more: str) -> list[dict[str, object]]:
    """Close tasks."""
    rows: list[dict[str, object]] = await done(
        actions, command="task-close", tasks=[*ids], **more
    )
    return rows


async def test_tasks_are_listed_by_their_state(actions: Actions, tasks: Tasks) -> None:
    """What is to be done has its clock; what was done is asked for by that word."""
    await tasks.owe("ab" * 16, EXCHANGE, NOTIFY, entry=7)

    (row,) = await done(actions, command="task-list")
    assert (row["do"], row["due"], row["entry"]) == (
        "notify_judge",
        "1970-01-01T00:00:01Z",
        7,
    )
    assert await done(actions, command="task-list", state="done") == []


async def test_some_tasks_are_listed(actions: Actions, tasks: Tasks) -> None:
    """Of one kind, only what is late, and only so many."""
    notify, file = await due(tasks, NOTIFY, FILE)

    async def names(**which: object) -> list[str]:
        rows = await done(actions, command="task-list", **which)
        return [row["task"] for row in rows]

    assert await names() == [notify, file]
    assert await names(do="file_report") == [file]
    assert await names(overdue=True) == [notify]
    assert await names(said=["form=writing"]) == [notify]
    assert await names(exchange=EXCHANGE) == [notify, file]
    assert await names(exchange="0" * 32) == []
    assert await names(most=1) == [notify]


async def test_closed_with_an_entry(
    actions: Actions, tasks: Tasks, ledger: Ledger, running: Pretended
) -> None:
    """The row names the entry, the list shows it, and what runs is told."""
    await begun(actions)
    notify, file = await due(tasks, NOTIFY, FILE)

    rows = await close(actions, notify, file, notify, words="sent by post")

    assert [(row["task"], row["entry"]) for row in rows] == [(notify, 2), (file, 3)]
    assert {row["state"] for row in rows} == {"done"}
    listed = await done(actions, command="task-list", state="done")
    assert [(row["task"], row["closing"]) for row in listed] == [
        (notify, 2),
        (file, 3),
    ]
    assert all(row["closed"] for row in listed)
    assert await done(actions, command="task-list") == []
    assert running.settled_tasks == [notify, file]
    leaves = await asyncio.to_thread(lambda: [*ledger.log.leaves()])
    assert {leaf["decision"] for _, leaf in leaves[2:]} == {"closed"}


async def test_all_of_a_kind_are_closed(actions: Actions, tasks: Tasks) -> None:
    """One report may be what many exchanges asked for."""
    await begun(actions)
    reports = await due(tasks, FILE, NOTIFY, FILE)
    notify = reports.pop(1)

    rows = await done(actions, command="task-close", do="file_report")
    with pytest.raises(NotDone, match="no open task says that file_report is to be"):
        await done(actions, command="task-close", do="file_report")

    assert {row["task"] for row in rows} == {*reports}
    assert [item.id for item in await tasks.listed()] == [notify]


async def test_some_of_a_kind_are_closed(actions: Actions, tasks: Tasks) -> None:
    """Reports to one office are not those to another."""
    await begun(actions)
    here = NewTask(do="report", parameters={"to": "public"}, due_ms=None)
    there = NewTask(do="report", parameters={"to": "tx_comptroller"}, due_ms=None)
    ours, theirs = await due(tasks, here, there)

    rows = await done(actions, command="task-close", do="report", said=["to=public"])
    with pytest.raises(NotDone, match="report is to be done, to=public"):
        await done(actions, command="task-close", do="report", said=["to=public"])

    assert [row["task"] for row in rows] == [ours]
    assert [item.id for item in await tasks.listed()] == [theirs]


async def test_what_is_not_open_closes_nothing(actions: Actions, tasks: Tasks) -> None:
    """Every mistake is named, and none of the others is closed beside it."""
    await begun(actions)
    notify, file = await due(tasks, NOTIFY, FILE)
    await close(actions, file, state="cancelled", words="counsel says so")

    with pytest.raises(NotDone) as refused:
        await close(actions, notify, file, "ef" * 16)

    said = str(refused.value)
    assert f"there is no task {'ef' * 16}" in said
    assert f"the task {file} is cancelled already" in said
    assert [item.id for item in await tasks.listed()] == [notify]


async def test_broken_off_before_its_row(
    actions: Actions, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed again it is the same entry; closed otherwise it is refused."""
    await begun(actions)
    (notify,) = await due(tasks, NOTIFY)

    async def gone(*_: object, **__: object) -> bool:
        raise Unavailable(Cause.STATE_UNAVAILABLE, "as the test wants it")

    with monkeypatch.context() as patched:
        patched.setattr(Tasks, "close", gone)
        with pytest.raises(Unavailable, match=f"entry 2 says that the task {notify}"):
            await close(actions, notify)
    with pytest.raises(NotDone, match=f"entry 2 says otherwise of the task {notify}"):
        await close(actions, notify, state="cancelled", words="a mistake")
    (row,) = await close(actions, notify)

    assert row["entry"] == 2


@pytest.mark.parametrize("state", ["done", "cancelled"])
async def test_what_was_broken_off_is_closed_as_the_log_says(
    actions: Actions,
    docket: Docket,
    tasks: Tasks,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
) -> None:
    """Before the log forgets: a day later it could be closed otherwise as well."""
    await begun(actions)
    notify, file = await due(tasks, NOTIFY, FILE)
    settled: asyncio.Queue[str] = asyncio.Queue()

    async def gone(*_: object, **__: object) -> bool:
        raise Unavailable(Cause.STATE_UNAVAILABLE, "as the test wants it")

    with monkeypatch.context() as patched:
        patched.setattr(Tasks, "close", gone)
        with pytest.raises(Unavailable):
            await close(actions, notify, file, state=state, words="sent by post")
        looking = asyncio.ensure_future(
            docket.look_forever(settled.put_nowait, every_s=0)
        )
        await asyncio.sleep(0.1)  # the state fails it as well, and it goes on
    told = await settled.get()
    looking.cancel()

    (row,) = await done(actions, command="task-list", state=state)
    assert (row["task"], row["closing"], told) == (notify, 2, notify)
    # Its entry was not written: it is open, and shows no time at which it was closed.
    (still,) = await done(actions, command="task-list")
    assert (still["task"], still["closed"]) == (file, "")


async def test_of_a_kind_those_of_one_exchange_are_closed(
    actions: Actions, tasks: Tasks
) -> None:
    """What one request brought, and nothing of the others."""
    await begun(actions)
    (ours,) = await due(tasks, FILE)
    await tasks.owe("ab" * 16, "ef" * 16, FILE, entry=7)
    which = {"command": "task-close", "do": "file_report", "exchange": EXCHANGE}

    rows = await done(actions, **which)
    with pytest.raises(NotDone, match=f"to be done, for the exchange {EXCHANGE}"):
        await done(actions, **which)

    assert [row["task"] for row in rows] == [ours]
    assert [item.exchange for item in await tasks.listed()] == ["ef" * 16]


async def test_without_the_log_it_is_said_how_many_were_closed(
    actions: Actions, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever closes many knows how far it went."""
    await begun(actions)
    ids = await due(tasks, NOTIFY, NOTIFY, NOTIFY)
    written: list[Receipt] = []

    async def twice(log: Log, ended: Ended, *, basis: Basis) -> Receipt:
        if len(written) == 2:
            raise Unavailable(Cause.LOG_UNAVAILABLE, "as the test wants it")
        written.append(await record_end(log, ended, basis=basis))
        return written[-1]

    monkeypatch.setattr("gateway.control.docket.record_end", twice)
    with pytest.raises(Unavailable, match="wants it; 2 before it were closed"):
        await close(actions, *ids)

    assert len(await tasks.listed()) == 1


async def test_owed_again_is_another_task(actions: Actions, tasks: Tasks) -> None:
    """An answer that is owed anew has the same name, and is closed anew."""
    await begun(actions)
    name = "ab" * 16
    await tasks.owe(name, EXCHANGE, NOTIFY, entry=-1)
    (first,) = await close(actions, name)
    await asyncio.sleep(0.002)  # until its creation is another millisecond
    await tasks.owe(name, EXCHANGE, NOTIFY, entry=-1)
    (second,) = await close(
        actions, name, state="cancelled", words="withdrawn by the agency"
    )

    assert (first["entry"], second["entry"]) == (2, 3)
    assert [item.id for item in await tasks.listed(state=TaskState.CANCELLED)] == [name]


async def test_owed_again_meanwhile_stays_open(
    actions: Actions,
    tasks: Tasks,
    running: Pretended,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The entry speaks of the one that was there; the new one is still to be done."""
    await begun(actions)
    name = "ab" * 16
    await tasks.owe(name, EXCHANGE, NOTIFY, entry=-1)

    async def slowly(log: Log, ended: Ended, *, basis: Basis) -> Receipt:
        receipt = await record_end(log, ended, basis=basis)
        await tasks.close(name, TaskState.DONE)
        await asyncio.sleep(0.002)  # until its creation is another millisecond
        await tasks.owe(name, "ef" * 16, NOTIFY, entry=-1)
        return receipt

    monkeypatch.setattr("gateway.control.docket.record_end", slowly)
    await close(actions, name)
    (still,) = await tasks.listed()

    assert still.exchange == "ef" * 16
    assert running.settled_tasks == []


async def test_the_status_counts_them(
    actions: Actions, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the state there is a status all the same."""
    await due(tasks, NOTIFY, FILE)
    status = await done(actions, command="status")

    async def gone(*_: object) -> None:
        raise Unavailable(Cause.STATE_UNAVAILABLE, "as the test wants it")

    monkeypatch.setattr(Database, "run", gone)
    without = await done(actions, command="status")

    assert (status["tasks_open"], status["tasks_overdue"]) == (2, 1)
    assert "tasks_open" not in without
    assert without["origin"] == status["origin"]
