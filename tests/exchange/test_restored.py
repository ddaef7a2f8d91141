"""State that was put back from an older copy: closed until an operator has looked."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.config import load
from gateway.demo.layout import Layout
from tests.exchange.accounts import account_of
from tests.exchange.beside import own_law
from tests.exchange.county import County, activate, running, write_county
from tests.exchange.requests import SHERIFF, custody, immigration_status

pytestmark = [pytest.mark.fault("state-restored"), pytest.mark.timeout(240)]

ICE = "ice-ero"
RELEASED = custody()
WAITS = immigration_status()


@pytest_asyncio.fixture
async def own(tmp_path: Path) -> AsyncIterator[Layout]:
    """An activated county of the test's own."""
    layout = await asyncio.to_thread(write_county, tmp_path / "d", records=60)
    await asyncio.to_thread(own_law, layout)
    await activate(await asyncio.to_thread(load, layout.config()))
    yield layout


def copied(layout: Layout) -> Path:
    """Copy the state as it is, beside a gateway that may run; return where to."""
    copy = layout.root / "state.copy"
    with (
        closing(sqlite3.connect(layout.root / "state.db")) as state,
        closing(sqlite3.connect(copy)) as there,
    ):
        state.backup(there)
    return copy


def approve(copy: Path) -> None:
    """Say in a copy that somebody approved what waits."""
    with closing(sqlite3.connect(copy)) as state, state:
        state.execute("UPDATE reviews SET state = 'approved', row_key = NULL")


def put_back(layout: Layout, copy: Path | None) -> None:
    """Put a copy where the state is; or nothing."""
    for path in layout.root.glob("state.db*"):
        path.unlink()
    if copy is not None:
        shutil.move(copy, layout.root / "state.db")


async def _closed(county: County) -> dict[str, Any]:
    """See that it is closed, and what it says of itself."""
    async with account_of(county, "state-restored", early=True) as account:
        await account.refused(SHERIFF, RELEASED)
        await account.refused(ICE, WAITS)
    parts: dict[str, str] = (await county.admin("/readyz")).body["parts"]
    assert "older than the log" in parts["standing"]
    status: dict[str, Any] = await county.command(command="status")
    assert status["closed"].endswith("or run: sallyport reopen")
    return status


@pytest.mark.parametrize("lost", [False, True], ids=["older", "lost"])
async def test_an_older_state_stays_closed_until_somebody_looked(
    own: Layout, *, lost: bool
) -> None:
    """Nothing is released, over restarts too; approvals in it are asked for anew."""
    async with running(own) as county:
        waits = await county.post(ICE, WAITS)
        copy = await asyncio.to_thread(copied, own)
    async with running(own) as county:
        assert (await county.post(SHERIFF, RELEASED)).status == 200
    await asyncio.to_thread(approve, copy)
    await asyncio.to_thread(put_back, own, None if lost else copy)

    for _ in range(2):
        async with running(own) as county:
            await _closed(county)
    async with running(own) as county:
        await county.command(command="reopen", by="R. Example")
        answer = await county.post(SHERIFF, RELEASED)
        shown = await county.get(ICE, f"/v1/exchanges/{waits.body['exchange']}")
        said = [leaf["decision"] for leaf in await county.leaves() if leaf["act"]]
        status = await county.command(command="status")
    async with running(own) as county:
        after = await county.post(SHERIFF, RELEASED)

    assert (answer.status, after.status) == (200, 200)
    assert shown.status == 404 if lost else shown.body["state"] == "withdrawn"
    assert status["closed"] == ""
    assert said.count("close") == 1
    assert said[-1] == "reopen"


async def test_a_copy_of_the_same_run_is_older_too(own: Layout) -> None:
    """Two cut-offs that it does not know: more than a crash can lose."""
    async with running(own) as county:
        copy = await asyncio.to_thread(copied, own)
        for name in ("ice", "neighbour-sheriff"):
            await county.command(
                command="cutoff-add", scope="agency", name=name, by="tests"
            )
    await asyncio.to_thread(put_back, own, copy)

    async with running(own) as county:
        await _closed(county)
        cutoffs = await county.command(command="cutoff-list")
    assert [each["name"] for each in cutoffs] == ["ice", SHERIFF]
