"""Every URL of the machine interface, one line each."""

from __future__ import annotations

from aiohttp import web

from gateway.web import exchanges, log, openapi

__all__ = ["routes"]


def routes() -> list[web.RouteDef]:
    """Return the routes of the requesters' port."""
    return [
        web.post("/v1/exchanges", exchanges.post_exchange),
        web.get("/v1/exchanges/{exchange:[0-9a-f]{32}}", exchanges.get_exchange),
        web.get("/v1/openapi.json", openapi.document),
        web.get("/v1/log/proof/{index:[0-9]{1,15}}", log.proof),
        web.get("/v1/log/{path:.+}", log.live),
        web.get("/log/{path:.+}", log.public),
    ]
