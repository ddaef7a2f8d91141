"""One table from what went wrong to a problem document (RFC 9457).

A problem never repeats a value of the request: mistakes are pointers, causes are
words of a closed list. The type is a URN, so that it names no host.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import orjson
from aiohttp import web

from gateway.asking.idempotency import Busy
from gateway.canonical import Json
from gateway.errors import (
    Cause,
    MalformedRequest,
    Mistake,
    TooMany,
    Unauthenticated,
    Unavailable,
)

__all__ = [
    "TITLES",
    "padded",
    "problem",
    "problem_body",
    "problem_of",
    "problem_of_http",
]

TITLES: Mapping[str, tuple[int, str]] = {
    "refused": (403, "The written law does not open this."),
    "cut-off": (403, "Access has been cut off for now."),
    "waiting": (202, "A person decides about this."),
    "aborted": (503, "The answer was stopped before its end."),
    "not-one-request": (400, "This is not one well-formed request."),
    "unauthenticated": (401, "Who asks could not be established."),
    "not-found": (404, "There is nothing here for you."),
    "not-allowed": (405, "This method is not offered here."),
    "key-reused": (409, "This Idempotency-Key is running or had another body."),
    "too-large": (413, "The request is too large."),
    "wrong-media-type": (415, "Send application/json, without content coding."),
    "not-a-request": (422, "The request has mistakes."),
    "too-many": (429, "Too many requests; wait and try again."),
    "internal": (500, "The gateway failed; nothing was released."),
    **{str(cause): (503, f"Not now: {cause}.") for cause in Cause},
}
"""Every problem a requester can meet: its status and its title."""

_MALFORMED = {400: "not-one-request", 413: "too-large", 415: "wrong-media-type"}
_ROUTING = {404: "not-found", 405: "not-allowed", 413: "too-large"}
_RETRY_AFTER_S = {503: "5"}
_STEP = 1024
_RECEIPT = 1280
"""More bytes than any receipt has: a note, an index and ten hashes."""


def problem_body(
    code: str,
    *,
    mistakes: Sequence[Mistake] = (),
    members: Mapping[str, Json] | None = None,
) -> dict[str, Json]:
    """Return the members of one problem document."""
    status, title = TITLES[code]
    body: dict[str, Json] = {
        "type": f"urn:sallyport:problem:{code}",
        "title": title,
        "status": status,
        **(members or {}),
    }
    if mistakes:
        body["mistakes"] = [
            {"pointer": m.path, "problem": m.problem, "advice": m.advice}
            for m in mistakes
        ]
    return body


def problem(
    code: str,
    *,
    mistakes: Sequence[Mistake] = (),
    pad: bool = False,
    members: Mapping[str, Json] | None = None,
    wait_s: float | None = None,
) -> web.Response:
    """Return one problem document as a response; ``wait_s`` is until a next try."""
    data = orjson.dumps(problem_body(code, mistakes=mistakes, members=members))
    status = TITLES[code][0]
    headers = {"Cache-Control": "no-store"}
    if status in _RETRY_AFTER_S:
        headers["Retry-After"] = _RETRY_AFTER_S[status]
    if wait_s is not None:
        headers["Retry-After"] = str(math.ceil(wait_s))
    if status == web.HTTPUnauthorized.status_code:
        headers["WWW-Authenticate"] = "Bearer"
    return web.Response(
        status=status,
        body=padded(data, receipt=(members or {}).get("receipt", "")) if pad else data,
        content_type="application/problem+json",
        headers=headers,
    )


def problem_of(error: Exception) -> web.Response | None:
    """Return the problem an exception means, or None when it is not one of ours."""
    match error:
        case MalformedRequest():
            code = _MALFORMED.get(error.status, "not-a-request")
            return problem(code, mistakes=error.mistakes)
        case Unauthenticated():
            return problem("unauthenticated")
        case TooMany():
            return problem("too-many", wait_s=error.wait_s)
        case Busy():
            return problem("key-reused")
        case Unavailable():
            return problem(str(error.cause))
        case _:
            return None


def problem_of_http(error: web.HTTPException) -> web.Response:
    """Return the problem that aiohttp's own refusal means; its text is dropped."""
    return problem(_ROUTING.get(error.status, "not-one-request"))


def padded(data: bytes, *, receipt: Json) -> bytes:
    """Pad a JSON document with spaces to a whole KiB: its length must not tell.

    Nor how long its receipt is, which depends on what else was recorded just then: it
    counts as the longest there is.
    """
    spare = max(0, _RECEIPT - len(orjson.dumps(receipt)))
    return data + b" " * (spare + -(len(data) + spare) % _STEP)
