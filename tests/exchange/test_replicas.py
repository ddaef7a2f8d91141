"""Several gateways with one log and one state: what one does, the others know."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio

from audit.postgres.source import PostgresSource
from audit.report import Report
from audit.verify import Trust, verify
from gateway import standing, takeover
from gateway.config import Config, load
from gateway.demo.layout import Layout
from gateway.in_force import Written, read_files
from gateway.ledger import log_keys
from gateway.policy.doubt import Finding
from tests.audit.kept import Database
from tests.exchange.beside import until
from tests.exchange.county import Answer, County, activate, running, vouch
from tests.exchange.replicas import on_machines
from tests.exchange.requests import SHERIFF, custody, immigration_status
from tests.services.postgres import Server

pytestmark = [
    pytest.mark.services,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]

WITHIN_S = 2.0
"""How soon the others know of a cut-off, in seconds."""

SETTINGS = """
replicas: 3
limits:
  client: {per_minute: 60000, burst: 60000}
  agency: {per_minute: 60000, burst: 60000}
  family: {per_minute: 60000, burst: 60000}
  subjects_per_day: 6
"""


@pytest.fixture(scope="module")
def layouts(
    tmp_path_factory: pytest.TempPathFactory, postgres: Server, log: Database
) -> Iterator[list[Layout]]:
    """The same files three times, as three machines have them; one server."""
    root = tmp_path_factory.mktemp("r")
    with on_machines(root, postgres, log, machines=3, settings=SETTINGS) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateways(layouts: list[Layout]) -> AsyncIterator[list[County]]:
    """Two that run; the third may start later."""
    await activate(await asyncio.to_thread(load, layouts[0].config()))
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(running(layout)) for layout in layouts[:2]
        ]


async def comes_to(county: County, status: int) -> Answer:
    """Ask until the answer has a status."""
    last: list[Answer] = []

    async def holds() -> bool:
        last.append(await county.post(SHERIFF, custody()))
        return last[-1].status == status

    await until(holds)
    return last[-1]


async def verified(log: Database, layout: Layout) -> Report:
    """Verify the log in the auditor's role."""
    config = await asyncio.to_thread(load, layout.config())

    def look() -> Report:
        source = PostgresSource(log.server_of("auditor"))
        return verify(source, Trust(keys=log_keys(config).verifiers))

    return await asyncio.to_thread(look)


def write_law(layouts: list[Layout], title: str) -> None:
    """Change a rule's title in the files of some machines."""
    for layout in layouts:
        path = layout.root / "policies/packs/us-il/rules/process.yaml"
        text = path.read_text()
        line = next(each for each in text.splitlines() if "  title: " in each)
        path.write_text(text.replace(line, f"  title: {title}", 1))
        vouch(load(layout.config()))


@pytest.mark.fault("replica-behind")
async def test_a_cut_off_here_stops_requests_there(gateways: list[County]) -> None:
    """In under two seconds, and so does the lift."""
    here, there = gateways
    assert (await there.post(SHERIFF, custody())).status == 200
    done: Any = await here.command(command="cutoff-add", scope="all", by="tests")
    started = time.monotonic()

    stopped = await comes_to(there, 403)
    took = time.monotonic() - started
    await there.command(command="draft-lift", number=done["number"])
    opened = await comes_to(here, 200)

    assert stopped.problem == "cut-off"
    assert took < WITHIN_S
    assert opened.status == 200


async def test_an_activation_here_is_in_force_there(
    gateways: list[County], layouts: list[Layout]
) -> None:
    """Without one refusal between, and each answer names what it was decided under."""
    here, there = gateways
    before = there.services.in_force.policy.revision
    await asyncio.to_thread(write_law, layouts, "Another title")
    answers: list[Answer] = []

    async def taken() -> bool:
        answers.append(await there.post(SHERIFF, custody()))
        return there.services.in_force.policy.revision != before

    assert not await taken()
    await here.command(command="draft-activation", reason="scheduled")
    await until(taken)
    after = await there.post(SHERIFF, custody())

    now = here.services.in_force.policy.revision
    assert {answer.status for answer in answers} == {200}
    assert {answer.body["policy"] for answer in answers} <= {before, now}
    assert after.body["policy"] == now == there.services.in_force.policy.revision


@pytest.mark.fault("replica-behind")
async def test_files_that_are_not_those_are_no_law(
    gateways: list[County], layouts: list[Layout], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without the new files refuses in the end, and answers with them."""
    here, there = gateways
    monkeypatch.setattr(standing, "GRACE_S", 0.5)
    monkeypatch.setattr(takeover, "_AGAIN_S", 0.2)
    old = there.services.in_force.policy.revision
    await asyncio.to_thread(write_law, layouts[:1], "Only here")
    await here.command(command="draft-activation", reason="scheduled")

    closed = await comes_to(there, 503)
    still = there.services.in_force.policy.revision
    gauges = (await there.admin("/metrics")).data.decode()

    async def says_why() -> bool:
        parts = (await there.admin("/readyz")).body["parts"]
        return "not those that another process activated" in parts["standing"]

    await until(says_why)
    await asyncio.to_thread(write_law, layouts[1:], "Only here")
    opened = await comes_to(there, 200)
    after = (await there.admin("/metrics")).data.decode()

    assert closed.problem == "policy-unavailable"
    assert still == old
    assert "sallyport_behind 1.0" in gauges
    assert "sallyport_behind 0.0" in after
    assert opened.body["policy"] == here.services.in_force.policy.revision


@pytest.mark.fault("replica-behind")
async def test_files_that_are_never_read_are_no_law_either(
    gateways: list[County], layouts: list[Layout], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where reading hangs, what was activated before is not applied for longer."""
    here, there = gateways
    read, go = read_files, threading.Event()

    def hangs(config: Config) -> Written:
        go.wait(60)
        return read(config)

    monkeypatch.setattr(takeover, "read_files", hangs)
    monkeypatch.setattr(standing, "GRACE_S", 0.5)
    await asyncio.to_thread(write_law, layouts, "Slowly read")
    await here.command(command="draft-activation", reason="scheduled")

    closed = await comes_to(there, 503)
    go.set()
    opened = await comes_to(there, 200)

    assert closed.problem == "policy-unavailable"
    assert opened.body["policy"] == here.services.in_force.policy.revision


async def test_a_retry_there_is_the_same_disclosure(gateways: list[County]) -> None:
    """The same key and body give the same bytes and add nothing to the log."""
    here, there = gateways
    first = await here.post(SHERIFF, custody(), key="either")
    again = await there.post(SHERIFF, custody(), key="either")

    assert (first.status, again.data) == (200, first.data)


async def test_what_waits_here_is_seen_there(gateways: list[County]) -> None:
    """A person's queue is one, whoever took the request."""
    here, there = gateways
    body = immigration_status()
    waiting = await here.post("ice-ero", body)
    shown = await there.get("ice-ero", f"/v1/exchanges/{waiting.body['exchange']}")

    assert (waiting.status, shown.status) == (202, 200)
    assert shown.body["state"] == "waiting"


@pytest.mark.fault("replica-behind")
async def test_a_doubt_here_closes_there_and_is_ended_for_both(
    gateways: list[County],
) -> None:
    """Whoever looks may be at either; each asks its own engine before it goes on."""
    here, there = gateways
    finding = Finding(detail="as the test wants it", revision="f" * 64)
    here.services.standing.doubt.close(finding)

    closed = await comes_to(there, 503)
    await there.command(command="reopen", by="tests", reason="scheduled")
    opened = await comes_to(here, 200)

    assert closed.problem == "policy-disagreement"
    assert (await there.post(SHERIFF, custody())).status == opened.status == 200


async def test_budgets_are_of_all_together(gateways: list[County]) -> None:
    """Whom a family asked about here is counted there, two seconds later at most."""
    here, there = gateways
    people = (3, 4, 5, 7, 8, 17)
    asked = [await here.post(SHERIFF, custody(number)) for number in people]
    held = there.services.limits.asked

    async def known() -> bool:
        return len(held._people["state_local"]) == len(people)

    await until(known)
    refused = await there.post(SHERIFF, custody(9))

    assert {answer.status for answer in asked} == {200}
    assert (refused.status, refused.problem) == (429, "too-many")


async def test_one_may_come_and_go(
    gateways: list[County], layouts: list[Layout], log: Database
) -> None:
    """A third starts and stops while two write; the log verifies, nothing closes."""
    ended = asyncio.Event()
    before = len(await gateways[0].leaves())

    async def ask(county: County) -> set[int]:
        statuses = set()
        while not ended.is_set():
            statuses.add((await county.post(SHERIFF, custody())).status)
        return statuses

    async with asyncio.TaskGroup() as group:
        asking_ = [group.create_task(ask(county)) for county in gateways]
        async with running(layouts[2]) as third:
            answer = await third.post(SHERIFF, custody())
        ended.set()
    await gateways[0].services.log.settle()
    report = await verified(log, layouts[0])

    assert answer.status == 200
    assert [task.result() for task in asking_] == [{200}, {200}]
    assert [each.text for each in report.findings] == []
    words = [leaf["decision"] for leaf in (await gateways[0].leaves())[before:]]
    acts = [word for word in words if word in {"start", "stop", "close"}]
    assert acts == ["start", "stop"]


@pytest.mark.fault("replica-behind")
async def test_what_needs_a_restart_closes_each(
    gateways: list[County], layouts: list[Layout]
) -> None:
    """What no process takes over while it runs ends in a refusal everywhere."""
    here, there = gateways

    def change() -> None:
        for layout in layouts:
            people = layout.root / "auditor.pub"
            people.write_text(people.read_text() + "\n")

    await asyncio.to_thread(change)
    said: Any = await here.command(command="draft-activation", reason="scheduled")
    closed = await comes_to(there, 503)
    status: Any = await there.command(command="status")

    assert "restart the gateway" in said["said"]
    assert closed.problem == (await here.post(SHERIFF, custody())).problem
    assert status["closed"] == "activated files need a restart"
