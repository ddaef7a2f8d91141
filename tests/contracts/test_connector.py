"""The connector contract, run on each implementation.

A new connector joins by adding a source to the fixture ``makers``.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import (
    Connector,
    Fault,
    InvalidQuery,
    Limits,
    MemoryConnector,
    Query,
    SourceTimeout,
    SourceUnavailable,
    Table,
    Value,
    open_connector,
)
from tests.services.postgres import READER, Server

SOON_S = 5.0
"""A deadline that is not reached on a busy machine."""

GRACE_S = 0.1
"""What the contract allows a connection to end what it ran."""

PEOPLE = Table(
    name="people",
    key=("id",),
    columns=(("name", "full_name"), ("zip", "zip code"), ("age", "age")),
)
EVENTS = Table(name="events", key=("case", "no"), columns=(("what", "what"),))
SLOW = Table(name="slow", key=("n",), columns=())
GONE = Table(name="gone", key=("id",), columns=())

ROWS: list[dict[str, Any]] = [
    {"id": "a1", "full_name": "Ann", "zip code": "60601", "age": 30, "sealed": 0},
    {"id": "b2", "full_name": "Bob", "zip code": "60602", "age": 40, "sealed": 0},
    {"id": "c3", "full_name": "ann", "zip code": "60601", "age": 50, "sealed": 0},
    {"id": "d4", "full_name": "A_n", "zip code": "60%", "age": None, "sealed": 0},
]
CASES: list[dict[str, Any]] = [
    {"case": case, "no": number, "what": f"{case}{number}"}
    for case, number in itertools.product(("x", "y", "z"), range(1, 6))
]


class Source(ABC):
    """A database that a test can change behind the connector's back."""

    connector: Connector

    def holds(self, text: str) -> bool:  # noqa: ARG002 - of most, whatever it is
        """Tell whether the database can hold a text at all."""
        return True

    def close(self) -> None:  # noqa: B027 - most hold nothing
        """Let go of what the test held."""

    @abstractmethod
    def replace(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put other rows in place, as somebody else would."""


class SqliteSource(Source):
    """A SQLite file in write-ahead mode, and a connection to change it."""

    def __init__(self, folder: Path) -> None:
        path = folder / "source.db"
        self.other = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False
        )
        self.other.executescript(
            """
            PRAGMA journal_mode = WAL;
            CREATE TABLE people (
              id TEXT, full_name TEXT COLLATE NOCASE, "zip code" TEXT, age INTEGER,
              sealed INTEGER
            );
            CREATE TABLE events ("case" TEXT, no INTEGER, what TEXT);
            CREATE VIEW slow AS
              WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)
              SELECT n FROM c WHERE n < 0;
            """
        )
        self.connector = open_connector(name="source", kind="sqlite", path=path)
        self.replace("people", ROWS)
        self.replace("events", CASES)

    def replace(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Delete all and insert, in one transaction."""
        other = self.other
        other.execute("BEGIN IMMEDIATE")
        other.execute(f'DELETE FROM "{table}"')  # noqa: S608 - the test's own names
        for row in rows:
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" * len(row))
            other.execute(
                f'INSERT INTO "{table}" ({names}) VALUES ({marks})',  # noqa: S608 - the test's own names
                tuple(row.values()),
            )
        other.execute("COMMIT")


class MemorySource(Source):
    """Rows in memory."""

    def __init__(self, _: Path) -> None:
        self.memory = MemoryConnector(
            name="source",
            tables={"people": ROWS, "events": CASES, "slow": []},
            limits=Limits(),
            monotonic=time.monotonic,
            slow_tables=frozenset({"slow"}),
        )
        self.connector = self.memory

    def replace(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put other rows in place."""
        self.memory.replace(table, rows)


class PostgresSource(Source):
    """A database of a real server over TLS, and a connection to change it."""

    def __init__(self, server: Server, database: str, _: Path) -> None:
        self.other = server.admin(database)
        self.connector = open_connector(
            name="source", kind="postgres", server=server.as_role(READER, database)
        )
        self.replace("people", ROWS)
        self.replace("events", CASES)

    def holds(self, text: str) -> bool:
        """PostgreSQL's text has no NUL."""
        return "\0" not in text

    def close(self) -> None:
        """Close the other connection."""
        self.other.close()

    def replace(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Delete all and insert, in one transaction."""
        with self.other.transaction(), self.other.cursor() as cursor:
            cursor.execute(psycopg.sql.SQL("DELETE FROM {}").format(_name(table)))
            for row in rows:
                insert = psycopg.sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                    _name(table),
                    psycopg.sql.SQL(", ").join(map(_name, row)),
                    psycopg.sql.SQL(", ").join([psycopg.sql.Placeholder()] * len(row)),
                )
                cursor.execute(insert, tuple(row.values()))


def _name(name: str) -> psycopg.sql.Identifier:
    return psycopg.sql.Identifier(name)


PEOPLE_IN_POSTGRES = f"""\
CREATE COLLATION nocase
  (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE people (
  id TEXT, full_name TEXT COLLATE nocase, "zip code" TEXT, age BIGINT, sealed INTEGER
);
CREATE TABLE events ("case" VARCHAR(9), no INTEGER, what TEXT);
CREATE VIEW slow AS SELECT 1 AS n FROM pg_sleep(600);
GRANT SELECT ON people, events, slow TO {READER};
"""  # noqa: S608 - the test's own names

Maker = Callable[[Path], Source]
NAMES = ("memory", "postgres", "sqlite")


@pytest.fixture(scope="module")
def makers(postgres: Server) -> Iterator[Mapping[str, Maker]]:
    """What makes each implementation's source, its rows in place."""
    with postgres.database() as database:
        with postgres.admin(database) as admin:
            admin.execute(PEOPLE_IN_POSTGRES)
        yield {
            "memory": MemorySource,
            "postgres": partial(PostgresSource, postgres, database),
            "sqlite": SqliteSource,
        }


@pytest.fixture(params=NAMES)
async def source(
    request: pytest.FixtureRequest, tmp_path: Path, makers: Mapping[str, Maker]
) -> AsyncIterator[Source]:
    """Each implementation in turn, over the same rows."""
    made = await asyncio.to_thread(makers[request.param], tmp_path)
    yield made
    await made.connector.close()
    await asyncio.to_thread(made.close)


async def read(source: Source, query: Query) -> list[tuple[Any, ...]]:
    """Read once, with time enough."""
    return list(await source.connector.select(query, deadline_s=SOON_S))


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


STORABLE = st.characters(codec="utf-8", exclude_characters="\0")
"""What every database's text can hold."""

RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.text(STORABLE, max_size=3),
            "full_name": st.sampled_from(["a", "A", "b", "%", ""]),
            "zip code": st.text(STORABLE, max_size=2),
            "age": st.integers(-(2**63), 2**63 - 1) | st.none(),
            "sealed": st.just(0),
        }
    ),
    max_size=12,
    unique_by=lambda record: str(record["id"]),
)


@pytest.fixture
def loop_and_sources(
    tmp_path: Path, makers: Mapping[str, Maker]
) -> Iterator[tuple[asyncio.Runner, list[Source]]]:
    """All implementations at once, and a loop for them."""
    with asyncio.Runner() as runner:
        sources = [make(tmp_path) for make in makers.values()]
        yield runner, sources
        for each in sources:
            runner.run(each.connector.close())
            each.close()


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), records=RECORDS)
def test_implementations_agree(
    loop_and_sources: tuple[asyncio.Runner, list[Source]],
    data: st.DataObject,
    records: list[dict[str, Any]],
) -> None:
    """Any query over any rows gives the same answer from each implementation."""
    runner, sources = loop_and_sources
    ids = [record["id"] for record in records]
    names = st.sampled_from(["a", "A", "b", "%", "c"])
    query = Query(
        table=PEOPLE,
        columns=tuple(data.draw(st.permutations(["name", "zip", "age"]))),
        filters=data.draw(st.just(()) | names.map(lambda name: (("name", name),))),
        keys=tuple(data.draw(st.lists(st.sampled_from([*ids, "zz"]), unique=True))),
        after=data.draw(st.none() | st.text(STORABLE, max_size=2)),
        limit=data.draw(st.integers(20, 30)),
    )

    for each in sources:
        each.replace("people", records)
    first, *others = [runner.run(read(each, query)) for each in sources]

    assert all(other == first for other in others)
