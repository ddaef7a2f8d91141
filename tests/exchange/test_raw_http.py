"""A corpus of requests on raw TLS sockets: each is refused by name, or harmless."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.config import load
from tests.exchange.county import Answer, County, activate, running, write_county
from tests.exchange.requests import SHERIFF, custody
from tests.exchange.wire import HOST, Reply, head, line

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARY = "Zq31canary"
GOOD = custody()
BODY = json.dumps(GOOD).encode()
NAME = f"Host: {HOST}"
TYPE = "Content-Type: application/json"
LENGTH = f"Content-Length: {len(BODY)}"
CHUNKED = "Transfer-Encoding: chunked"
TOKEN = "Authorization: <token>"
USUAL = [NAME, TOKEN, TYPE]


def chunks(size: str | None = None, end: bytes = b"\r\n") -> bytes:
    """Return the good body as one chunk whose size is written as given."""
    written = (size or f"{len(BODY):x}").encode()
    return written + end + BODY + end + b"0" + end + end


def of(*lines: str, body: bytes = BODY, **more: str) -> bytes:
    """Return a whole request with these headers."""
    return head(lines=lines, **more) + body


def sized(body: bytes, *lines: str) -> bytes:
    """Return a whole request with a body of another kind."""
    return of(*USUAL, *lines, f"Content-Length: {len(body)}", body=body)


def deep(levels: int) -> bytes:
    """Return a request document that is nested so many levels deep."""
    inside = "[" * levels + "]" * levels
    return BODY[:-1] + b', "statements": {"x": ' + inside.encode() + b"}}"


def repeated(text: str) -> bytes:
    """Return the good document with a member more, before its end."""
    return BODY[:-1] + b", " + text.encode() + b"}"


NOT_ONE = (400, "not-one-request")
CODED = (415, "wrong-media-type")
LARGE = (413, "too-large")
NOT_OFFERED = (405, "not-allowed")
NOTHING = (404, "not-found")

CORPUS: dict[str, tuple[bytes, tuple[int, str]]] = {
    # two that could be read as different requests by different readers
    "two hosts": (of(NAME, *USUAL, LENGTH), NOT_ONE),
    "two hosts that differ": (of("Host: other", *USUAL, LENGTH), NOT_ONE),
    "no host": (of(TOKEN, TYPE, LENGTH), NOT_ONE),
    "an empty host": (of("Host:", TOKEN, TYPE, LENGTH), NOT_ONE),
    "two authorizations": (of(*USUAL, TOKEN, LENGTH), NOT_ONE),
    "two keys": (
        of(*USUAL, "Idempotency-Key: a", "Idempotency-Key: b", LENGTH),
        NOT_ONE,
    ),
    "two types": (of(*USUAL, "Content-Type: text/plain", LENGTH), NOT_ONE),
    "two lengths": (of(*USUAL, LENGTH, LENGTH), NOT_ONE),
    "two lengths that differ": (of(*USUAL, LENGTH, "Content-Length: 3"), NOT_ONE),
    "a list of lengths": (of(*USUAL, f"{LENGTH}, {len(BODY)}"), NOT_ONE),
    "a length with a sign": (of(*USUAL, f"Content-Length: +{len(BODY)}"), NOT_ONE),
    "a negative length": (of(*USUAL, "Content-Length: -1"), NOT_ONE),
    "length, then chunks": (of(*USUAL, LENGTH, CHUNKED, body=chunks()), NOT_ONE),
    "chunks, then length": (of(*USUAL, CHUNKED, LENGTH, body=chunks()), NOT_ONE),
    "chunks twice": (of(*USUAL, CHUNKED, CHUNKED, body=chunks()), NOT_ONE),
    "gzip in the transfer": (
        of(*USUAL, "Transfer-Encoding: gzip, chunked", body=chunks()),
        NOT_ONE,
    ),
    "a transfer coding nobody knows": (
        of(*USUAL, "Transfer-Encoding: xchunked"),
        NOT_ONE,
    ),
    "identity as a transfer coding": (
        of(*USUAL, "Transfer-Encoding: identity"),
        NOT_ONE,
    ),
    # chunks that are none
    "a size that is no number": (of(*USUAL, CHUNKED, body=chunks("zz")), NOT_ONE),
    "a size with a sign": (of(*USUAL, CHUNKED, body=chunks("-1")), NOT_ONE),
    "a size with 0x": (of(*USUAL, CHUNKED, body=chunks("0xd")), NOT_ONE),
    "a size too large to count": (
        of(*USUAL, CHUNKED, body=chunks("f" * 20)),
        NOT_ONE,
    ),
    "a size too small": (of(*USUAL, CHUNKED, body=chunks("5")), NOT_ONE),
    "chunks that end in a line feed": (
        of(*USUAL, CHUNKED, body=chunks(end=b"\n")),
        NOT_ONE,
    ),
    # headers that are none
    "a folded header": (of(*USUAL, f"X-A: 1\r\n  {CANARY}", LENGTH), NOT_ONE),
    "a space before the colon": (of(*USUAL, f"X-A : {CANARY}", LENGTH), NOT_ONE),
    "a zero byte": (of(*USUAL, f"X-A: \x00{CANARY}", LENGTH), NOT_ONE),
    "a lone carriage return": (of(*USUAL, f"X-A: a\r{CANARY}", LENGTH), NOT_ONE),
    "lines that end in a line feed": (
        of(*USUAL, LENGTH).replace(b"\r\n", b"\n"),
        NOT_ONE,
    ),
    "a header without an end": (of(*USUAL, f"X-A: {CANARY * 2000}"), NOT_ONE),
    "thousands of headers": (
        of(*USUAL, *(f"X-{i}: {CANARY}" for i in range(3000)), LENGTH),
        NOT_ONE,
    ),
    # targets, methods, versions
    "a target without an end": (of(*USUAL, target=f"/{CANARY * 2000}"), NOT_ONE),
    "a question in the target": (
        of(*USUAL, LENGTH, target=f"/v1/exchanges?name={CANARY}"),
        NOT_ONE,
    ),
    "a fragment": (of(*USUAL, LENGTH, target=f"/v1/exchanges#{CANARY}"), NOT_ONE),
    "a whole URL": (
        of(*USUAL, LENGTH, target=f"https://{HOST}/v1/exchanges"),
        NOT_ONE,
    ),
    "another host's URL": (
        of(*USUAL, LENGTH, target="http://other.invalid/v1/exchanges"),
        NOT_ONE,
    ),
    "a tunnel": (of(NAME, method="CONNECT", target="other:443", body=b""), NOT_ONE),
    "a star": (of(NAME, method="OPTIONS", target="*", body=b""), NOT_ONE),
    "a slash in disguise": (of(*USUAL, LENGTH, target="/v1%2Fexchanges"), NOTHING),
    "a way round": (of(*USUAL, LENGTH, target="/v1/x/../exchanges"), NOTHING),
    "two slashes": (of(*USUAL, LENGTH, target="//v1/exchanges"), NOTHING),
    "a name in the path": (of(*USUAL, LENGTH, target=f"/v1/{CANARY}"), NOTHING),
    "out of the log": (
        of(NAME, method="GET", target="/log/../../keys/log.key", body=b""),
        NOTHING,
    ),
    "out of the log in disguise": (
        of(NAME, method="GET", target="/log/%2e%2e/%2e%2e/keys/log.key", body=b""),
        NOTHING,
    ),
    "an absolute path in the log": (
        of(NAME, method="GET", target="/v1/log/%2Fetc/passwd", body=b""),
        NOTHING,
    ),
    "a zero byte in the path": (
        of(NAME, method="GET", target="/log/checkpoint%00", body=b""),
        NOTHING,
    ),
    "OPTIONS": (of(*USUAL, method="OPTIONS", body=b""), NOT_OFFERED),
    "TRACE": (of(*USUAL, method="TRACE", body=b""), NOT_OFFERED),
    "PUT": (of(*USUAL, LENGTH, method="PUT"), NOT_OFFERED),
    "another method by header": (
        of(*USUAL, "X-HTTP-Method-Override: POST", LENGTH, method="GET"),
        NOT_OFFERED,
    ),
    "a method in small letters": (of(*USUAL, LENGTH, method="post"), NOT_ONE),
    "a method nobody knows": (of(*USUAL, LENGTH, method=CANARY.upper()), NOT_ONE),
    "HTTP/1.0": (of(*USUAL, LENGTH, version="HTTP/1.0"), NOT_ONE),
    "HTTP/2.0": (of(*USUAL, LENGTH, version="HTTP/2.0"), NOT_ONE),
    "no version": (b"GET /v1/openapi.json\r\n\r\n", NOT_ONE),
    "HTTP/2 in clear": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NOT_ONE),
    "no HTTP at all": (b"\x16\x03\x01" + CANARY.encode() + b"\r\n\r\n", NOT_ONE),
    "an expectation nobody knows": (of(*USUAL, f"Expect: {CANARY}", LENGTH), NOT_ONE),
    # bodies
    "gzip": (
        sized(gzip.compress(BODY), "Content-Encoding: gzip"),
        CODED,
    ),
    "a gzip bomb": (
        sized(gzip.compress(b" " * 50_000_000), "Content-Encoding: gzip"),
        CODED,
    ),
    "identity as a coding": (sized(BODY, "Content-Encoding: identity"), CODED),
    "text": (
        of(NAME, TOKEN, "Content-Type: text/plain", LENGTH),
        CODED,
    ),
    "a form": (
        of(NAME, TOKEN, "Content-Type: multipart/form-data; boundary=a", LENGTH),
        CODED,
    ),
    "no type": (of(NAME, TOKEN, LENGTH), CODED),
    "a length too large": (of(*USUAL, "Content-Length: 99999999", body=b"{"), LARGE),
    "too large": (sized(b'"' + b"a" * 70_000 + b'"'), LARGE),
    "too large in chunks": (
        of(*USUAL, CHUNKED, body=b"11170\r\n" + b" " * 70_000 + b"\r\n0\r\n\r\n"),
        LARGE,
    ),
    "nothing": (of(*USUAL, "Content-Length: 0", body=b""), NOT_ONE),
    "a member twice": (sized(repeated('"purpose": "x"')), NOT_ONE),
    "a member twice in disguise": (
        sized(repeated('"\\u0070urpose": "x"')),
        NOT_ONE,
    ),
    "a member twice inside": (
        sized(repeated('"statements": {"a": true, "a": false}')),
        NOT_ONE,
    ),
    "a selector twice": (
        sized(BODY.replace(b"}],", b', "booking_number": "B-000018"}],', 1)),
        NOT_ONE,
    ),
    "deep": (sized(deep(20)), NOT_ONE),
    "very deep": (sized(deep(20_000)), NOT_ONE),
    "two documents": (sized(BODY + BODY), NOT_ONE),
    "a byte order mark": (sized(b"\xef\xbb\xbf" + BODY), NOT_ONE),
    "UTF-16": (sized(json.dumps(GOOD).encode("utf-16")), NOT_ONE),
    "no UTF-8": (
        sized(repeated('"purpose_text": "%"').replace(b"%", b"\xff")),
        NOT_ONE,
    ),
    "half of a surrogate pair": (
        sized(repeated('"purpose_text": "\\ud800"')),
        NOT_ONE,
    ),
    "not a number": (sized(repeated('"limit": NaN')), NOT_ONE),
    "a number without an end": (
        sized(repeated(f'"limit": {"9" * 5000}')),
        NOT_ONE,
    ),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def county(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """A county whose clients have two seconds for headers and for bodies."""
    root: Path = tmp_path_factory.mktemp("raw")
    layout = await asyncio.to_thread(write_county, root / "d", records=40)
    path = layout.config()
    text = await asyncio.to_thread(path.read_text)
    hasty = "server:\n  header_seconds: 2\n  body_seconds: 2\n"
    await asyncio.to_thread(path.write_text, text.replace("server:\n", hasty))
    await activate(await asyncio.to_thread(load, path))
    async with running(layout) as found:
        yield found


def signed(county: County, data: bytes) -> bytes:
    """Put the requester's token where the corpus leaves room for it."""
    token = county.bearer(SHERIFF)["Authorization"].encode()
    return data.replace(b"<token>", token)


async def ask(county: County, data: bytes) -> Reply:
    """Send one request on a line of its own; return the answer."""
    async with line(county, SHERIFF) as wire:
        await wire.send(signed(county, data))
        reply = await wire.reply()
    assert reply is not None, "closed without an answer"
    return reply


async def good(county: County) -> Answer:
    """Ask as a well-meaning client."""
    return await county.post(SHERIFF, GOOD)


@pytest.mark.parametrize("case", CORPUS)
async def test_each_is_refused_by_name_and_costs_no_entry(
    county: County, case: str
) -> None:
    """The named problem, not a byte of what was sent, no entry, and others go on."""
    data, (status, code) = CORPUS[case]
    before = county.services.log.size

    reply = await ask(county, data)

    assert (reply.status, reply.problem) == (status, code)
    assert county.services.log.size == before
    shown = reply.data + json.dumps(reply.headers).encode()
    assert CANARY.lower() not in shown.decode().lower()
    assert b"Bearer ey" not in shown
    assert b"B-0000" not in shown
    assert (await good(county)).status == 200


async def test_a_head_of_what_takes_posts_is_refused(county: County) -> None:
    """HEAD has the status and no body."""
    async with line(county, SHERIFF) as wire:
        await wire.send(signed(county, of(*USUAL, method="HEAD", body=b"")))
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
    county: County, lines: list[str]
) -> None:
    """Nothing but the handshake says who asks: such headers change nothing."""
    plain = await ask(county, of(*USUAL, LENGTH))
    dressed = await ask(county, of(*USUAL, *lines, LENGTH))
    stranger = await county.post(
        "broker",
        GOOD,
        token_of=SHERIFF,
        headers=dict(each.split(": ", 1) for each in lines[:1]),
    )

    assert (plain.status, dressed.status) == (200, 200)
    assert json.loads(dressed.data)["records"] == json.loads(plain.data)["records"]
    assert stranger.status == 401


async def test_chunks_and_a_known_expectation_are_taken(county: County) -> None:
    """What HTTP/1.1 allows works: chunks, and 100-continue before a body."""
    chunked = await ask(county, of(*USUAL, CHUNKED, body=chunks()))
    async with line(county, SHERIFF) as wire:
        request = head(lines=[*USUAL, LENGTH, "Expect: 100-continue"])
        await wire.send(signed(county, request))
        go_on = await wire.reply()
        await wire.send(BODY)
        answer = await wire.reply()

    assert chunked.status == 200
    assert go_on is not None
    assert answer is not None
    assert (go_on.status, answer.status) == (100, 200)


async def test_pipelined_requests_are_answered_in_order(county: County) -> None:
    """Three at once on one line are three entries and three answers, in order."""
    before = county.services.log.size
    one = signed(county, of(*USUAL, LENGTH))
    async with line(county, SHERIFF) as wire:
        await wire.send(one + one + one)
        replies = [await wire.reply() for _ in range(3)]

    answers = [json.loads(reply.data) for reply in replies if reply]
    assert [a["receipt"]["index"] for a in answers] == [before, before + 1, before + 2]


async def test_what_follows_a_refused_request_is_not_a_request(
    county: County,
) -> None:
    """Bytes smuggled behind a request with two lengths are never answered."""
    before = county.services.log.size
    smuggled = signed(county, of(*USUAL, LENGTH))
    async with line(county, SHERIFF) as wire:
        await wire.send(
            signed(county, of(*USUAL, "Content-Length: 0", CHUNKED, body=b""))
            + b"0\r\n\r\n"
            + smuggled
        )
        first, second = await wire.reply(), await wire.reply()

    assert first is not None
    assert first.status == 400
    assert second is None
    assert county.services.log.size == before


@pytest.mark.slow
async def test_headers_and_bodies_have_their_time(county: County) -> None:
    """Silence, a header a second and a byte a second all end, and are counted."""

    async def silent() -> float:
        began = time.monotonic()
        async with line(county, SHERIFF) as wire:
            assert await wire.closed(10)
        return time.monotonic() - began

    async def trickling() -> float:
        began = time.monotonic()
        async with line(county, SHERIFF) as wire:
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
        async with line(county, SHERIFF) as wire:
            await wire.send(signed(county, head(lines=[*USUAL, LENGTH])) + BODY[:20])
            return await wire.reply()

    quiet, dripping, late = await asyncio.gather(silent(), trickling(), slow_body())

    assert 1.5 < quiet < 6
    assert 1.5 < dripping < 6
    assert late is not None
    assert (late.status, late.problem) == NOT_ONE
    assert (await good(county)).status == 200


async def test_junk_of_all_kinds_is_one_bounded_entry(county: County) -> None:
    """However much there is, and of how many kinds, an interval is one entry."""
    await county.services.junk.write()
    before = county.services.log.size
    for data, _ in list(CORPUS.values())[:12]:
        await ask(county, data)
    for _ in range(30):
        await county.post("broker", GOOD, token_of=SHERIFF)
    await county.post(SHERIFF, b"{}")
    during = county.services.log.size
    causes = {cause for cause, *_ in county.services.junk._counts}
    await county.services.junk.write()
    await county.services.junk.write()

    leaves: list[dict[str, Any]] = (await county.leaves())[before:]
    assert during == before
    assert {"malformed", "binding-mismatch"} <= causes
    assert [leaf["ev"] for leaf in leaves] == ["counts"]
