"""The emergency brake: in force at once, an entry each, also within a stream."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.exchange.county import County
from tests.exchange.requests import SHERIFF, custody

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        ("agency", "neighbour-sheriff"),
        ("family", "state_local"),
        ("dataset", "county-jail"),
        ("all", ""),
    ],
)
async def test_a_cut_off_stops_at_once_and_is_lifted_at_once(
    county: County, scope: str, name: str
) -> None:
    """By family, agency, dataset or all: refused in under two seconds, then not."""
    before = county.services.log.size
    started = time.monotonic()
    done: Any = await county.command(
        command="cutoff-add", scope=scope, name=name, by="tests"
    )
    stopped = await county.post(SHERIFF, custody())
    took = time.monotonic() - started
    await county.command(command="draft-lift", number=done["number"])
    opened = await county.post(SHERIFF, custody())

    assert stopped.status == 403
    assert stopped.body["type"] == "urn:sallyport:problem:cut-off"
    assert took < 2
    assert opened.status == 200
    leaves = (await county.leaves())[before:]
    assert [leaf["decision"] for leaf in leaves] == [
        "cutoff",
        "refused",
        "cutoff-lift",
        "released",
    ]


async def test_others_are_not_cut_off(county: County) -> None:
    """A cut-off of one family leaves the others as they are, but what is for it."""
    done: Any = await county.command(
        command="cutoff-add", scope="family", name="dhs_immigration", by="tests"
    )
    try:
        sheriff = await county.post(SHERIFF, custody())
        deputy = await county.post("deputy-287g", custody())
        through = await county.post(SHERIFF, {**custody(), "recipient": "ice_ero"})
    finally:
        await county.command(command="draft-lift", number=done["number"])

    assert sheriff.status == 200
    assert through.body["type"] == "urn:sallyport:problem:cut-off"
    assert deputy.body["type"] == "urn:sallyport:problem:cut-off"


async def test_a_name_that_does_not_exist_is_refused_with_the_nearest(
    county: County,
) -> None:
    """A cut-off that would stop nobody is a mistake."""
    with pytest.raises(Exception, match="county-jail"):
        await county.command(
            command="cutoff-add", scope="dataset", name="county-jal", by="tests"
        )
