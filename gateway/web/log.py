"""The log's read side (C2SP tlog-tiles): the delayed public face and the live one.

``/log/`` shows only what the delayed public checkpoint covers, to anybody. The live
face under ``/v1/log/`` needs a client certificate, which the handshake has checked.
Who holds a receipt gets the proof of its entry there, and shows it by the leaf's hash.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from aiohttp import web

from audit import Malformed, ProofInvalid
from audit.b64 import b64decode
from gateway.errors import Cause, Unavailable
from gateway.services import SERVICES
from gateway.web.problems import problem

__all__ = ["LEAF_HASH", "live", "proof", "public"]

LEAF_HASH = "Leaf-Hash"
"""The header that shows a receipt is held: its ``leaf_hash``, as the receipt has it."""

_IMMUTABLE = "public, max-age=31536000, immutable"
_FRESH = "no-cache"


async def public(request: web.Request) -> web.Response:
    """Answer GET /log/{path}."""
    return await _answer(request, "public")


async def live(request: web.Request) -> web.Response:
    """Answer GET /v1/log/{path}."""
    return await _answer(request, "live")


async def proof(request: web.Request) -> web.Response:
    """Answer GET /v1/log/proof/{index}: a .tlog-proof of the entry (C2SP tlog-proof).

    Whatever is not this receipt's entry in the live checkpoint is one 404.

    Raises:
        Unavailable: log-unavailable; the tiles do not read.
    """
    services = request.app[SERVICES]
    index = int(request.match_info["index"])
    try:
        leaf_hash = b64decode(request.headers.get(LEAF_HASH, ""), "leaf-hash")
        found = await asyncio.to_thread(services.log.proof, index, leaf_hash)
    except Malformed:
        found = None
    except ProofInvalid as error:
        raise Unavailable(Cause.LOG_UNAVAILABLE, str(error)) from error
    if found is None:
        return problem("not-found")
    return web.Response(
        body=found.pack(),
        content_type="text/plain",
        charset="utf-8",
        headers={"Cache-Control": _FRESH},
    )


async def _answer(
    request: web.Request, face: Literal["public", "live"]
) -> web.Response:
    services = request.app[SERVICES]
    path = request.match_info["path"]
    data = await asyncio.to_thread(services.log.read, path, public=face == "public")
    if data is None:
        return problem("not-found")
    checkpoint = path == "checkpoint"
    return web.Response(
        body=data,
        content_type="text/plain" if checkpoint else "application/octet-stream",
        charset="utf-8" if checkpoint else None,
        headers={"Cache-Control": _FRESH if checkpoint else _IMMUTABLE},
    )
