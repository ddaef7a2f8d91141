"""What the law makes somebody do, until somebody says that it is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from audit import Log, LogUnavailable
from gateway.cli import main
from gateway.control import NotDone
from gateway.demo.papers import paper
from gateway.errors import Cause, Unavailable
from gateway.recording.arrears import ANSWER
from gateway.state import Reviews, Tasks
from tests.exchange.county import Answer, County, activated, running
from tests.exchange.requests import release_date, subpoenaed

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

ICE = "ice-ero"
WORDS = "canary-7f41: handed over at the front desk"
"""What somebody says; nobody but auditors may read it."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def county(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """A running county."""
    layout = await activated(tmp_path_factory.mktemp("tasks"))
    async with running(layout) as found:
        yield found


async def asked(county: County) -> list[dict[str, Any]]:
    """Have the service ask for a date of release; return what is then to be done."""
    before = {row["task"] for row in await listed(county)}
    await county.post(ICE, release_date())
    return [row for row in await listed(county) if row["task"] not in before]


async def listed(county: County, **which: object) -> list[dict[str, Any]]:
    """Return tasks as the command shows them."""
    rows: list[dict[str, Any]] = await county.command(command="task-list", **which)
    return rows


async def test_done_is_an_entry_that_only_auditors_can_read(county: County) -> None:
    """Who did what, for which exchange, is sealed; the leaf says that something is."""
    task, *_ = await asked(county)

    (row,) = await county.command(
        command="task-close", tasks=[task["task"]], words=WORDS, by="R. Example"
    )

    leaf = (await county.leaves())[row["entry"]]
    parts = await county.sealed(row["entry"])
    account = parts["account"]
    assert (leaf["ev"], leaf["decision"]) == ("review", "closed")
    assert (leaf["db"], leaf["agency"], leaf["rules"]) == ("", "", [])
    assert parts["who"]["by"] == "R. Example"
    assert (account["task"], account["state"]) == (task["task"], "done")
    assert (account["do"], account["exchange"]) == (task["do"], task["exchange"])
    assert (account["entry"], account["words"]) == (task["entry"], WORDS)
    said = (f"{name}={value}" for name, value in sorted(account["parameters"].items()))
    assert " ".join(said) == task["said"]
    assert task["task"] not in {row["task"] for row in await listed(county)}
    (shown,) = [
        each
        for each in await listed(county, state="done")
        if each["task"] == task["task"]
    ]
    assert (shown["closing"], bool(shown["closed"])) == (row["entry"], True)


async def test_what_is_due_is_in_the_entry_it_comes_from(county: County) -> None:
    """Each duty with its task, its words and its time: an auditor needs no list."""
    tasks = await asked(county)
    (entry,) = {task["entry"] for task in tasks}

    account = (await county.sealed(entry))["account"]

    due = {row["task"]: row for row in account["obligations"] if "task" in row}
    rows = {row.id: row for row in await county.services.tasks.listed()}
    assert due.keys() == {task["task"] for task in tasks}
    assert [
        (row["do"], row["parameters"], row["due_ms"] or None) for row in due.values()
    ] == [(rows[name].do, rows[name].parameters, rows[name].due_ms) for name in due]
    others = [row for row in account["obligations"] if "task" not in row]
    assert {"do": "log_request", "parameters": {}} in others


async def test_asked_again_after_a_fault_is_owed_all_the_same(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed between the entry and its tasks is made good before an answer."""
    before = {row["task"] for row in await listed(county)}
    key = '"asked-again-1"'

    async def gone(*_: object, **__: object) -> None:
        raise Unavailable(Cause.STATE_UNAVAILABLE, "as the test wants it")

    with monkeypatch.context() as patched:
        patched.setattr(Tasks, "recorded", gone)
        refused = await county.post(ICE, release_date(), key=key)
    first = await county.post(ICE, release_date(), key=key)
    owed = [row for row in await listed(county) if row["task"] not in before]
    second = await county.post(ICE, release_date(), key=key)
    after = [row for row in await listed(county) if row["task"] not in before]

    assert (refused.status, refused.cause) == (503, "state-unavailable")
    assert first.body["receipt"] == second.body["receipt"]
    assert {row["exchange"] for row in owed} == {first.body["exchange"]}
    assert after == owed
    account = (await county.sealed(first.body["receipt"]["index"]))["account"]
    named = {row["task"] for row in account["obligations"] if "task" in row}
    assert {row["task"] for row in owed} == named


async def test_waits_for_a_person_after_a_fault(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed between the entry and the queue is in the queue when asked again."""
    key = '"asked-again-2"'

    async def gone(*_: object, **__: object) -> None:
        raise Unavailable(Cause.STATE_UNAVAILABLE, "as the test wants it")

    with monkeypatch.context() as patched:
        patched.setattr(Reviews, "recorded", gone)
        refused = await county.post("ice-hsi", subpoenaed(), key=key)
    again = await county.post("ice-hsi", subpoenaed(), key=key)
    exchange = again.body["exchange"]
    seen = await county.get("ice-hsi", f"/v1/exchanges/{exchange}")

    assert (refused.status, again.status) == (503, 202)
    assert seen.status == 200
    assert seen.body["exchange"] == exchange


async def test_an_attempt_that_ended_before_its_entry_waits_in_the_queue(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row was there and no entry; asked again it is, and says until when."""
    key = '"asked-again-3"'

    async def gone(*_: object, **__: object) -> None:
        raise LogUnavailable("as the test wants it")

    with monkeypatch.context() as patched:
        patched.setattr(Log, "append", gone)
        refused = await county.post("ice-hsi", subpoenaed(), key=key)
    first = await county.post("ice-hsi", subpoenaed(), key=key)
    second = await county.post("ice-hsi", subpoenaed(), key=key)
    seen = await county.get("ice-hsi", f"/v1/exchanges/{first.body['exchange']}")

    assert (refused.cause, first.status, seen.status) == ("log-unavailable", 202, 200)
    assert first.data == second.data
    assert first.body["due"] == seen.body["due"]


async def test_what_is_said_of_it_is_nowhere_else(county: County) -> None:
    """Not in the state, the public log, its files, or the lines for operators."""
    task, *_ = await asked(county)
    await county.command(
        command="task-close",
        tasks=[task["task"]],
        state="cancelled",
        words=WORDS,
        by="canary-7f41 R. Example",
    )
    await county.services.log.settle()

    def places() -> list[str]:
        files = [path for path in county.layout.root.rglob("*") if path.is_file()]
        return [str(path) for path in files if b"canary-7f41" in path.read_bytes()]

    assert await asyncio.to_thread(places) == []


async def test_the_metrics_count_them(county: County) -> None:
    """Open ones, and none of them is late on the day it was made."""
    await asked(county)
    count = len(await listed(county))
    metrics = (await county.admin("/metrics")).data.decode()
    status = await county.command(command="status")

    assert "sallyport_tasks_open" not in metrics
    assert "sallyport_tasks_overdue 0.0" in metrics
    assert (status["tasks_open"], status["tasks_overdue"]) == (count, 0)


async def test_an_answer_somebody_gave_is_owed_again(county: County) -> None:
    """Closed by a person; the next fault of the same request owes it anew."""
    document = paper("subpoena-31")["document_sha256"]
    await county.command(command="draft-paper", document=document)
    folder = county.layout.databases
    moves = [(folder / name, folder / f"{name}-away") for name in ("dmv.db", "jail.db")]
    for there, away in moves:
        await asyncio.to_thread(there.rename, away)

    async def failing() -> Answer:
        answer = await county.post("ice-hsi", subpoenaed())
        await county.services.arrears.write()
        return answer

    try:
        first = await failing()
        (owed,) = await listed(county, do=ANSWER)
        await county.command(
            command="task-close", do=ANSWER, words="by courier", by="R. Example"
        )
        between = county.services.arrears.count, await listed(county, do=ANSWER)
        second = await failing()
    finally:
        for there, away in moves:
            await asyncio.to_thread(away.rename, there)
    (again,) = await listed(county, do=ANSWER)

    assert {first.cause, second.cause} == {"source-unavailable"}
    assert between == (0, [])
    assert (again["task"], again["exchange"]) != (owed["task"], owed["exchange"])
    assert again["task"] == owed["task"]
    with pytest.raises(NotDone, match="there is no task"):
        await county.command(command="task-close", tasks=["0" * 32], by="R. Example")


async def test_what_a_crash_left_open_is_closed_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its entry stands: a day later the log would take another one that contradicts."""
    layout = await activated(tmp_path)
    async with running(layout) as county:
        (task, *_) = await asked(county)

        async def gone(*_: object, **__: object) -> None:
            raise Unavailable(Cause.STATE_UNAVAILABLE, "as the test wants it")

        with monkeypatch.context() as patched:
            patched.setattr(Tasks, "close", gone)
            with pytest.raises(Unavailable):
                await county.command(
                    command="task-close", tasks=[task["task"]], by="R. Example"
                )
    async with running(layout) as county:
        async with asyncio.timeout(20):
            while not (found := await listed(county, state="done")):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.05)

    assert [row["task"] for row in found] == [task["task"]]
    assert found[0]["closing"] > task["entry"]


async def test_closed_while_no_gateway_runs(tmp_path: Path) -> None:
    """The command takes the log itself; who starts then knows what is open."""
    layout = await activated(tmp_path)
    async with running(layout) as county:
        tasks = [row["task"] for row in await asked(county)]
    answer = await asyncio.to_thread(
        CliRunner().invoke,
        main.app,
        [
            "task",
            "close",
            tasks[0],
            "--config",
            str(layout.config("illinois")),
            "--json",
        ],
    )
    async with running(layout) as county:
        left = [row["task"] for row in await listed(county)]

    assert answer.exit_code == 0, answer.output
    assert sorted(left) == sorted(tasks[1:])
