"""What is asked too much at once is refused before a record is looked at."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from gateway.identity.buckets import Rate
from gateway.places import Places
from tests.exchange.county import County
from tests.exchange.requests import SHERIFF, custody
from tests.exchange.wire import line

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]


async def test_too_many_requests_are_told_when_to_come_again(
    narrow: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 429 with Retry-After, counted in a metric, and no entry of its own."""
    body = custody()
    with monkeypatch.context() as patched:
        once = Rate.per_minute(1, burst=1)
        patched.setattr(narrow.services.limits, "_client", once)
        first = await narrow.post(SHERIFF, body)
        before = narrow.services.log.size
        second = await narrow.post(SHERIFF, body)
        looked = await narrow.get(SHERIFF, f"/v1/exchanges/{'0' * 32}")
        after = narrow.services.log.size
    metrics = (await narrow.admin("/metrics")).data.decode()

    assert first.status == 200
    assert (second.status, second.problem) == (429, "too-many")
    assert second.headers["Content-Type"] == "application/problem+json"
    assert 1 <= int(second.headers["Retry-After"]) <= 60
    assert looked.status == 429
    assert after == before
    assert 'sallyport_limited_total{limit="client"} 2.0' in metrics


async def test_one_certificate_has_so_many_connections(narrow: County) -> None:
    """The one too many is closed at once; with one less there is room again."""
    await narrow.services.junk.write()
    async with contextlib.AsyncExitStack() as stack:
        open_lines = [
            await stack.enter_async_context(line(narrow, "broker")) for _ in range(3)
        ]
        async with line(narrow, "broker") as fourth, line(narrow, SHERIFF) as other:
            assert await fourth.closed(10)
            assert not await other.closed(0.05)
        counted = [cause for cause, *_ in narrow.services.junk._counts]
        open_lines[0].writer.close()
        await open_lines[0].closed(10)
        async with line(narrow, "broker") as again:
            assert not await again.closed(0.05)

    assert counted == ["too-many-connections"]


async def test_when_all_places_are_taken_danger_and_operators_are_answered(
    narrow: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ordinary requests are overloaded, late or at once; exigent ones are not.

    Nor are the operator's port and commands, which need no place.
    """
    flights = narrow.services.flights
    monkeypatch.setattr(flights, "places", Places(most=2, reserve=1, queue=1))
    monkeypatch.setattr(flights, "_longest_wait_s", 0.2)
    before = narrow.services.log.size
    async with flights.one("another system"):
        late, full = await asyncio.gather(
            *(narrow.post(SHERIFF, custody(17)) for _ in range(2))
        )
        danger = await narrow.post(SHERIFF, custody(17, "exigent_life_safety"))
        stated = await narrow.post(
            SHERIFF, custody(17, statements={"exigent_claimed": True})
        )
        ready = await narrow.admin("/readyz")
        metrics = (await narrow.admin("/metrics")).data.decode()
        status = await narrow.command(command="status")
    after = await narrow.post(SHERIFF, custody(17))

    assert [answer.problem for answer in (late, full)] == ["overloaded"] * 2
    assert {answer.status for answer in (late, full)} == {503}
    assert full.headers["Retry-After"] == "5"
    assert not {danger.status, stated.status, after.status} & {429, 503}
    assert ready.status == 200
    assert "sallyport_in_flight 1.0" in metrics
    assert isinstance(status, dict)
    assert status["in_flight"] == 1
    # What was never begun has no entry; the other three have one each.
    assert narrow.services.log.size == before + 3
