"""The rows of who was asked about: one for each way, the last day it was used."""

from __future__ import annotations

import pytest

from gateway.state import AskedRows, Database
from gateway.state.asked import Row

A: Row = ("dhs_immigration", b"person-a", b"way-of-1", 739_736, b"rest-1-2rest-2-2")
B: Row = ("state_local", b"person-a", b"way-of-1", 739_737, None)


NOW_MS = 1_795_000_000_000


async def rows(store: AskedRows, *, since: int) -> list[Row]:
    """Return all that was stored."""
    return (await store.after(None, since=since))[0]


@pytest.fixture
def store(database: Database) -> AskedRows:
    """An empty store."""
    return AskedRows(database=database)


async def test_what_was_put_comes_back(store: AskedRows) -> None:
    """Rows come back as they were, those of the days that are asked for."""
    await store.put([A, B], now_ms=NOW_MS)

    assert sorted(await rows(store, since=0)) == [A, B]
    assert await rows(store, since=739_737) == [B]


async def test_a_later_day_takes_the_place(store: AskedRows) -> None:
    """The same way again is one row, however often it is put."""
    later: Row = (*A[:3], 739_740, b"rest-1-2")
    await store.put([A], now_ms=NOW_MS)
    await store.put([later, B], now_ms=NOW_MS)
    await store.put([later], now_ms=NOW_MS)

    assert sorted(await rows(store, since=0)) == [later, B]


async def test_nothing_is_no_work(store: AskedRows) -> None:
    """Nothing to put touches nothing."""
    await store.put([], now_ms=NOW_MS)

    assert await rows(store, since=0) == []


async def test_old_rows_are_forgotten(store: AskedRows) -> None:
    """What was last used before a day goes."""
    await store.put([A, B], now_ms=NOW_MS)

    assert await store.forget(before=739_737) == 1
    assert await rows(store, since=0) == [B]
