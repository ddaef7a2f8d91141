"""What ends an exchange between two steps, or an answer between two pages, is recorded.

A requester may be taken out of the registry while a source is read; and the gateway
may have a defect. Neither leaves a requester with half an answer that looks whole, nor
the log without an entry.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio

from gateway.config import load
from gateway.demo.layout import Layout
from gateway.errors import Unauthenticated
from gateway.identity import Authenticator, Requester
from tests.exchange.bulk import bulk_county, export
from tests.exchange.clock import SetClock
from tests.exchange.county import County, activate, running, write_county
from tests.exchange.requests import SHERIFF, custody
from tests.exchange.wire import HOST, head, line

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

NONE = f"/v1/exchanges/{'0' * 32}"
"""An exchange that there was not."""

RECORDS = 1_400


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bulk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """A running county whose roster is some pages long."""
    root = tmp_path_factory.mktemp("bulk") / "d"
    layout = await asyncio.to_thread(bulk_county, root, RECORDS)
    await activate(await asyncio.to_thread(load, layout.config()))
    async with running(layout) as found:
        yield found


def breaking(error: Exception, *, at: int) -> Callable[..., Any]:
    """Return a second look at the requester that fails the at-th time, and after."""
    looks = 0
    again = Authenticator.again

    def look(self: Authenticator, requester: Requester) -> Requester:
        nonlocal looks
        looks += 1
        if looks >= at:
            raise error
        return again(self, requester)

    return look


REVOKED = Unauthenticated("certificate-revoked")
DEFECT = KeyError("as the test wants it")


async def streamed(county: County) -> list[dict[str, Any]]:
    """Return the lines of an export; its framing must be whole, and the line usable."""
    session = await county.session(SHERIFF)
    async with session.post(
        f"{county.serving.url}/v1/exchanges",
        json=export(),
        headers=county.bearer(SHERIFF),
    ) as response:
        assert response.status == 200
        data = await response.read()
    return [orjson.loads(each) for each in data.splitlines()]


@pytest.mark.parametrize(
    ("error", "code"), [(REVOKED, "identity-unavailable"), (DEFECT, "aborted")]
)
async def test_an_answer_that_was_begun_ends_with_a_problem_line(
    bulk: County, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    """After two pages: a line that says so, an entry, and nothing else on the line."""
    with monkeypatch.context() as patched:
        patched.setattr(Authenticator, "again", breaking(error, at=3))
        lines = await streamed(bulk)
    leaves = await bulk.leaves()
    whole = await streamed(bulk)

    assert [each.get("page") for each in lines] == [0, 1, None]
    assert lines[-1]["type"] == f"urn:sallyport:problem:{code}"
    assert leaves[-1]["decision"] == "unavailable"
    assert [each["last"] for each in whole] == [False, False, True]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(REVOKED, 503, "identity-unavailable"), (DEFECT, 500, "internal")],
)
async def test_what_ends_before_anything_is_handed_over_has_an_entry(
    bulk: County,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    code: str,
) -> None:
    """Whoever was authenticated leaves one, whatever came of it."""
    before = bulk.services.log.size
    with monkeypatch.context() as patched:
        patched.setattr(Authenticator, "again", breaking(error, at=1))
        answer = await bulk.post(SHERIFF, custody())
    leaves = (await bulk.leaves())[before:]

    assert (answer.status, answer.body["type"]) == (
        status,
        f"urn:sallyport:problem:{code}",
    )
    assert [leaf["decision"] for leaf in leaves] == ["unavailable"]


@pytest.fixture
def own(tmp_path: Path) -> Layout:
    """An activated county of the test's own."""
    layout = write_county(tmp_path / "d")
    asyncio.run(activate(load(layout.config())))
    return layout


@pytest.mark.asyncio(loop_scope="function")
@pytest.mark.parametrize(
    ("target", "who", "status"),
    [(NONE, SHERIFF, 404), (NONE, "", 401), ("/nothing", "", 404)],
)
async def test_a_connection_ends_when_its_time_is_over_whatever_is_answered(
    own: Layout, target: str, who: str, status: int
) -> None:
    """Who only ever gets errors keeps no connection open either."""
    clock = SetClock()
    async with running(own, clock=clock) as county, line(county, SHERIFF) as wire:
        lines = [f"Host: {HOST}"]
        if who:
            lines += map(": ".join, county.bearer(who).items())
        asked = head("GET", target, lines=lines)
        kept = []
        for gone_s in (0, 200, 301):
            clock.quiet_s = gone_s
            await wire.send(asked)
            reply = await wire.reply()
            assert reply is not None
            kept.append((reply.status, reply.headers.get("connection", "keep-alive")))
        ended = await wire.closed(within_s=5)

    assert kept == [(status, "keep-alive")] * 2 + [(status, "close")]
    assert ended


@pytest.mark.asyncio(loop_scope="function")
async def test_no_token_is_judged_on_a_clock_in_doubt(own: Layout) -> None:
    """Whoever asks what became of an exchange is told about the clock first."""
    clock = SetClock()
    async with running(own, clock=clock) as county:
        session = await county.session(SHERIFF)

        async def look() -> int:
            async with session.get(
                f"{county.serving.url}{NONE}",
                headers=county.bearer(SHERIFF),
            ) as response:
                return response.status

        first = await look()
        clock.shift_ms = -3_600_000
        second = await look()

    assert (first, second) == (404, 503)
