"""The connector contract, run on each implementation: what a query gives back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from connectors import Fault, InvalidQuery, Query, SourceUnavailable, Table, Value
from tests.contracts.sources import EVENTS, GONE, PEOPLE, ROWS, SOON_S, Source, read


async def test_rows_start_with_their_key(source: Source) -> None:
    """Only what is asked for comes back, key first, columns as asked, by key."""
    rows = await read(source, Query(table=PEOPLE, columns=("age", "name")))

    assert rows == [
        ("a1", 30, "Ann"),
        ("b2", 40, "Bob"),
        ("c3", 50, "ann"),
        ("d4", None, "A_n"),
    ]


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        ("Ann", ["a1"]),
        ("ann", ["c3"]),
        ("ANN", []),
        ("A_n", ["d4"]),
        ("A%", []),
        ("%", []),
        ("Ann ", []),
        ("", []),
    ],
)
async def test_filters_are_exact(source: Source, value: str, keys: list[str]) -> None:
    """Case, wildcards and blanks mean themselves, whatever the column's collation."""
    rows = await read(source, Query(table=PEOPLE, filters=(("name", value),)))

    assert [row[0] for row in rows] == keys


async def test_all_filters_must_match(source: Source) -> None:
    """Two filters narrow, they do not widen."""
    filters: tuple[tuple[str, Value], ...] = (("zip", "60601"), ("age", 50))

    rows = await read(source, Query(table=PEOPLE, filters=filters))

    assert rows == [("c3",)]


HOSTILE = [
    "' OR '1'='1",
    "'; DROP TABLE people; --",
    '" OR ""="',
    "1 OR 1=1",
    "/* */ --",
    "*/ SELECT 1 /*",
    "\\'",
    "%",
    "_",
    "a\x00b",
    "NULL",
    "?1",
    ":limit",
    "x') UNION SELECT sealed FROM people --",
    "日本 ✓ \U0001f600",
    "\u202ename",
    "é",
    "e\u0301",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_text_is_only_text(source: Source, text: str) -> None:
    """SQL in a selector finds the record that is called so, and nothing else."""
    odd = {"id": "z9", "full_name": text, "zip code": text, "age": 1, "sealed": 0}

    for filters in ((("name", text),), (("zip", text), ("name", text))):
        before = await read(source, Query(table=PEOPLE, filters=filters))
        assert before == []
    if not source.holds(text):
        return
    await asyncio.to_thread(source.replace, "people", [*ROWS, odd])
    found = await read(
        source, Query(table=PEOPLE, columns=("zip",), filters=(("name", text),))
    )
    everybody = await read(source, Query(table=PEOPLE))

    assert found == [("z9", text)]
    assert len(everybody) == len(ROWS) + 1


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_hostile_key_finds_nothing(source: Source, text: str) -> None:
    """A key is only a value too."""
    assert await read(source, Query(table=PEOPLE, keys=(text,))) == []


async def test_keys(source: Source) -> None:
    """Records are read by key; one that is not there is simply not there."""
    rows = await read(source, Query(table=PEOPLE, keys=("c3", "nobody", "a1")))

    assert rows == [("a1",), ("c3",)]


async def test_compound_keys(source: Source) -> None:
    """A key of two columns is a pair, in rows, keys and order."""
    keys = (("y", 2), ("x", 5), ("x", 99), ("z", 1))

    rows = await read(source, Query(table=EVENTS, columns=("what",), keys=keys))

    assert rows == [(("x", 5), "x5"), (("y", 2), "y2"), (("z", 1), "z1")]


@pytest.mark.parametrize("size", [1, 2, 4, 7, 100])
@pytest.mark.parametrize("table", [PEOPLE, EVENTS], ids=["people", "events"])
async def test_pages_meet(source: Source, table: Table, size: int) -> None:
    """Pages after the last key give each record once, in order."""
    whole = await read(source, Query(table=table, limit=500))
    pages: list[Any] = []
    after = None
    while page := await read(source, Query(table=table, after=after, limit=size)):
        assert len(page) <= size
        pages += page
        after = page[-1][0]

    assert pages == whole


@pytest.mark.parametrize(
    "query",
    [
        Query(table=PEOPLE, limit=0),
        Query(table=PEOPLE, limit=-1),
        Query(table=PEOPLE, limit=1001),
        Query(table=PEOPLE, columns=("sealed",)),
        Query(table=PEOPLE, columns=("full_name",)),
        Query(table=PEOPLE, columns=("name, sealed",)),
        Query(table=PEOPLE, filters=(("sealed", 0),)),
        Query(table=PEOPLE, filters=(("age", 1 << 63),)),
        Query(table=PEOPLE, filters=(("age", 1.5),)),  # type: ignore[arg-type]  # on purpose
        Query(table=PEOPLE, filters=(("age", None),)),  # type: ignore[arg-type]  # on purpose
        Query(table=PEOPLE, filters=(("age", True),)),
        Query(table=PEOPLE, filters=(("name", "\ud800"),)),
        Query(table=PEOPLE, keys=(("a", "b"),)),
        Query(table=PEOPLE, keys=("a", "b"), limit=1),
        Query(table=PEOPLE, after=("a",)),
        Query(table=EVENTS, after="x"),
        Query(table=EVENTS, keys=(("x", 1, 2),)),
        Query(table=PEOPLE, exchange="*/ DROP TABLE people"),
        Query(table=PEOPLE, exchange="x" * 65),
    ],
)
async def test_a_query_outside_the_contract(source: Source, query: Query) -> None:
    """What is not bounded, not mapped or not bindable is the caller's mistake."""
    with pytest.raises(InvalidQuery):
        await read(source, query)
    async with source.connector.snapshot(deadline_s=SOON_S) as snapshot:
        with pytest.raises(InvalidQuery):
            await snapshot.select(query)

    assert len(await read(source, Query(table=PEOPLE))) == len(ROWS)


@pytest.mark.parametrize("key", [None, "a1"])
async def test_a_key_that_does_not_name_one(source: Source, key: str | None) -> None:
    """Two records under one key, or none under null, are never answered."""
    twin = {"id": key, "full_name": "Eve", "zip code": "", "age": 1, "sealed": 1}
    await asyncio.to_thread(source.replace, "people", [*ROWS, twin])

    with pytest.raises(SourceUnavailable) as caught:
        await read(source, Query(table=PEOPLE, columns=("name",)))

    assert caught.value.fault is Fault.AMBIGUOUS
    assert "a1" not in str(caught.value)


async def test_a_missing_table(source: Source) -> None:
    """A table that is not there has no columns, and reading it says schema."""
    assert await source.connector.schema("gone", deadline_s=SOON_S) == ()
    with pytest.raises(SourceUnavailable) as caught:
        await read(source, Query(table=GONE))

    assert caught.value.fault is Fault.SCHEMA


async def test_the_live_schema(source: Source) -> None:
    """The columns are told as they are now, mapped or not."""
    columns = await source.connector.schema("people", deadline_s=SOON_S)

    assert [column.name for column in columns] == [*ROWS[0]]
