"""Many records: page by page, each entry durable before its bytes, memory flat."""

from __future__ import annotations

import asyncio
import json
import resource
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from gateway.config import load
from tests.exchange.bulk import bulk_county, export
from tests.exchange.county import County, activate, running
from tests.exchange.requests import SHERIFF

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.slow,
    pytest.mark.timeout(300),
]

RECORDS = 100_000
MOST_GROWTH_KIB = 48 * 1024


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bulk(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[County]:
    """A running county with 100,000 people."""
    root = tmp_path_factory.mktemp("bulk") / "d"
    layout = await asyncio.to_thread(bulk_county, root, RECORDS)
    await activate(await asyncio.to_thread(load, layout.config()))
    async with running(layout) as found:
        yield found


async def lines(county: County, body: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Yield the lines of a streamed answer as they come."""
    session = await county.session(SHERIFF)
    async with session.post(
        f"{county.serving.url}/v1/exchanges",
        json=body,
        headers=county.bearer(SHERIFF),
        timeout=aiohttp.ClientTimeout(total=240),
        read_bufsize=1 << 20,
    ) as response:
        assert response.status == 200, await response.text()
        assert response.content_type == "application/x-ndjson"
        while line := await response.content.readline():
            yield json.loads(line)


async def test_a_hundred_thousand_rows_stream_flat_and_each_page_is_logged(
    bulk: County,
) -> None:
    """Every page has its receipt, its entry is durable first, memory does not grow."""
    rows, pages, base = 0, 0, 0
    async for page in lines(bulk, export()):
        pages += 1
        rows += len(page["records"])
        assert page["receipt"]["index"] < bulk.services.log.size
        assert page["page"] == pages - 1
        if pages == 20:
            base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base
    assert rows > RECORDS * 0.8
    assert pages >= rows // 500
    assert grown < MOST_GROWTH_KIB


async def test_a_cut_off_between_pages_ends_the_stream(bulk: County) -> None:
    """After a cut-off no further page comes, but a problem line, and it is recorded."""
    seen: list[dict[str, Any]] = []
    number = None
    async for line in lines(bulk, export(limit=50_000)):
        seen.append(line)
        if len(seen) == 3:
            done: Any = await bulk.command(
                command="cutoff-add", scope="dataset", name="county-jail", by="tests"
            )
            number = done["number"]
    await bulk.command(command="draft-lift", number=number)

    assert seen[-1]["type"] == "urn:sallyport:problem:aborted"
    assert len(seen) < 60
    leaf = (await bulk.leaves())[seen[-1]["receipt"]["index"]]
    assert leaf["decision"] in {"refused", "aborted"}


async def test_a_limit_ends_the_answer(bulk: County) -> None:
    """No more records come than were wanted; the last line says it is the last."""
    pages = [page async for page in lines(bulk, export(limit=1200))]

    assert sum(len(page["records"]) for page in pages) <= 1200
    assert [page["last"] for page in pages] == [False, False, True]


async def test_who_stops_reading_leaves_an_aborted_entry(bulk: County) -> None:
    """A requester that goes away in mid-stream is recorded as not served to the end."""
    before = bulk.services.log.size
    session = await bulk.session(SHERIFF)
    async with session.post(
        f"{bulk.serving.url}/v1/exchanges",
        json=export(),
        headers=bulk.bearer(SHERIFF),
    ) as response:
        await response.content.readline()
        response.close()

    decisions: list[str] = []
    for _ in range(100):
        decisions = [leaf["decision"] for leaf in (await bulk.leaves())[before:]]
        if "aborted" in decisions:
            break
        await asyncio.sleep(0.1)

    assert "aborted" in decisions
    assert bulk.services.flights.count == 0
