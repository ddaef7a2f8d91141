"""Deadlines, many callers at once, failures in a row and closing, wherever rows are."""

from __future__ import annotations

import asyncio
import time

import pytest

from connectors import Fault, Query, SourceTimeout, SourceUnavailable
from tests.contracts.sources import (
    CASES,
    EVENTS,
    GONE,
    GRACE_S,
    PEOPLE,
    ROWS,
    SLOW,
    SOON_S,
    Source,
    read,
)


async def test_a_deadline_ends_the_statement(source: Source) -> None:
    """Past the deadline the caller is free, and soon the source is too."""
    connector = source.connector
    start = time.monotonic()

    with pytest.raises(SourceTimeout):
        await connector.select(Query(table=SLOW), deadline_s=0.05)

    assert time.monotonic() - start < 0.05 + GRACE_S + 0.2
    assert len(await read(source, Query(table=PEOPLE))) == len(ROWS)


async def test_a_deadline_ends_a_snapshot(source: Source) -> None:
    """The deadline is of the snapshot as a whole."""
    await read(source, Query(table=PEOPLE))  # connected, where there is a connection
    async with source.connector.snapshot(deadline_s=1.0) as snapshot:
        await snapshot.select(Query(table=PEOPLE))
        with pytest.raises(SourceTimeout):
            await snapshot.select(Query(table=SLOW))


async def test_a_cancelled_caller_ends_the_statement(source: Source) -> None:
    """Cancelling goes through at once, and the source answers again soon."""
    connector = source.connector
    for _ in range(10):
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.03):
                await connector.select(Query(table=SLOW), deadline_s=60)
        assert time.monotonic() - start < 0.03 + GRACE_S + 0.2
        assert len(await read(source, Query(table=PEOPLE))) == len(ROWS)


async def test_many_at_once(source: Source) -> None:
    """More callers than connections all get their own answer."""
    tables = [(PEOPLE, len(ROWS)), (EVENTS, len(CASES))] * 20

    answers = await asyncio.gather(
        *(read(source, Query(table=table, limit=100)) for table, _ in tables)
    )

    assert [len(answer) for answer in answers] == [count for _, count in tables]


async def test_the_breaker_opens_and_heals(source: Source) -> None:
    """After failures in a row nothing is sent; a success lets everything through."""
    for _ in range(5):
        with pytest.raises(SourceUnavailable):
            await read(source, Query(table=GONE))
    with pytest.raises(SourceUnavailable) as caught:
        await read(source, Query(table=PEOPLE))
    assert caught.value.fault is Fault.BREAKER
    with pytest.raises(SourceUnavailable):
        async with source.connector.snapshot(deadline_s=SOON_S):
            pytest.fail("opened a snapshot through an open breaker")

    source.connector.breaker._circuit._opened_at = time.monotonic() - 60
    await source.connector.ping(deadline_s=SOON_S)

    assert len(await read(source, Query(table=PEOPLE))) == len(ROWS)


async def test_closed_is_closed(source: Source) -> None:
    """After closing, every call is refused by name."""
    connector = source.connector
    await connector.close()
    await connector.close()

    for call in (
        connector.select(Query(table=PEOPLE), deadline_s=SOON_S),
        connector.schema("people", deadline_s=SOON_S),
        connector.ping(deadline_s=SOON_S),
    ):
        with pytest.raises(SourceUnavailable) as caught:
            await call
        assert caught.value.fault is Fault.CLOSED
