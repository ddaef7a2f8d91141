"""What HTTP may not be here, before any body is read.

aiohttp inflates a compressed body by itself and takes the last of two headers; both
are refused (RFC 9110 sections 5.3, 7.2 and 8.4; RFC 9112 section 6.1).
"""

from __future__ import annotations

from aiohttp import HttpVersion11, hdrs, web

from gateway.errors import MalformedRequest, Mistake

__all__ = ["require_one", "require_plain_json"]

_SINGLE = (hdrs.HOST, hdrs.AUTHORIZATION, hdrs.CONTENT_TYPE, hdrs.CONTENT_LENGTH)
_KEY = "Idempotency-Key"


def require_one(request: web.Request) -> None:
    """Refuse what others could read as another request than this.

    Raises:
        MalformedRequest: 400.
    """
    headers = request.headers
    if request.version != HttpVersion11:
        raise _malformed(400, "HTTP/1.1 is spoken here")
    if not headers.get(hdrs.HOST):
        raise _malformed(400, "the header Host is empty")
    for name in (*_SINGLE, _KEY):
        if len(headers.getall(name, ())) > 1:
            raise _malformed(400, f"the header {name} is given twice")
    if hdrs.CONTENT_LENGTH in headers and hdrs.TRANSFER_ENCODING in headers:
        raise _malformed(400, "Content-Length together with Transfer-Encoding")
    if headers.get(hdrs.TRANSFER_ENCODING, "chunked").lower() != "chunked":
        raise _malformed(400, "no Transfer-Encoding but chunked is taken")
    if not request.raw_path.startswith("/") or "#" in request.raw_path:
        raise _malformed(400, "the target is not the path of a resource")
    if "?" in request.raw_path:
        raise _malformed(400, "nothing is asked in the query: use the body")


def require_plain_json(request: web.Request) -> None:
    """Refuse content codings and media types other than JSON.

    Raises:
        MalformedRequest: 415.
    """
    if hdrs.CONTENT_ENCODING in request.headers:
        raise _malformed(415, "content codings are not taken")
    if request.content_type != "application/json":
        raise _malformed(415, "send application/json")


def _malformed(status: int, what: str) -> MalformedRequest:
    return MalformedRequest(status, [Mistake(path="", problem=what)])
