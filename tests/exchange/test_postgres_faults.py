"""PostgreSQL gone, hung, half-closed, slow, failed over: as a source, and for state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from gateway.config import load
from gateway.demo.layout import Layout
from tests.exchange.accounts import Account, account_of, bad_ways
from tests.exchange.beside import own_law
from tests.exchange.county import County, activate, running, write_county
from tests.exchange.requests import SHERIFF, custody, immigration_status
from tests.services.faulty import Way, Wrong, between
from tests.services.moving import configure, move
from tests.services.postgres import KEEPER, Server
from tests.services.standby import standby

pytestmark = [
    pytest.mark.services,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]

ICE = "ice-ero"
TIMEOUT_MS = 500
RELEASED = custody(fields=["custody_status", "court_date"])
WAITS = immigration_status()


@dataclass(kw_only=True)
class Ways:
    """A county, and the ways to its sources and to its state."""

    county: County
    source: Way
    state: Way


def _write(layout: Layout, server: Server, databases: tuple[str, str]) -> None:
    """Move the county's tables to the server, and its configuration to the ways."""
    for file in sorted(layout.databases.glob("*.db")):
        move(file, server, databases[0])
        file.unlink()


def _configure(
    layout: Layout, server: Server, databases: tuple[str, str], source: int, state: int
) -> None:
    path = layout.config()
    configure(path, replace(server, port=source), *databases)
    text = path.read_text()
    text = text.replace("kind: postgres,", f"kind: postgres, timeout_ms: {TIMEOUT_MS},")
    url = f"@{server.host}:{source}/{databases[1]}\n"
    timed = f"@{server.host}:{state}/{databases[1]}\n  timeout_ms: {TIMEOUT_MS}\n"
    assert url in text
    path.write_text(text.replace(url, timed))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ways(
    tmp_path_factory: pytest.TempPathFactory, postgres: Server
) -> AsyncIterator[Ways]:
    """A county on a real server, with something between for each of its uses."""
    root = tmp_path_factory.mktemp("ways")
    layout = await asyncio.to_thread(write_county, root / "d", records=60)
    await asyncio.to_thread(own_law, layout)
    async with AsyncExitStack() as stack:
        names = (
            stack.enter_context(postgres.database()),
            stack.enter_context(postgres.database(owner=KEEPER)),
        )
        source = await stack.enter_async_context(between(postgres.port))
        state = await stack.enter_async_context(between(postgres.port))
        await asyncio.to_thread(_write, layout, postgres, names)
        ports = source.port, state.port
        await asyncio.to_thread(_configure, layout, postgres, names, *ports)
        await activate(await asyncio.to_thread(load, layout.config()))
        county = await stack.enter_async_context(running(layout))
        yield Ways(county=county, source=source, state=state)


async def _well(account: Account) -> None:
    """See that both kinds of answer come."""
    await account.until(200, SHERIFF, RELEASED)
    await account.until(202, ICE, WAITS)


@bad_ways("source")
@pytest.mark.fault("source-gone", "source-hung", "source-half-closed", "source-slow")
async def test_a_source_on_a_bad_way_is_named_and_heals(
    ways: Ways, word: str, wrong: Wrong
) -> None:
    """Source-unavailable within the source's time; then it answers, by itself."""
    async with account_of(ways.county, word) as account:
        await _well(account)
        await ways.source.be(wrong)
        try:
            await account.refused(SHERIFF, RELEASED)
            await account.refused(SHERIFF, RELEASED)
            ready = (await ways.county.admin("/readyz")).body["parts"]
        finally:
            await ways.source.be(Wrong.NOTHING)
        await _well(account)

    assert ready["source jail-db"] != "ok"
    assert ready["state"] == "ok"


@bad_ways("state")
@pytest.mark.fault("state-gone", "state-hung", "state-half-closed", "state-slow")
async def test_state_on_a_bad_way_is_named_and_heals(
    ways: Ways, word: str, wrong: Wrong
) -> None:
    """What would wait is state-unavailable; what is released needs no state."""
    async with account_of(ways.county, word) as account:
        await _well(account)
        await ways.state.be(wrong)
        try:
            await account.refused(ICE, WAITS)
            released = await account.ask(SHERIFF, RELEASED)
            ready = (await ways.county.admin("/readyz")).body["parts"]
        finally:
            await ways.state.be(Wrong.NOTHING)
        await _well(account)

    assert released.status == 200
    assert ready["state"] != "ok"


@pytest.mark.fault("source-failed-over", "state-failed-over")
@pytest.mark.parametrize("which", ["source", "state"])
async def test_a_standby_takes_over_while_the_old_one_hangs(
    ways: Ways, postgres: Server, which: str
) -> None:
    """Connections that hang are given up in time; new ones reach who took over."""
    way: Way = getattr(ways, which)
    async with account_of(ways.county, f"{which}-failed-over") as account:
        await _well(account)
        exchange = account.answers[-1].body["exchange"]
        taking_over = standby(postgres)
        second = await asyncio.to_thread(taking_over.__enter__)
        try:
            await _well(account)  # on connections to the first
            await way.be(Wrong.HUNG)
            asked = (SHERIFF, RELEASED) if which == "source" else (ICE, WAITS)
            await account.refused(*asked)
            way.lead_to(second.port)
            await way.be(Wrong.NOTHING)
            await _well(account)
            shown = await ways.county.get(ICE, f"/v1/exchanges/{exchange}")
        finally:
            # Back to the first: what came meanwhile lies in the second alone.
            way.lead_to(postgres.port)
            await asyncio.to_thread(taking_over.__exit__, None, None, None)
        await _well(account)

    assert shown.body["state"] == "waiting"
