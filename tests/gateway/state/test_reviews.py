"""Reviews: sealed, shown to their own requester only, closed by a clock."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text, update

from gateway.errors import Cause, Unavailable
from gateway.identity.claims import MAX_CLIENT_ID
from gateway.state import CannotOpen, Database, Review, Reviews, ReviewState
from gateway.state.tables import reviews as table
from tests.gateway.state.conftest import START_MS, Hands

EXCHANGE = "ab" * 16
RECEIPT = {"index": 7}
BODY = b'{"subjects": "CANARY-PERSON"}'


@pytest.fixture
def reviews(database: Database, clock: Hands) -> Reviews:
    """A queue whose requests are due in an hour."""
    return Reviews(
        database=database,
        key=b"k" * 32,
        clock=clock,
        due_ms=3_600_000,
        most_waiting=3,
    )


async def added(reviews: Reviews, exchange: str = EXCHANGE) -> Review:
    """Store one request."""
    return await reviews.add(
        exchange=exchange,
        role="counsel",
        revision="r1",
        agency="ice",
        client="client-1",
        request=BODY,
    )


async def recorded(reviews: Reviews, exchange: str = EXCHANGE) -> None:
    """Store one request and its entry."""
    await added(reviews, exchange)
    await reviews.recorded(exchange, entry=7, receipt=dict(RECEIPT))


async def test_a_review_waits_until_due(reviews: Reviews) -> None:
    """A new review waits, and says when it is due."""
    review = await added(reviews)
    assert review.state is ReviewState.WAITING
    assert review.due_ms == START_MS + 3_600_000
    assert review.due == "2026-11-23T09:00:00Z"
    assert await reviews.waiting() == 1


async def test_nobody_sees_it_before_its_entry(reviews: Reviews) -> None:
    """Record before release holds for a place in the queue too."""
    await added(reviews)
    assert await reviews.of(EXCHANGE, agency="ice", client="client-1") is None
    await reviews.recorded(EXCHANGE, entry=7, receipt=dict(RECEIPT))
    found = await reviews.of(EXCHANGE, agency="ice", client="client-1")
    assert found is not None
    assert (found.entry, found.receipt) == (7, RECEIPT)


async def test_a_client_of_the_longest_name_waits_too(reviews: Reviews) -> None:
    """What the registry lets in, either database holds."""
    longest = "c" * MAX_CLIENT_ID
    await reviews.add(
        exchange=EXCHANGE,
        role="counsel",
        revision="r1",
        agency="a" * 64,
        client=longest,
        request=BODY,
    )
    await reviews.recorded(EXCHANGE, entry=7, receipt=dict(RECEIPT))
    found = await reviews.of(EXCHANGE, agency="a" * 64, client=longest)
    assert found is not None
    assert found.client == longest


@pytest.mark.parametrize(
    ("exchange", "agency", "client"),
    [
        (EXCHANGE, "hsi", "client-1"),
        (EXCHANGE, "ice", "client-2"),
        ("00" * 16, "ice", "client-1"),
    ],
)
async def test_only_its_own_requester_sees_it(
    reviews: Reviews, exchange: str, agency: str, client: str
) -> None:
    """Another agency, another client or another id all find nothing."""
    await recorded(reviews)
    assert await reviews.of(exchange, agency=agency, client=client) is None


async def test_the_entry_is_noted_once(reviews: Reviews) -> None:
    """A second note of an entry changes nothing."""
    await recorded(reviews)
    await reviews.recorded(EXCHANGE, entry=9, receipt={"index": 9})
    found = await reviews.show(EXCHANGE)
    assert found is not None
    assert found.entry == 7


async def test_what_was_asked_is_sealed(
    reviews: Reviews, database: Database, tmp_path: Path
) -> None:
    """The database's bytes hold no word of the request; the key opens it."""
    await recorded(reviews)
    assert await reviews.request(EXCHANGE) == BODY
    files = await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
    stored = b"".join(path.read_bytes() for path in files)
    rows = await database.run(
        lambda c: [tuple(row) for row in c.execute(text("SELECT * FROM reviews"))]
    )
    assert rows
    assert b"CANARY" not in stored + repr(rows).encode()


async def test_closing_destroys_the_key(reviews: Reviews, database: Database) -> None:
    """A closed review's request cannot be opened again."""
    await recorded(reviews)
    assert await reviews.close(EXCHANGE, ReviewState.EXPIRED)
    assert await reviews.request(EXCHANGE) is None
    row = await database.run(
        lambda c: c.execute(text("SELECT row_key, sealed FROM reviews")).one()
    )
    assert tuple(row) == (None, None)


async def test_a_review_is_closed_once(reviews: Reviews) -> None:
    """What is closed stays as it is."""
    await recorded(reviews)
    assert await reviews.close(EXCHANGE, ReviewState.DENIED)
    assert not await reviews.close(EXCHANGE, ReviewState.APPROVED)
    found = await reviews.show(EXCHANGE)
    assert found is not None
    assert found.state is ReviewState.DENIED


async def test_every_refusal_is_one_word_to_the_requester(reviews: Reviews) -> None:
    """Refused by a person and expired look alike: neither tells of a record."""
    words = set()
    for place, state in enumerate((ReviewState.DENIED, ReviewState.EXPIRED)):
        exchange = f"{place:032x}"
        await recorded(reviews, exchange)
        await reviews.close(exchange, state)
        found = await reviews.of(exchange, agency="ice", client="client-1")
        assert found is not None
        words.add(found.state_for_requester)
    assert words == {"denied"}


async def test_a_row_cannot_be_moved(reviews: Reviews, database: Database) -> None:
    """A sealed request put under another exchange does not open."""
    await recorded(reviews)
    await database.run(lambda c: c.execute(update(table).values(exchange="cd" * 16)))
    with pytest.raises(CannotOpen):
        await reviews.request("cd" * 16)


async def test_overdue_is_what_waited_too_long(reviews: Reviews, clock: Hands) -> None:
    """Exactly at its due time a review is overdue; one without entry never is."""
    await recorded(reviews)
    await added(reviews, "cd" * 16)
    clock.advance(3599.999)
    assert await reviews.overdue() == ()
    clock.advance(0.001)
    assert [item.exchange for item in await reviews.overdue()] == [EXCHANGE]


async def test_the_queue_is_bounded(reviews: Reviews) -> None:
    """More than the bound is overloaded, and nothing is stored."""
    for place in range(3):
        await added(reviews, f"{place:032x}")
    with pytest.raises(Unavailable) as caught:
        await added(reviews, "ff" * 16)
    assert caught.value.cause is Cause.OVERLOADED
    assert await reviews.show("ff" * 16) is None


async def test_listed_by_due_time(reviews: Reviews, clock: Hands) -> None:
    """The first due comes first; a state narrows the list."""
    await recorded(reviews, "02" * 16)
    clock.advance(1)
    await recorded(reviews, "01" * 16)
    await reviews.close("01" * 16, ReviewState.WITHDRAWN)
    assert [r.exchange[:2] for r in await reviews.listed()] == ["02", "01"]
    waiting = await reviews.listed(state=ReviewState.WAITING)
    assert [r.exchange[:2] for r in waiting] == ["02"]


async def test_old_rows_are_forgotten(reviews: Reviews, clock: Hands) -> None:
    """Closed rows go by retention, rows without entry after an hour."""
    await recorded(reviews, "01" * 16)
    await reviews.close("01" * 16, ReviewState.EXPIRED)
    await added(reviews, "02" * 16)
    await recorded(reviews, "03" * 16)
    clock.advance(3601)
    assert await reviews.forget(closed_before_ms=clock.ms - 7_200_000) == 1
    assert await reviews.forget(closed_before_ms=clock.ms) == 1
    assert [r.exchange[:2] for r in await reviews.listed()] == ["03"]


async def test_a_table_gone_is_unavailable(
    reviews: Reviews, database: Database
) -> None:
    """A broken database is named by its cause, without values."""
    away = text("ALTER TABLE reviews RENAME TO away")
    await database.run(lambda connection: connection.execute(away))
    with pytest.raises(Unavailable) as caught:
        await added(reviews)
    back = text("ALTER TABLE away RENAME TO reviews")
    await database.run(lambda connection: connection.execute(back))
    assert caught.value.cause is Cause.STATE_UNAVAILABLE
    assert "CANARY" not in str(caught.value)
