"""What is sent and what is taken back: the comment, the values, the bounds."""

from __future__ import annotations

import asyncio

import pytest

from connectors import Fault, Query, SourceUnavailable, Table
from connectors.compile import statement_for
from connectors.postgres.relation import relation_of
from connectors.postgres.statement import text_of, wired
from tests.connectors.postgres.conftest import SOON_S, Admin, Connect, let_read

pytestmark = pytest.mark.services

PEOPLE = Table(name="people", key=("id",), columns=(("name", "name"),))


def test_the_exchange_is_a_comment() -> None:
    """The id stands before the statement; without one nothing does."""
    relation = relation_of(
        "jail", [[b"id", b"text", b"25", b"b", b"S", b"t", b"-1"]], most=10
    )
    query = Query(table=PEOPLE, exchange="e-1")
    made = wired(statement_for(query, relation), relation)

    assert text_of(made, query).startswith(b"/* sallyport:e-1 */ SELECT ")
    assert text_of(made, Query(table=PEOPLE)).startswith(b"SELECT ")


def test_a_shape_is_made_once() -> None:
    """Queries that differ in values and exchange share what was made for them."""
    relation = relation_of(
        "jail", [[b"id", b"text", b"25", b"b", b"S", b"t", b"-1"]], most=10
    )
    queries = [Query(table=PEOPLE, keys=(key,), exchange=key) for key in ("a", "b")]
    made = [wired(statement_for(query, relation), relation) for query in queries]

    assert made[0] is made[1]


@pytest.fixture
def wide(admin: Admin) -> None:
    """Rows of a thousand bytes."""
    admin.execute(
        "CREATE TABLE IF NOT EXISTS wide AS SELECT n AS id, repeat('é', 500) AS text"
        " FROM generate_series(1, 400) AS n"
    )
    let_read(admin, "wide")


WIDE = Table(name="wide", key=("id",), columns=(("text", "text"),))


@pytest.mark.usefixtures("wide")
async def test_all_rows_come(connect: Connect) -> None:
    """An answer of several portions is whole, in order."""
    query = Query(table=WIDE, columns=("text",), limit=400)

    rows = await connect().select(query, deadline_s=SOON_S)

    assert [row[0] for row in rows] == list(range(1, 401))
    assert {row[1] for row in rows} == {"é" * 500}


@pytest.mark.usefixtures("wide")
@pytest.mark.parametrize(
    "bounds", [{"max_value_bytes": 999}, {"max_bytes": 399_999}], ids=["value", "all"]
)
async def test_what_is_too_large_is_not_read(
    connect: Connect, bounds: dict[str, int]
) -> None:
    """A value or an answer above its bound is refused; the connection goes on."""
    connector = connect(connections=1, **bounds)
    query = Query(table=WIDE, columns=("text",), limit=400)

    with pytest.raises(SourceUnavailable) as caught:
        await connector.select(query, deadline_s=SOON_S)

    assert caught.value.fault is Fault.TOO_LARGE
    assert len(await connector.select(Query(table=PEOPLE), deadline_s=SOON_S)) == 2


@pytest.mark.usefixtures("wide")
async def test_a_huge_value_never_arrives(connect: Connect, admin: Admin) -> None:
    """The server cuts text off above the bound, so that it costs no memory here."""
    await asyncio.to_thread(
        admin.execute,
        "CREATE TABLE huge AS SELECT 'a' AS id, repeat('x', 50000000) AS text",
    )
    await asyncio.to_thread(let_read, admin, "huge")
    connector = connect(max_value_bytes=1000, max_bytes=10**9)
    table = Table(name="huge", key=("id",), columns=(("text", "text"),))

    with pytest.raises(SourceUnavailable) as caught:
        await connector.select(Query(table=table, columns=("text",)), deadline_s=SOON_S)

    assert caught.value.fault is Fault.TOO_LARGE
