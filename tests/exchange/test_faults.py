"""What is missing is named, releases nothing, and heals by itself."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.exc import OperationalError

from gateway.acts import NotActivated
from gateway.config import load
from gateway.demo.layout import Layout
from gateway.errors import InvalidFile
from tests.exchange.accounts import account_of, sample
from tests.exchange.clock import SetClock
from tests.exchange.county import Answer, County, activate, activated, running
from tests.exchange.requests import SHERIFF, custody, gang, immigration_status

QUICK = "  timeout_ms: 300\n"
GANG = gang(26)
STATUS = immigration_status()


@pytest_asyncio.fixture
async def own(tmp_path: Path) -> Layout:
    """An activated county of the test's own."""
    return await activated(tmp_path, records=300)


@contextmanager
def _no_room(folder: Path) -> Iterator[None]:
    """Let no file of this process grow beyond the newest in a folder."""
    size = max(folder.iterdir()).stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.fault("source-file")
async def test_a_source_that_is_gone_is_named_and_heals(own: Layout) -> None:
    """Without its database a dataset is source-unavailable; with it it answers."""
    database, away = own.databases / "jail.db", own.databases / "away.db"
    async with running(own) as county:
        await asyncio.to_thread(database.rename, away)
        gone = await county.post(SHERIFF, custody())
        others = await county.post(SHERIFF, GANG)
        await asyncio.to_thread(away.rename, database)
        back = await _until(county, lambda answer: answer.status == 200)

        leaf = [x for x in await county.leaves() if x["decision"] == "unavailable"]

    assert gone.cause == "source-unavailable"
    assert others.status == 403
    assert back.body["status"] == "released"
    assert leaf


@pytest.mark.fault("source-file")
async def test_a_locked_source_is_late_and_named(own: Layout) -> None:
    """A source that does not answer in its time is source-unavailable."""
    async with running(own) as county:
        holder = await asyncio.to_thread(_locked, own.databases / "jail.db")
        late = await county.post(SHERIFF, custody())
        await asyncio.to_thread(holder.close)
        back = await _until(county, lambda answer: answer.status == 200)

    assert late.cause == "source-unavailable"
    assert back.status == 200


@pytest.mark.fault("log-sync")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
async def test_a_log_that_cannot_write_releases_nothing(
    own: Layout, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Disk full or a failing disk: log-unavailable, and no byte of data leaves."""
    async with running(own) as county:
        # What an hour begins with, the keys of its entries, is written by now.
        await county.post(SHERIFF, custody())
        before = county.services.log.size

        def failing(*_: object) -> int:
            raise OSError(number, "as the test wants it")

        with monkeypatch.context() as patched:
            patched.setattr(os, "fdatasync", failing)
            patched.setattr(os, "fsync", failing)
            failed = await county.post(SHERIFF, custody())

        again = await county.post(SHERIFF, custody())
        size = county.services.log.size
        gauges = (await county.admin("/metrics")).data.decode()
        ready = (await county.admin("/readyz")).body["parts"]
    async with running(own) as county:
        restarted = await county.post(SHERIFF, custody())

    assert restarted.status == 200
    assert sample(gauges, "sallyport_log_failed") == 1
    assert ready["log"] == "stopped"
    assert failed.cause == "log-unavailable"
    # A failing sync stops the log for good: only a restart looks at the disk again.
    assert again.cause == "log-unavailable"
    assert size == before


@pytest.mark.fault("log-full")
async def test_a_log_without_room_releases_nothing_and_heals(own: Layout) -> None:
    """A real limit on the size of files: log-unavailable until there is room again."""
    async with running(own) as county, account_of(county, "log-full") as account:
        for _ in range(10):
            await account.until(200, SHERIFF, custody())
        with _no_room(county.config.log.directory / "wal"):
            for _ in range(3):
                await account.refused(SHERIFF, custody())
        await account.until(200, SHERIFF, custody())

        failed = county.services.log.failed
    assert not failed


@pytest.mark.parametrize(
    ("word", "shift_ms"), [("clock-back", -7_200_000), ("clock-forth", 7_200_000)]
)
@pytest.mark.fault("clock-back", "clock-forth")
async def test_a_clock_that_is_set_closes_until_it_is_quiet(
    own: Layout, word: str, shift_ms: int
) -> None:
    """A jump of the wall clock is named, whichever way; a minute later it is over.

    Set back, it is behind the log then, until it has caught up with it.
    """
    clock = SetClock()
    async with running(own, clock=clock) as county, account_of(county, word) as account:
        await account.until(200, SHERIFF, custody())
        clock.shift_ms = shift_ms
        await account.refused(SHERIFF, custody())
        clock.shift_ms = 0  # mended, which is a jump again
        await account.refused(SHERIFF, custody())
        clock.quiet_s = 30
        await account.refused(SHERIFF, custody())
        clock.quiet_s = 61
        await account.until(200, SHERIFF, custody())


@pytest.mark.fault("state-disk")
async def test_state_that_is_locked_refuses_what_needs_it(own: Layout) -> None:
    """Somebody holds the state's file: what would wait is named; the rest goes on."""
    path = own.config()
    text = await asyncio.to_thread(path.read_text)
    url = "  url: sqlite:///state.db\n"
    await asyncio.to_thread(path.write_text, text.replace(url, f"{url}{QUICK}"))
    await activate(await asyncio.to_thread(load, path))
    async with running(own) as county, account_of(county, "state-disk") as account:
        await account.until(202, "ice-ero", STATUS)
        holder = await asyncio.to_thread(_writing, own.root / "state.db")
        try:
            await account.refused("ice-ero", STATUS)
            released = await account.ask(SHERIFF, custody())
        finally:
            await asyncio.to_thread(holder.close)
        await account.until(202, "ice-ero", STATUS)

    assert released.status == 200


@pytest.mark.fault("state-disk")
async def test_state_that_cannot_be_written_refuses_what_needs_it(
    own: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that would wait is state-unavailable while the queue cannot be."""
    async with running(own) as county:
        database = county.services.ledger.database
        with monkeypatch.context() as patched:
            patched.setattr(type(database), "_transaction", _disk_error)
            waits = await county.post("ice-ero", STATUS)
        back = await county.post("ice-ero", STATUS)

    assert waits.cause == "state-unavailable"
    assert back.status == 202


def _disk_error(*_: object) -> None:
    raise OperationalError("statement", {}, sqlite3.OperationalError("disk I/O error"))


@pytest.mark.fault("stopped")
async def test_while_stopping_nothing_new_is_answered(own: Layout) -> None:
    """A request that comes during the stop is refused as stopping."""
    async with running(own) as county:
        county.services.standing.stopping = True
        answer = await county.post(SHERIFF, custody())

    assert answer.cause == "stopping"


def _edit(path: Path) -> None:
    with path.open("a") as file:
        file.write("\n# edited by hand\n")


@pytest.mark.parametrize(
    "chosen",
    [
        lambda layout: layout.root / "agencies.yaml",
        lambda layout: layout.catalogue / "county-jail.yaml",
        lambda layout: layout.config(),
        lambda layout: layout.jwks,
        lambda layout: layout.authorities / "ice.pem",
    ],
    ids=["registry", "catalogue", "configuration", "issuer", "client-ca"],
)
async def test_what_was_edited_by_hand_is_not_started(
    own: Layout, chosen: Callable[[Layout], Path]
) -> None:
    """A file of the manifest that was not activated ends in a refusal to start."""
    path = chosen(own)
    if path.suffix == ".json":
        await asyncio.to_thread(lambda: path.write_text(path.read_text() + " "))
    else:
        await asyncio.to_thread(_edit, path)

    with pytest.raises(NotActivated, match="sallyport activate"):
        async with running(own):
            pytest.fail("it started")


async def test_an_edited_file_is_taken_after_an_activation(own: Layout) -> None:
    """The same edit is in force once it was activated, with the next number."""
    await asyncio.to_thread(_edit, own.root / "agencies.yaml")

    await activate(await asyncio.to_thread(load, own.config()))

    async with running(own) as county:
        answer = await county.post(SHERIFF, custody())
        leaves = await county.leaves()
    counters = [leaf["counter"] for leaf in leaves if leaf["decision"] == "activation"]
    assert answer.status == 200
    assert counters == [0, 1]


async def test_a_missing_key_file_is_named_before_anything_starts(
    own: Layout,
) -> None:
    """A key that is not there, or that others can read, is refused by its path."""
    key = own.gateway("illinois") / "keys" / "log.key"
    await asyncio.to_thread(key.chmod, 0o644)

    with pytest.raises(InvalidFile, match=r"log\.key"):
        await asyncio.to_thread(load, own.config())


def _locked(path: Path) -> sqlite3.Connection:
    """Hold a database for writing until the connection is closed."""
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    return connection


def _writing(path: Path) -> sqlite3.Connection:
    """Write to a database, and do not end, until the connection is closed."""
    connection = sqlite3.connect(path, check_same_thread=False, timeout=10)
    connection.execute("BEGIN IMMEDIATE")
    return connection


async def _until(county: County, wanted: Callable[[Answer], bool]) -> Answer:
    """Ask until the answer is the wanted one, for ten seconds at most."""
    answer = await county.post(SHERIFF, custody())
    for _ in range(40):
        if wanted(answer):
            return answer
        await asyncio.sleep(0.25)
        answer = await county.post(SHERIFF, custody())
    return answer
