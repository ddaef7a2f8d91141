"""A corpus of requests on raw TLS sockets: each is refused by name, at no cost."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.exchange.county import County
from tests.exchange.raw import (
    BODY,
    CHUNKED,
    GOOD,
    LENGTH,
    NAME,
    NOT_ONE,
    TOKEN,
    TYPE,
    USUAL,
    ask,
    chunks,
    good,
    of,
)
from tests.exchange.requests import SHERIFF
from tests.exchange.wire import HOST

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARY = "Zq31canary"


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


@pytest.mark.parametrize("case", CORPUS)
async def test_each_is_refused_by_name_and_costs_no_entry(
    hurried: County, case: str
) -> None:
    """The named problem, not a byte of what was sent, no entry, and others go on."""
    data, (status, code) = CORPUS[case]
    before = hurried.services.log.size

    reply = await ask(hurried, data)

    assert (reply.status, reply.problem) == (status, code)
    assert hurried.services.log.size == before
    shown = reply.data + json.dumps(reply.headers).encode()
    assert CANARY.lower() not in shown.decode().lower()
    assert b"Bearer ey" not in shown
    assert b"B-0000" not in shown
    assert (await good(hurried)).status == 200


async def test_junk_of_all_kinds_is_one_bounded_entry(hurried: County) -> None:
    """However much there is, and of how many kinds, an interval is one entry."""
    await hurried.services.junk.write()
    before = hurried.services.log.size
    for data, _ in list(CORPUS.values())[:12]:
        await ask(hurried, data)
    for _ in range(30):
        await hurried.post("broker", GOOD, token_of=SHERIFF)
    await hurried.post(SHERIFF, b"{}")
    during = hurried.services.log.size
    causes = {cause for cause, *_ in hurried.services.junk._counts}
    await hurried.services.junk.write()
    await hurried.services.junk.write()

    leaves: list[dict[str, Any]] = (await hurried.leaves())[before:]
    assert during == before
    assert {"malformed", "binding-mismatch"} <= causes
    assert [leaf["ev"] for leaf in leaves] == ["counts"]
