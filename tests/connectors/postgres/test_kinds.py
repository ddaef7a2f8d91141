"""Each type of column: what is read of it, and what it is compared with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from connectors import (
    Fault,
    PostgresServer,
    Query,
    SourceUnavailable,
    Table,
    Value,
)
from connectors.postgres.kinds import BUILT_IN
from gateway.catalogue.values import ODD, ValueType, reader
from tests.connectors.postgres.conftest import SOON_S, Admin, Connect
from tests.services.pooler import run_pooler
from tests.services.postgres import READER, Server

pytestmark = pytest.mark.services

NUMERIC = 1700
UUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"

READ: dict[str, tuple[str, object]] = {
    "text": ("'Ann'", "Ann"),
    "varchar(9)": ("'Ann '", "Ann "),
    "char(8)": ("'Ann'", "Ann"),
    "citext": ("'Ann'", "Ann"),
    "custody": ("'held'", "held"),
    "own_plate": ("'AB1'", "AB1"),
    "smallint": ("-7", -7),
    "integer": ("7", 7),
    "bigint": ("9223372036854775807", 2**63 - 1),
    "numeric": ("12", 12),
    "numeric(9,2)": ("12", 12),
    "numeric(9,3)": ("12.5", 12.5),
    "numeric(30,20)": ("0.12345678901234567891", "0.12345678901234567891"),
    "numeric(40)": ("9223372036854775808", "9223372036854775808"),
    "numeric(3)": ("'NaN'", "NaN"),
    "double precision": ("0.1", 0.1),
    "real": ("0.5", 0.5),
    "boolean": ("true", True),
    "date": ("'1990-01-31'", dt.date(1990, 1, 31)),
    "timestamp": ("'1990-01-31 10:00:00.5'", "1990-01-31 10:00:00.5"),
    "timestamptz": ("'1990-01-31 10:00:00+02'", "1990-01-31 08:00:00+00"),
    "time": ("'10:00'", "10:00:00"),
    "uuid": (f"'{UUID}'", UUID),
    "inet": ("'10.0.0.1'", "10.0.0.1/32"),
    "json": ("'{\"ssn\": 1}'", b""),
    "jsonb": ("'{\"ssn\": 1}'", b""),
    "text[]": ("'{a,b}'", b""),
    "bytea": ("'x'", b""),
    "int4range": ("'[1,2)'", b""),
    "xml": ("'<a/>'", b""),
    "point": ("'(1,2)'", b""),
}
"""Declared type to a value of it and what is read."""


def column(place: int) -> str:
    """Return the name of the column of a type."""
    return f"c{place}"


KINDS = Table(
    name="kinds",
    key=("id",),
    columns=tuple((name, column(place)) for place, name in enumerate(READ)),
)


@pytest.fixture(scope="module", autouse=True)
def table(admin: Admin) -> Iterator[None]:
    """A table with a column of each type, and two rows: values, and nulls."""
    columns = ", ".join(f"{column(i)} {name}" for i, name in enumerate(READ))
    values = ", ".join(value for value, _ in READ.values())
    admin.execute(
        f"CREATE TABLE kinds (id text, {columns});"  # noqa: S608 - the test's own names
        f"INSERT INTO kinds VALUES ('some', {values});"
        "INSERT INTO kinds VALUES ('none');"
        "CREATE TABLE days (id text, day date, at timestamptz, f double precision);"
        "INSERT INTO days VALUES ('a', 'infinity', 'infinity', 'NaN'),"
        " ('b', '0044-03-15 BC', '0044-03-15 BC', 'Infinity');"
        f"GRANT SELECT ON kinds, days TO {READER}"
    )
    yield
    admin.execute("DROP TABLE kinds, days")


async def test_what_is_read_of_each_type(connect: Connect) -> None:
    """Plain values as in a text file; of the rest only that something is there."""
    query = Query(table=KINDS, columns=tuple(READ))

    nothing, something = await connect().select(query, deadline_s=SOON_S)

    assert dict(zip(READ, something[1:], strict=True)) == {
        name: value for name, (_, value) in READ.items()
    }
    assert [type(x) for x in something[1:]] == [type(x) for _, x in READ.values()]
    assert nothing == ("none", *([None] * len(READ)))


def test_what_has_no_plain_form_is_withheld() -> None:
    """No reader of the catalogue takes what stands for JSON, arrays or bytes."""
    assert {reader(kind)(b"") for kind in ValueType} == {ODD}


async def test_days_and_numbers_that_python_does_not_have(connect: Connect) -> None:
    """Infinity, years before Christ and NaN hide no page; as days they are odd."""
    table = Table(
        name="days", key=("id",), columns=(("day", "day"), ("at", "at"), ("f", "f"))
    )
    query = Query(table=table, columns=("day", "at", "f"))

    rows = await connect().select(query, deadline_s=SOON_S)

    assert [row[0] for row in rows] == ["a", "b"]
    for _, day, at, number in rows:
        assert reader(ValueType.DATE)(day) is ODD
        assert reader(ValueType.TIMESTAMP)(at) is ODD
        assert reader(ValueType.NUMBER)(number) is ODD


@pytest.fixture
def abroad(
    admin: Admin, database: str, postgres: Server, require_tool: Callable[[str], Path]
) -> Iterator[PostgresServer]:
    """A pooler that learnt another way to write days from its server."""
    name = sql.Identifier(database)
    for setting in ("DateStyle = 'SQL, DMY'", "TimeZone = 'America/Chicago'"):
        change = sql.SQL("ALTER DATABASE {} SET {}")
        admin.execute(change.format(name, sql.SQL(setting)))
    to = postgres.as_role(READER, database)
    with run_pooler(require_tool("pgbouncer"), postgres, to) as through:
        yield through
    admin.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(name))


async def test_how_a_server_writes_days_does_not_matter(
    connect: Connect, abroad: PostgresServer
) -> None:
    """Whatever the database's own style and zone are, with a pooler or without."""
    names = ("date", "timestamptz")
    query = Query(table=KINDS, columns=names, keys=("some",))

    rows = [
        await connector.select(query, deadline_s=SOON_S)
        for connector in (connect(), connect(abroad))
    ]

    assert rows == [[("some", *(READ[name][1] for name in names))]] * 2


COMPARED: dict[str, tuple[Value, ...]] = {
    "text": ("Ann",),
    "varchar(9)": ("Ann ",),
    "char(8)": ("Ann",),
    "citext": ("Ann",),
    "custody": ("held",),
    "own_plate": ("AB1",),
    "smallint": (-7, "-7"),
    "integer": (7, "7"),
    "bigint": (2**63 - 1,),
    "numeric": (12, "12", "12.0"),
    "numeric(9,3)": ("12.5", "12.50"),
    "boolean": (1, "true", "t"),
    "date": ("1990-01-31", "19900131", "01/31/1990"),
    "timestamp": ("1990-01-31 10:00:00.5",),
    "timestamptz": ("1990-01-31 08:00:00+00",),
    "time": ("10:00:00",),
    "uuid": (UUID,),
    "inet": ("10.0.0.1/32",),
}
"""Declared type to values that find the row; nothing else does."""

OTHERS: tuple[Value, ...] = (
    "ann",
    "Ann  ",
    "",
    "a\0b",
    "%",
    0,
    -(2**63),
    "1e1",
    "\u0667",
    "2026-02-30",
    "20260230",
    "13/13/1990",
    "2026-W01-1",
    "yes",
    UUID.upper(),
    "not-a-uuid",
    "1990-01-31T10:00",
    "infinity",
    "sold",
    "07",
    "+7",
)


@pytest.mark.parametrize("name", list(COMPARED))
async def test_what_finds_a_value_of_each_type(connect: Connect, name: str) -> None:
    """What means the value finds it; anything else finds none, and is no error."""
    connector = connect()
    found = []
    for value in (*COMPARED[name], *OTHERS):
        query = Query(table=KINDS, filters=((name, value),))
        if await connector.select(query, deadline_s=SOON_S):
            found.append(value)

    assert found == list(COMPARED[name])


@pytest.mark.parametrize("name", ["json", "text[]", "bytea", "double precision"])
async def test_what_cannot_be_compared_is_named(connect: Connect, name: str) -> None:
    """A selector or key on such a column is a fault of the catalogue, said so."""
    physical = dict(KINDS.columns)[name]
    by_key = Table(name="kinds", key=(physical,), columns=())
    connector = connect()

    for query in (Query(table=KINDS, filters=((name, "1"),)), Query(table=by_key)):
        with pytest.raises(SourceUnavailable, match="cannot be compared") as caught:
            await connector.select(query, deadline_s=SOON_S)
        assert caught.value.fault is Fault.SCHEMA
        assert physical in caught.value.detail


@pytest.mark.parametrize("name", list(COMPARED))
async def test_a_key_of_each_type_comes_back(connect: Connect, name: str) -> None:
    """A key is text or an integer, and finds its record again, first and after."""
    physical = dict(KINDS.columns)[name]
    table = Table(name="kinds", key=(physical,), columns=(("id", "id"),))
    connector = connect()
    filters = (("id", "some"),)

    ((key, _),) = await connector.select(
        Query(table=table, columns=("id",), filters=filters), deadline_s=SOON_S
    )
    again = await connector.select(Query(table=table, keys=(key,)), deadline_s=SOON_S)
    after = await connector.select(
        Query(table=table, filters=filters, after=key), deadline_s=SOON_S
    )

    assert isinstance(key, (str, int))
    assert list(again) == [(key,)]
    assert list(after) == []


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_a_number_is_exact_or_stays_text(number: Decimal) -> None:
    """No digit is lost: an integer, a float that says just this, or the text itself."""
    text = f"{number:f}"

    read: Any = BUILT_IN[NUMERIC].load(text.encode())

    if isinstance(read, str):
        assert read == text
    else:
        assert Decimal(repr(read)) == number


def test_text_that_is_not_unicode_stays_bytes() -> None:
    """A database without an encoding may hold it; no transform lets it through."""
    read = BUILT_IN[25].load(b"\xff\xfe")

    assert read == b"\xff\xfe"
    assert {reader(kind)(read) for kind in ValueType} == {ODD}
