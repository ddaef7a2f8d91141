"""A table as it is now: names, collations, domains; statements use its indexes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from connectors import Fault, Query, SourceUnavailable, Table
from connectors.compile import statement_for
from connectors.postgres.relation import Relation, quoted, relation_of
from connectors.postgres.statement import values_of, wired
from tests.connectors.postgres.conftest import SOON_S, Admin, Connect, let_read
from tests.services.postgres import READER

pytestmark = pytest.mark.services

TEXTS = Table(
    name="texts",
    key=("id",),
    columns=tuple(
        (n, n) for n in ("folded", "cased", "padded", "word", "own", "short")
    ),
)


def described(**columns: tuple[int, str]) -> Relation:
    """Return a relation of columns, each with its type and whether order is stable."""
    rows = [
        [name.encode(), b"text", b"%d" % oid, b"b", b"S", stable.encode(), b"-1"]
        for name, (oid, stable) in columns.items()
    ]
    return relation_of("jail", rows, most=10)


def test_the_text_is_pinned() -> None:
    """The whole statement: names quoted, bytes compared, text bounded, all bound."""
    relation = described(k=(25, "t"), n=(23, ""), c=(1042, "t"))
    query = Query(
        table=Table(name='odd".t', key=("k", "n"), columns=(("a", "c"),)),
        columns=("a",),
        filters=(("a", "v"),),
        after=("k0", 1),
    )
    statement = statement_for(query, relation)
    made = wired(statement, relation)

    assert statement.sql.split("\n") == [
        (
            'SELECT pg_catalog.left("odd"""."t"."k", 10) AS left_1, "odd"""."t"."n",'
            ' pg_catalog.left(CAST("odd"""."t"."c" AS TEXT), 10) AS v0 '
        ),
        'FROM "odd"""."t" ',
        (
            'WHERE "odd"""."t"."c" = $1 AND (CAST("odd"""."t"."c" AS TEXT)'
            ' COLLATE "C") = CAST($1 AS TEXT) AND "odd"""."t"."k" >= $2 AND'
            ' ("odd"""."t"."k" > $2 OR "odd"""."t"."k" = $2 AND "odd"""."t"."n" > $3)'
            ' ORDER BY "odd"""."t"."k", "odd"""."t"."n" '
        ),
        " LIMIT $4",
    ]
    assert made.types == (1042, 25, 20, 20)
    assert values_of(made, statement, query) == [b"v", b"k0", b"1", b"500"]


def test_text_that_is_bounded_is_not_cut() -> None:
    """Where the declaration bounds a text, through domains too, nothing is asked."""
    rows = [
        [b"id", b"varchar(9)", b"1043", b"b", b"S", b"t", b"13"],
        [b"a", b"varchar(10)", b"1043", b"b", b"S", b"t", b"14"],
    ]
    relation = relation_of("jail", rows, most=10)
    table = Table(name="t", key=("id",), columns=(("a", "a"),))

    statement = statement_for(Query(table=table, columns=("a",)), relation)

    assert statement.sql.startswith(
        'SELECT "t"."id", pg_catalog.left("t"."a", 10) AS v0 '
    )


def test_an_order_that_folds_is_not_used() -> None:
    """Where keys that differ may be equal, the bytes order them, so none is skipped."""
    relation = described(k=(25, "f"))
    table = Table(name="t", key=("k",), columns=())

    statement = statement_for(Query(table=table, after="a"), relation)

    assert '("t"."k" COLLATE "C") > $1' in statement.sql
    assert 'ORDER BY "t"."k" COLLATE "C"' in statement.sql


@pytest.mark.parametrize(
    ("name", "value", "keys"),
    [
        ("folded", "Ann", ["a"]),
        ("folded", "ann", []),
        ("cased", "ANN", ["B"]),
        ("cased", "ann", []),
        ("padded", "Ann", ["a"]),
        ("padded", "Ann ", []),
        ("padded", "Ann     ", []),
        ("word", "released", ["B"]),
        ("word", "HELD", []),
        ("own", "AB2", ["B"]),
        ("short", "ANN", ["B"]),
    ],
)
async def test_text_is_compared_by_its_bytes(
    connect: Connect, name: str, value: str, keys: list[str]
) -> None:
    """Whatever the collation or type folds or pads, only equal bytes are equal."""
    query = Query(table=TEXTS, filters=((name, value),))

    rows = await connect().select(query, deadline_s=SOON_S)

    assert [row[0] for row in rows] == keys


async def test_the_order_is_the_database_s_where_it_is_stable(connect: Connect) -> None:
    """An index in the column's own collation serves pages; they meet all the same."""
    connector = connect()
    table = Table(name="texts", key=("id",), columns=())

    (first,) = await connector.select(Query(table=table, limit=1), deadline_s=SOON_S)
    rest = await connector.select(Query(table=table, after=first[0]), deadline_s=SOON_S)

    assert [first, *rest] == [("a",), ("B",)]


@pytest.mark.parametrize("key", ["folded", "cased"])
async def test_pages_over_keys_that_fold(connect: Connect, key: str) -> None:
    """Keys that only differ in case are two records, on two pages."""
    connector = connect()
    table = Table(name="texts", key=(key,), columns=())

    (first,) = await connector.select(Query(table=table, limit=1), deadline_s=SOON_S)
    rest = await connector.select(Query(table=table, after=first[0]), deadline_s=SOON_S)
    both = await connector.select(
        Query(table=table, keys=("ANN", "Ann", "ann")), deadline_s=SOON_S
    )

    assert [first, *rest] == [("ANN",), ("Ann",)] == list(both)


async def test_names_but_for_their_case(connect: Connect, admin: Admin) -> None:
    """A column is found as the catalogue writes it, or the one that differs in case."""
    await asyncio.to_thread(
        admin.execute,
        'CREATE TABLE cases ("ID" text, "Name" text, "name" text, "NAME" text);'
        "INSERT INTO cases VALUES ('1', 'a', 'b', 'c')",
    )
    await asyncio.to_thread(let_read, admin, "cases")
    connector = connect()
    table = Table(name="cases", key=("id",), columns=(("n", "name"), ("x", "nAmE")))

    rows = await connector.select(Query(table=table, columns=("n",)), deadline_s=SOON_S)
    with pytest.raises(SourceUnavailable) as caught:
        await connector.select(Query(table=table, columns=("x",)), deadline_s=SOON_S)

    assert rows == [("1", "b")]
    assert caught.value.fault is Fault.SCHEMA
    assert "nAmE" in caught.value.detail


async def test_a_table_is_what_it_is_called(connect: Connect, admin: Admin) -> None:
    """Quotes and dots in a name are part of it; the last dot parts schema and table."""
    name = 'a"; DROP TABLE people; --'
    await asyncio.to_thread(
        admin.execute,
        f'CREATE TABLE "Odd.".{quoted(name)} (id text);'
        f'GRANT SELECT ON "Odd.".{quoted(name)} TO {READER}',
    )

    columns = await connect().schema(f"Odd..{name}", deadline_s=SOON_S)

    assert [(column.name, column.type) for column in columns] == [("id", "text")]


async def test_only_what_the_role_may_read_is_there(connect: Connect) -> None:
    """A view shows what it was made of; the table below it is not there for us."""
    connector = connect()
    table = Table(name="closed", key=("id",), columns=(("secret", "secret"),))

    view = await connector.schema("narrow", deadline_s=SOON_S)
    base = await connector.schema("closed", deadline_s=SOON_S)
    with pytest.raises(SourceUnavailable) as caught:
        await connector.select(Query(table=table, columns=("secret",)), deadline_s=1)

    assert [column.name for column in view] == ["id"]
    assert base == ()
    assert caught.value.fault is Fault.SCHEMA


@pytest.fixture(scope="module")
def big(admin: Admin) -> None:
    """A table that is worth an index, in a collation that is not that of the bytes."""
    admin.execute(
        "CREATE TABLE big AS SELECT 'K' || n AS id, n, 'x' || n AS tag,"
        " repeat('y', 50) AS rest FROM generate_series(1, 20000) AS n;"
        "ALTER TABLE big ALTER id TYPE text COLLATE english;"
        "CREATE UNIQUE INDEX big_id ON big (id);"
        "CREATE UNIQUE INDEX big_n ON big (n);"
        "CREATE INDEX big_tag ON big (tag); ANALYZE big;"
        "CREATE VIEW big_view AS SELECT id, tag FROM big"
    )


@pytest.mark.usefixtures("big")
@pytest.mark.parametrize(
    "query",
    [
        Query(table=Table(name="big", key=("id",), columns=()), keys=("K1", "K2")),
        Query(table=Table(name="big", key=("id",), columns=()), after="K5", limit=10),
        Query(table=Table(name="big_view", key=("id",), columns=()), after="K5"),
        Query(table=Table(name="big", key=("n",), columns=()), keys=(1, 2)),
        Query(table=Table(name="big", key=("n",), columns=()), after=5, limit=10),
        Query(
            table=Table(name="big", key=("id",), columns=(("tag", "tag"),)),
            filters=(("tag", "x7"),),
        ),
        Query(
            table=Table(name="big", key=("n", "id"), columns=()),
            keys=((1, "K1"), (2, "K2")),
        ),
    ],
    ids=["keys", "after", "view", "number", "after number", "filter", "compound"],
)
async def test_an_index_is_used(connect: Connect, admin: Admin, query: Query) -> None:
    """Comparing by bytes besides costs no scan, in a collation of its own."""
    owner = connect(role="postgres")
    await owner.schema(query.table.name, deadline_s=SOON_S)
    relation = owner._relations[query.table.name]
    statement = statement_for(query, relation)
    made = wired(statement, relation)
    bound = values_of(made, statement, query)

    def plan() -> list[Any]:
        """Ask how the statement would be carried out, its values as literals."""
        text = statement.sql
        for place, value in reversed(list(enumerate(bound, start=1))):
            literal = f"'{(value or b'').decode()}'"
            text = text.replace(f"${place}", literal)
        return [row[0] for row in admin.execute(f"EXPLAIN {text}").fetchall()]

    steps = await asyncio.to_thread(plan)

    assert any("Index" in step for step in steps), steps
    assert not any("Seq Scan" in step or "Sort" in step for step in steps[:1]), steps
    assert not any("Seq Scan" in step for step in steps), steps
