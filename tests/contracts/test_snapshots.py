"""A snapshot of a source is one state of it, up to its last read."""

from __future__ import annotations

import asyncio

import pytest

from connectors import InvalidQuery, Query, SourceUnavailable, Table
from tests.contracts.sources import GONE, PEOPLE, ROWS, SOON_S, Source, read


async def test_a_snapshot_sees_one_state(source: Source) -> None:
    """What somebody else writes between two reads is not seen, only afterwards."""
    query = Query(table=PEOPLE, columns=("age",))
    async with source.connector.snapshot(deadline_s=SOON_S) as snapshot:
        before = await snapshot.select(query)
        await asyncio.to_thread(source.replace, "people", [])
        during = await snapshot.select(query, last=True)
    after = await read(source, query)

    assert before == during
    assert len(before) == len(ROWS)
    assert after == []


@pytest.mark.slow
async def test_a_record_sealed_between_reads(source: Source) -> None:
    """Sealing between facts and values, many times: never values of another state."""
    table = Table(
        name="people",
        key=("id",),
        columns=(("name", "full_name"), ("sealed", "sealed")),
    )
    states = [
        {**ROWS[0], "full_name": "open", "sealed": 0},
        {**ROWS[0], "full_name": "sealed", "sealed": 1},
    ]
    wrong = 0
    for trial in range(1000):
        now = trial % 2
        await asyncio.to_thread(source.replace, "people", [states[now]])
        async with source.connector.snapshot(deadline_s=SOON_S) as snapshot:
            facts = await snapshot.select(Query(table=table, columns=("sealed",)))
            await asyncio.to_thread(source.replace, "people", [states[1 - now]])
            values = await snapshot.select(
                Query(table=table, columns=("name",), keys=("a1",)), last=True
            )
        wrong += [*facts, *values] != [("a1", now), ("a1", states[now]["full_name"])]

    assert wrong == 0


async def test_nothing_is_read_after_the_last(source: Source) -> None:
    """A read said to be the last is; a failed one ends the snapshot too."""
    async with source.connector.snapshot(deadline_s=SOON_S) as snapshot:
        await snapshot.select(Query(table=PEOPLE), last=True)
        with pytest.raises(InvalidQuery):
            await snapshot.select(Query(table=PEOPLE))
    async with source.connector.snapshot(deadline_s=SOON_S) as snapshot:
        with pytest.raises(SourceUnavailable):
            await snapshot.select(Query(table=GONE))
        with pytest.raises(InvalidQuery):
            await snapshot.select(Query(table=PEOPLE))
