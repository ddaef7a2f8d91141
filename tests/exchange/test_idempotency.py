"""A retry is one disclosure; anything else under the same key is refused or new."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest

from tests.exchange.county import County
from tests.exchange.requests import SHERIFF, custody

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_retry_is_the_same_entry_and_the_same_answer(county: County) -> None:
    """The same key and body give the same bytes and add nothing to the log."""
    first = await county.post(SHERIFF, custody(), key="retry-1")
    size = county.services.log.size

    again = await county.post(SHERIFF, custody(), key="retry-1")

    assert again.status == first.status == 200
    assert again.data == first.data
    assert county.services.log.size == size


async def test_without_a_key_each_request_is_an_entry(county: County) -> None:
    """Two requests without a key are two disclosures."""
    first = await county.post(SHERIFF, custody())
    second = await county.post(SHERIFF, custody())

    assert first.body["receipt"]["index"] < second.body["receipt"]["index"]


async def test_the_same_key_with_another_body_is_refused(county: County) -> None:
    """409, whatever the other body would have been answered."""
    await county.post(SHERIFF, custody(17), key="other-body")

    answer = await county.post(SHERIFF, custody(18), key="other-body")

    assert answer.status == 409
    assert answer.body["type"] == "urn:sallyport:problem:key-reused"


async def test_a_key_belongs_to_the_client_that_used_it(county: County) -> None:
    """Another client's use of a seen key is an exchange of its own."""
    theirs = await county.post(SHERIFF, custody(), key="shared")

    ours = await county.post("ice-ero", custody(), key="shared")

    assert ours.status == 403
    assert ours.body["exchange"] != theirs.body["exchange"]


async def test_a_retry_that_would_show_something_else_is_a_new_exchange(
    county: County,
) -> None:
    """When the record changed, the entry is new and names the first."""
    first = await county.post(SHERIFF, custody(40), key="changed")
    database = county.layout.databases / "jail.db"

    def change() -> None:
        with sqlite3.connect(database) as connection:
            connection.execute(
                "UPDATE bookings SET custody = 'released' WHERE booking_no = 'B-000040'"
            )
        connection.close()

    await asyncio.to_thread(change)
    again = await county.post(SHERIFF, custody(40), key="changed")

    assert again.status == 200
    assert again.body["exchange"] != first.body["exchange"]
    assert again.body["receipt"]["index"] > first.body["receipt"]["index"]
    assert again.body["records"][0]["fields"]["custody_status"] == "released"


async def test_two_at_once_with_one_key_are_one_entry(county: County) -> None:
    """Of those that run at the same time one is answered, the others are 409."""
    size = county.services.log.size

    answers = await asyncio.gather(
        *(county.post(SHERIFF, custody(41), key="at-once") for _ in range(5))
    )

    statuses = {answer.status for answer in answers}
    assert 200 in statuses
    assert statuses <= {200, 409}
    assert len({a.data for a in answers if a.status == 200}) == 1
    assert county.services.log.size == size + 1


async def test_a_cut_off_holds_for_retries_too(county: County) -> None:
    """What was answered once is not answered again after a cut-off."""
    first = await county.post(SHERIFF, custody(), key="then-cut-off")
    done: Any = await county.command(
        command="cutoff-add", scope="agency", name="neighbour-sheriff", by="tests"
    )
    try:
        again = await county.post(SHERIFF, custody(), key="then-cut-off")
    finally:
        await county.command(command="draft-lift", number=done["number"])
    lifted = await county.post(SHERIFF, custody(), key="then-cut-off")

    assert (first.status, again.status) == (200, 403)
    assert again.body["type"] == "urn:sallyport:problem:cut-off"
    assert lifted.data == first.data


@pytest.mark.parametrize("key", ["", "x" * 256, "\u00e9"])
async def test_an_unusable_key_is_a_mistake(county: County, key: str) -> None:
    """An empty, endless or non-ASCII key is refused, not ignored."""
    answer = await county.post(SHERIFF, custody(), key=key)

    assert answer.status == 400
