"""SQL is made once a shape, quotes every name, binds every value, uses indexes."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import InvalidQuery, Query, Table
from connectors.compile import bind, statement_for

SIMPLE = Table(name="t", key=("k",), columns=(("a", "col a"), ("b", "b")))
PAIR = Table(name="t", key=("k", "j"), columns=(("a", "col a"),))


def test_the_text_is_pinned() -> None:
    """The whole statement: names quoted, text compared by bytes, all values bound."""
    query = Query(
        table=Table(name="main.t", key=("k",), columns=(("a", 'x"; --'),)),
        columns=("a",),
        filters=(("a", "v"),),
        after="k0",
        exchange="e-1",
    )
    statement = statement_for(query, "sqlite")

    assert statement.sql.split("\n") == [
        'SELECT "main"."t"."k", "main"."t"."x""; --" AS v0 ',
        'FROM "main"."t" ',
        (
            'WHERE ? IS NOT NULL AND ("main"."t"."x""; --" COLLATE "BINARY") = ? '
            'AND ("main"."t"."k" COLLATE "BINARY") > ? '
            'ORDER BY "main"."t"."k" COLLATE "BINARY"'
        ),
        " LIMIT ? OFFSET ?",
    ]
    assert bind(statement, query) == ("/* sallyport:e-1 */", "v", "k0", 500, 0)


def test_values_do_not_make_statements() -> None:
    """Queries that differ only in values share one statement."""
    first = Query(table=SIMPLE, columns=("a",), filters=(("b", "x"),), exchange="1")
    second = Query(table=SIMPLE, columns=("a",), filters=(("b", "y"),), exchange="2")

    assert statement_for(first, "sqlite") is statement_for(second, "sqlite")


def test_keys_are_padded() -> None:
    """The number of keys takes few sizes; the last key fills up."""
    query = Query(table=SIMPLE, keys=("x", "y", "z"))
    statement = statement_for(query, "sqlite")

    assert statement.keys == 5
    assert bind(statement, query)[1:6] == ("x", "y", "z", "z", "z")


def test_too_many_keys() -> None:
    """More keys than the largest size are refused."""
    with pytest.raises(InvalidQuery):
        statement_for(Query(table=SIMPLE, keys=tuple(range(1001))), "sqlite")
    compound = Query(table=PAIR, keys=tuple((number, 0) for number in range(501)))
    with pytest.raises(InvalidQuery):
        statement_for(compound, "sqlite")


@pytest.mark.parametrize(("table", "most"), [(SIMPLE, 1000), (PAIR, 500)])
def test_the_most_keys(table: Table, most: int) -> None:
    """SQLite takes the largest statement there can be."""
    keys = tuple((n, n) if len(table.key) > 1 else n for n in range(most))
    query = Query(table=table, filters=(("a", "x"),), keys=keys, after=keys[0])
    database = sqlite3.connect(":memory:")
    database.execute('CREATE TABLE t (k, j, "col a", b)')
    statement = statement_for(query, "sqlite")

    assert database.execute(statement.sql, bind(statement, query)).fetchall() == []
    database.close()


def test_an_unmapped_column() -> None:
    """What the catalogue does not map is named and refused."""
    with pytest.raises(InvalidQuery, match="no such column: k, nope"):
        statement_for(Query(table=SIMPLE, columns=("nope", "a", "k")), "sqlite")


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12
)


@given(table=NAMES.filter(lambda name: "." not in name), key=NAMES, column=NAMES)
def test_any_name_is_only_a_name(table: str, key: str, column: str) -> None:
    """Whatever tables and columns are called, the statement reads just them."""
    if key.casefold() == column.casefold() or table.startswith("sqlite_"):
        return
    query = Query(
        table=Table(name=table, key=(key,), columns=(("v", column),)),
        columns=("v",),
        filters=(("v", "value"),),
        keys=("one",),
    )
    database = sqlite3.connect(":memory:")
    quoted = ['"' + name.replace('"', '""') + '"' for name in (table, key, column)]
    try:
        database.execute(
            f"CREATE TABLE {quoted[0]} ({quoted[1]} TEXT, {quoted[2]} TEXT)"
        )
    except sqlite3.OperationalError:
        return  # a name SQLite itself refuses (two that fold to one)
    database.execute(f"INSERT INTO {quoted[0]} VALUES ('one', 'value')")  # noqa: S608 - the test's own names
    statement = statement_for(query, "sqlite")

    rows = database.execute(statement.sql, bind(statement, query)).fetchall()
    database.close()

    assert rows == [("one", "value")]


@pytest.mark.parametrize(
    ("ddl", "query"),
    [
        ("k TEXT PRIMARY KEY", Query(table=SIMPLE, keys=("a", "b"))),
        ("k TEXT PRIMARY KEY", Query(table=SIMPLE, after="a")),
        ("k INTEGER PRIMARY KEY", Query(table=SIMPLE, keys=(1, 2))),
        ("k INTEGER PRIMARY KEY", Query(table=SIMPLE, after=1)),
        ("k INTEGER PRIMARY KEY", Query(table=SIMPLE, filters=(("b", "x"),))),
        ("k TEXT, j TEXT, PRIMARY KEY (k, j)", Query(table=PAIR, keys=(("a", "b"),))),
        ("k TEXT, j TEXT, PRIMARY KEY (k, j)", Query(table=PAIR, after=("a", "b"))),
    ],
)
def test_an_index_is_used(ddl: str, query: Query) -> None:
    """Comparing by bytes and the constant with the exchange's id cost no scan."""
    database = sqlite3.connect(":memory:")
    columns, _, constraint = ddl.partition(", PRIMARY")
    tail = f", PRIMARY{constraint}" if constraint else ""
    database.execute(f'CREATE TABLE t ({columns}, "col a" TEXT, b TEXT{tail})')
    database.execute("CREATE INDEX by_b ON t (b)")
    statement = statement_for(query, "sqlite")

    plan = database.execute(
        f"EXPLAIN QUERY PLAN {statement.sql}", bind(statement, query)
    ).fetchall()
    database.close()

    steps = [step[3] for step in plan]
    assert any(step.startswith("SEARCH t") for step in steps)
    assert not any(step.startswith("SCAN") for step in steps)
