"""A raw TLS line: what may come on it, what is believed of it, how long it may take."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from tests.exchange.county import County
from tests.exchange.raw import (
    BODY,
    CHUNKED,
    GOOD,
    LENGTH,
    NOT_ONE,
    USUAL,
    ask,
    chunks,
    good,
    of,
    signed,
)
from tests.exchange.requests import SHERIFF
from tests.exchange.wire import Reply, head, line

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_head_of_what_takes_posts_is_refused(hurried: County) -> None:
    """HEAD has the status and no body."""
    async with line(hurried, SHERIFF) as wire:
        await wire.send(signed(hurried, of(*USUAL, method="HEAD", body=b"")))
        status = await wire.reader.readline()

    assert b" 405 " in status


@pytest.mark.parametrize(
    "lines",
    [
        ["Client-Cert: :AAAA:", "Client-Cert-Chain: :AAAA:"],
        ["X-Forwarded-For: 10.0.0.1", "X-Forwarded-Proto: http"],
        ["Forwarded: for=10.0.0.1;host=other", "X-Real-IP: 10.0.0.1"],
        ["X-SSL-Client-Cert: AAAA", "X-Client-DN: CN=ice", "X-Original-URL: /metrics"],
        ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAM"],
        ["Range: bytes=0-3", "If-None-Match: *", "If-Modified-Since: x"],
    ],
    ids=lambda lines: lines[0].partition(":")[0],
)
async def test_what_a_proxy_would_say_is_not_believed(
    hurried: County, lines: list[str]
) -> None:
    """Nothing but the handshake says who asks: such headers change nothing."""
    plain = await ask(hurried, of(*USUAL, LENGTH))
    dressed = await ask(hurried, of(*USUAL, *lines, LENGTH))
    stranger = await hurried.post(
        "broker",
        GOOD,
        token_of=SHERIFF,
        headers=dict(each.split(": ", 1) for each in lines[:1]),
    )

    assert (plain.status, dressed.status) == (200, 200)
    assert json.loads(dressed.data)["records"] == json.loads(plain.data)["records"]
    assert stranger.status == 401


async def test_chunks_and_a_known_expectation_are_taken(hurried: County) -> None:
    """What HTTP/1.1 allows works: chunks, and 100-continue before a body."""
    chunked = await ask(hurried, of(*USUAL, CHUNKED, body=chunks()))
    async with line(hurried, SHERIFF) as wire:
        request = head(lines=[*USUAL, LENGTH, "Expect: 100-continue"])
        await wire.send(signed(hurried, request))
        go_on = await wire.reply()
        await wire.send(BODY)
        answer = await wire.reply()

    assert chunked.status == 200
    assert go_on is not None
    assert answer is not None
    assert (go_on.status, answer.status) == (100, 200)


async def test_pipelined_requests_are_answered_in_order(hurried: County) -> None:
    """Three at once on one line are three entries and three answers, in order."""
    before = hurried.services.log.size
    one = signed(hurried, of(*USUAL, LENGTH))
    async with line(hurried, SHERIFF) as wire:
        await wire.send(one + one + one)
        replies = [await wire.reply() for _ in range(3)]

    answers = [json.loads(reply.data) for reply in replies if reply]
    assert [a["receipt"]["index"] for a in answers] == [before, before + 1, before + 2]


async def test_what_follows_a_refused_request_is_not_a_request(
    hurried: County,
) -> None:
    """Bytes smuggled behind a request with two lengths are never answered."""
    before = hurried.services.log.size
    smuggled = signed(hurried, of(*USUAL, LENGTH))
    async with line(hurried, SHERIFF) as wire:
        await wire.send(
            signed(hurried, of(*USUAL, "Content-Length: 0", CHUNKED, body=b""))
            + b"0\r\n\r\n"
            + smuggled
        )
        first, second = await wire.reply(), await wire.reply()

    assert first is not None
    assert first.status == 400
    assert second is None
    assert hurried.services.log.size == before


@pytest.mark.slow
async def test_headers_and_bodies_have_their_time(hurried: County) -> None:
    """Silence, a header a second and a byte a second all end, and are counted."""

    async def silent() -> float:
        began = time.monotonic()
        async with line(hurried, SHERIFF) as wire:
            assert await wire.closed(10)
        return time.monotonic() - began

    async def trickling() -> float:
        began = time.monotonic()
        async with line(hurried, SHERIFF) as wire:
            await wire.send(b"POST /v1/exchanges HTTP/1.1\r\n")
            while time.monotonic() - began < 8:
                try:
                    await wire.send(b"X-A: 1\r\n")
                except ConnectionError:
                    break
                if wire.reader.at_eof():
                    break
                await asyncio.sleep(0.3)
        return time.monotonic() - began

    async def slow_body() -> Reply | None:
        async with line(hurried, SHERIFF) as wire:
            await wire.send(signed(hurried, head(lines=[*USUAL, LENGTH])) + BODY[:20])
            return await wire.reply()

    quiet, dripping, late = await asyncio.gather(silent(), trickling(), slow_body())

    assert 1.5 < quiet < 6
    assert 1.5 < dripping < 6
    assert late is not None
    assert (late.status, late.problem) == NOT_ONE
    assert (await good(hurried)).status == 200
