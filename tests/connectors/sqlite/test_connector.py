"""What SQLite really receives, and what a caller meets when the file fails."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors import (
    Fault,
    InvalidQuery,
    Limits,
    Query,
    SourceTimeout,
    SourceUnavailable,
    Table,
)
from connectors.sqlite import SqliteConnector

TABLE = Table(
    name="bookings",
    key=("booking_no",),
    columns=(("zip", "zip"), ("dob", "dob"), ("secret", "home address")),
)
ENDLESS = Table(name="endless", key=("n",), columns=())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a small database, with a view that never ends."""
    file = tmp_path / "jail.db"
    database = sqlite3.connect(file)
    database.executescript(
        """
        CREATE TABLE bookings (
          booking_no TEXT PRIMARY KEY, zip TEXT, dob TEXT, "home address" TEXT
        );
        INSERT INTO bookings VALUES ('B1', '60601', '1990-01-02', '1 Main St');
        CREATE VIEW endless AS
          WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)
          SELECT count(*) AS n FROM c;
        """
    )
    database.close()
    return file


@pytest.fixture
def received() -> list[str]:
    """Return the statements SQLite executed, as it tells them."""
    return []


@pytest.fixture
async def connector(path: Path, received: list[str]) -> AsyncIterator[SqliteConnector]:
    """Return a connector to the small database."""
    opened = SqliteConnector(
        name="jail",
        path=path,
        limits=Limits(connections=2),
        monotonic=time.monotonic,
        trace=received.append,
    )
    yield opened
    await opened.close()


async def test_only_asked_columns_reach_the_database(
    connector: SqliteConnector, received: list[str]
) -> None:
    """The statement SQLite executed names the plan's columns, and no other."""
    query = Query(
        table=TABLE, columns=("zip",), filters=(("dob", "1990-01-02"),), exchange="e-7"
    )
    assert await connector.select(query, deadline_s=5) == [("B1", "60601")]
    [statement] = [text for text in received if text.startswith("SELECT")]
    columns = set(re.findall(r'"bookings"\."([^"]+)"', statement))

    assert columns == {"booking_no", "zip", "dob"}
    assert "*" not in statement.replace("/* sallyport:e-7 */", "")
    assert "/* sallyport:e-7 */" in statement


async def test_a_snapshot_is_one_transaction(
    connector: SqliteConnector, received: list[str]
) -> None:
    """It begins once, and is left with the last read or when the block ends."""
    query = Query(table=TABLE)
    for last in (True, False):
        received.clear()
        async with connector.snapshot(deadline_s=5) as snapshot:
            await snapshot.select(query)
            await snapshot.select(query, last=last)
        await connector.ping(deadline_s=5)
        words = [text.split()[0] for text in received if "PRAGMA" not in text]
        assert words == ["BEGIN", "SELECT", "SELECT", "ROLLBACK", "SELECT"]


async def test_a_snapshot_that_reads_nothing(
    connector: SqliteConnector, received: list[str]
) -> None:
    """A snapshot nobody read in costs nothing."""
    async with connector.snapshot(deadline_s=5):
        pass

    assert received == []


async def test_a_snapshot_does_not_hold_up_writers(
    connector: SqliteConnector, path: Path
) -> None:
    """After the block, and after the last read, a writer gets its turn."""
    async with connector.snapshot(deadline_s=5) as snapshot:
        await snapshot.select(Query(table=TABLE), last=True)
        await asyncio.to_thread(_write, path)
    async with connector.snapshot(deadline_s=5) as snapshot:
        await snapshot.select(Query(table=TABLE))
    await asyncio.to_thread(_write, path)


def _write(path: Path) -> None:
    """Write something, as the owner of the database would."""
    database = sqlite3.connect(path, timeout=5)
    database.execute("UPDATE bookings SET zip = zip || '0'")
    database.commit()
    database.close()


async def test_a_write_between_reads_of_a_rollback_journal(
    connector: SqliteConnector, path: Path
) -> None:
    """Without write-ahead logging a writer waits; the snapshot stays whole."""
    query = Query(table=TABLE, columns=("zip",))
    async with connector.snapshot(deadline_s=5) as snapshot:
        first = await snapshot.select(query)
        writer = threading.Thread(target=_write, args=(path,))
        writer.start()
        await asyncio.sleep(0.05)
        second = await snapshot.select(query)
    await asyncio.to_thread(writer.join)

    assert first == second == [("B1", "60601")]
    assert await connector.select(query, deadline_s=5) == [("B1", "606010")]


async def test_the_statement_really_stops(
    connector: SqliteConnector, path: Path
) -> None:
    """A cancelled caller leaves no thread at work: within 100 ms it is idle again."""
    took = []
    for _ in range(9):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.03):
                await connector.select(Query(table=ENDLESS), deadline_s=60)
        start = time.monotonic()
        while connector._pool._lent:  # noqa: ASYNC110 - the pool has no event for it
            await asyncio.sleep(0.001)
        took.append(time.monotonic() - start)

    # The median: one stall of a shared machine says nothing about SQLite.
    assert sorted(took)[4] < 0.1
    await asyncio.to_thread(_write, path)


async def test_cancelled_in_a_snapshot(connector: SqliteConnector, path: Path) -> None:
    """Cancelling inside a snapshot leaves its transaction too."""

    async def read_for_ever() -> None:
        """Read once, then something without end."""
        async with connector.snapshot(deadline_s=60) as snapshot:
            await snapshot.select(Query(table=TABLE))
            await snapshot.select(Query(table=ENDLESS))

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(read_for_ever(), 0.05)

    await asyncio.to_thread(_write, path)
    assert len(await connector.select(Query(table=TABLE), deadline_s=5)) == 1


async def test_a_source_that_hangs_in_the_kernel(
    connector: SqliteConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where SQLite cannot look at the clock, the caller is let go all the same."""
    release = threading.Event()
    monkeypatch.setattr("os.stat", lambda _: release.wait())
    start = time.monotonic()
    with pytest.raises(SourceTimeout):
        await connector.select(Query(table=TABLE), deadline_s=0.05)
    assert time.monotonic() - start < 1
    monkeypatch.undo()

    assert len(await connector.select(Query(table=TABLE), deadline_s=5)) == 1
    release.set()


@pytest.fixture(params=["gone", "locked", "corrupt"])
def broken(request: pytest.FixtureRequest, path: Path) -> Broken:
    """Return each way a file can fail."""
    return Broken(path, request.param)


class Broken:
    """A way to break a file, and to mend it again."""

    def __init__(self, path: Path, way: str) -> None:
        self.fault = Fault(way)
        self.locks = self.fault is Fault.LOCKED
        self._path = path
        self._good = path.read_bytes()
        self._other = sqlite3.connect(path, isolation_level=None)

    def break_it(self) -> None:
        """Break the file."""
        if self.fault is Fault.GONE:
            self._path.unlink()
        elif self.fault is Fault.LOCKED:
            self._other.execute("BEGIN EXCLUSIVE")
        else:
            self._path.write_bytes(b"garbage" * 2000)

    def mend_it(self) -> None:
        """Put it back as it was."""
        self._other.close()
        if self.fault is not Fault.LOCKED:
            self._path.write_bytes(self._good)


async def test_a_file_that_fails_and_heals(
    connector: SqliteConnector, broken: Broken
) -> None:
    """Each failure is named, opens the breaker, and heals without a restart."""
    query = Query(table=TABLE, columns=("zip",))
    rows = await connector.select(query, deadline_s=5)
    broken.break_it()

    faults = []
    for _ in range(6):
        with pytest.raises(SourceUnavailable) as caught:
            await connector.select(query, deadline_s=0.05 if broken.locks else 5)
        faults.append(caught.value.fault)
    broken.mend_it()
    connector.breaker._circuit._opened_at = 0

    # On a machine that stalls, the caller's own deadline may win over the file's lock.
    allowed = {broken.fault, Fault.TIMEOUT if broken.locks else broken.fault}
    assert {*faults[:5]} <= allowed
    assert faults[5] is Fault.BREAKER
    assert await connector.select(query, deadline_s=5) == rows


async def test_a_file_that_breaks_inside_a_snapshot(
    connector: SqliteConnector, path: Path
) -> None:
    """A snapshot that lost its connection is over: no second state is read in it."""
    async with connector.snapshot(deadline_s=5) as snapshot:
        await snapshot.select(Query(table=TABLE))
        await asyncio.to_thread(path.write_bytes, b"garbage" * 2000)
        with pytest.raises(SourceUnavailable):
            await snapshot.select(Query(table=TABLE, columns=("zip", "dob")))
        with pytest.raises(InvalidQuery):
            await snapshot.select(Query(table=TABLE))


@pytest.mark.slow
async def test_a_hundred_thousand_rows_stay_flat(tmp_path: Path) -> None:
    """Reading page by page holds one page, however many there are."""
    path = tmp_path / "large.db"
    await asyncio.to_thread(_fill, path, 100_000)
    connector = SqliteConnector(
        name="large", path=path, limits=Limits(), monotonic=time.monotonic
    )
    table = Table(name="t", key=("k",), columns=(("v", "v"),))
    peaks, rows, after = [], 0, None
    tracemalloc.start()
    while page := await connector.select(
        Query(table=table, columns=("v",), after=after, limit=500), deadline_s=30
    ):
        rows += len(page)
        after = page[-1][0]
        if rows % 10_000 == 0:
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.reset_peak()
    tracemalloc.stop()
    await connector.close()

    assert rows == 100_000
    assert max(peaks[1:]) < 1.2 * min(peaks[1:])


def _fill(path: Path, rows: int) -> None:
    """Write many rows."""
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT)")
    database.executemany(
        "INSERT INTO t VALUES (?, ?)",
        ((number, f"value number {number}") for number in range(rows)),
    )
    database.commit()
    database.close()
