"""The log's PostgreSQL gone, hung, half-closed, slow, restarted, failed over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio

from audit import Receipt
from audit.merkle import leaf_hash
from audit.verify import Trust, verify
from gateway.config import load
from gateway.ledger import log_keys
from tests.audit.kept import Database, PostgresStore
from tests.exchange.accounts import Account, bad_ways, fault_of
from tests.exchange.beside import own_law
from tests.exchange.county import Answer, County, activate, running, write_county
from tests.exchange.requests import SHERIFF, custody
from tests.services.faulty import Way, Wrong, between
from tests.services.moving import log_lines
from tests.services.postgres import Server
from tests.services.standby import standby

pytestmark = [
    pytest.mark.services,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]

RELEASED = custody(fields=["custody_status", "court_date"])


@dataclass(kw_only=True)
class Logged:
    """A county, the way to its log, and the database that the log is in."""

    county: County
    way: Way
    log: Database


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def logged(
    tmp_path_factory: pytest.TempPathFactory, postgres: Server, log: Database
) -> AsyncIterator[Logged]:
    """A county whose log is on a real server, with something between."""
    root = tmp_path_factory.mktemp("logged")
    layout = await asyncio.to_thread(write_county, root / "d", records=60)
    await asyncio.to_thread(own_law, layout)
    async with AsyncExitStack() as stack:
        way = await stack.enter_async_context(between(postgres.port))
        path, far = layout.config(), replace(postgres, port=way.port)
        place = [*log_lines(root, far, log.name), "    timeout_ms: 1000"]
        lines = path.read_text().splitlines()
        [at] = [i for i, line in enumerate(lines) if line.startswith("  directory:")]
        lines[at : at + 1] = place
        path.write_text("\n".join(lines) + "\n")
        await activate(await asyncio.to_thread(load, path))
        county = await stack.enter_async_context(running(layout))
        yield Logged(county=county, way=way, log=log)


async def asked(account: Account, key: str, status: int) -> Answer:
    """Ask under a key until the answer has a status; each try is the same request."""
    async with asyncio.timeout(60):
        while True:
            answer = await account.county.post(SHERIFF, RELEASED, key=key)
            account.answers.append(answer)
            if answer.status == status:
                return answer
            await asyncio.sleep(0.05)


async def log_problem(county: County) -> str:
    """Return what the operator's probe says of the log."""
    parts: dict[str, str] = (await county.admin("/readyz")).body["parts"]
    return parts["log"]


def stands(log: Database, county: County, answers: list[Answer]) -> list[Any]:
    """Verify the log; return its releases, in which each answer has its own entry."""
    store = PostgresStore(log)
    source = store.source()
    try:
        report = verify(source, Trust(keys=log_keys(county.config).verifiers))
    finally:
        source.close()
    assert not report.findings, report.findings
    leaves = store.leaves()
    for answer in answers:
        receipt = Receipt.from_json(answer.body["receipt"])
        assert leaf_hash(leaves[receipt.index]) == receipt.leaf_hash
    members = [json.loads(leaf) for leaf in leaves]
    return [each for each in members if each["ev"] == "exchange"]


@bad_ways("log")
@pytest.mark.fault("log-gone", "log-hung", "log-half-closed", "log-slow")
async def test_a_log_on_a_bad_way_is_named_and_heals(
    logged: Logged, word: str, wrong: Wrong
) -> None:
    """Nothing is released; then the same request gives its answer, once."""
    account = Account(county=logged.county, fault=fault_of(word))
    first = await asked(account, f"before-{wrong}", 200)
    entries = len(await asyncio.to_thread(stands, logged.log, logged.county, [first]))
    before = await account.counted()
    await logged.way.be(wrong)
    try:
        refused = await logged.county.post(SHERIFF, RELEASED, key=f"amid-{wrong}")
        problem = await log_problem(logged.county)
    finally:
        await logged.way.be(Wrong.NOTHING)
    last = await asked(account, f"amid-{wrong}", 200)
    again = await asked(account, f"amid-{wrong}", 200)
    found = await asyncio.to_thread(
        stands, logged.log, logged.county, [first, last, again]
    )

    assert refused.status == 503
    assert refused.body["type"] == "urn:sallyport:problem:log-unavailable"
    assert b"records" not in refused.data
    assert "the database" in problem
    assert await account.counted() > before
    assert again.body["receipt"] == last.body["receipt"]
    assert len(found) == entries + 1
    assert await log_problem(logged.county) == "ok"


@pytest.mark.fault("log-restarted", "log-failed-over")
@pytest.mark.parametrize("which", ["restarted", "failed-over"])
async def test_a_log_goes_on_where_another_server_has_all_of_it(
    logged: Logged, postgres: Server, which: str
) -> None:
    """What was acknowledged stands there; what is asked next is written there."""
    account = Account(county=logged.county, fault=fault_of(f"log-{which}"))
    first = await asked(account, f"first-{which}", 200)
    if which == "restarted":
        await asyncio.to_thread(postgres.stop)
        refused = await logged.county.post(SHERIFF, RELEASED, key=which)
        await asyncio.to_thread(postgres.start)
        last = await asked(account, which, 200)
        await asyncio.to_thread(stands, logged.log, logged.county, [first, last])
    else:
        # What is still to be published would be on the first server alone.
        await logged.county.services.log.settle()
        taking_over = standby(postgres)
        second = await asyncio.to_thread(taking_over.__enter__)
        try:
            await logged.way.be(Wrong.HUNG)
            refused = await logged.county.post(SHERIFF, RELEASED, key=which)
            logged.way.lead_to(second.port)
            await logged.way.be(Wrong.NOTHING)
            last = await asked(account, which, 200)
            there = replace(logged.log, server=second)
            await asyncio.to_thread(stands, there, logged.county, [first, last])
        finally:
            await asyncio.to_thread(taking_over.__exit__, None, None, None)

    assert refused.status == 503
    assert refused.body["type"] == "urn:sallyport:problem:log-unavailable"
