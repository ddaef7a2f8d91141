"""The log's read side (C2SP tlog-tiles): the delayed public face and the live one.

``/log/`` shows only what the delayed public checkpoint covers, to anybody. The live
face under ``/v1/log/`` needs a client certificate, which the handshake has checked.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from aiohttp import web

from gateway.services import SERVICES
from gateway.web.problems import problem

__all__ = ["live", "public"]

_IMMUTABLE = "public, max-age=31536000, immutable"
_FRESH = "no-cache"


async def public(request: web.Request) -> web.Response:
    """Answer GET /log/{path}."""
    return await _answer(request, "public")


async def live(request: web.Request) -> web.Response:
    """Answer GET /v1/log/{path}."""
    return await _answer(request, "live")


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
