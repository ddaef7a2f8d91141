"""The operator's port, loopback only: probes, metrics, the bundle for OPA."""

from __future__ import annotations

import orjson
from aiohttp import web

from gateway.gauges import refresh
from gateway.readiness import readiness
from gateway.services import SERVICES

__all__ = ["routes"]

_BUNDLE_TYPE = "application/vnd.openpolicyagent.bundles"


async def _livez(_request: web.Request) -> web.Response:
    """Answer GET /livez: the loop runs."""
    return web.Response(text="ok\n")


async def _readyz(request: web.Request) -> web.Response:
    """Answer GET /readyz: each part by name, 503 if one of them cannot serve."""
    services = request.config_dict[SERVICES]
    parts = await readiness(services)
    ready = all(not problem for problem in parts.values())
    body = {"ready": ready, "parts": {n: p or "ok" for n, p in parts.items()}}
    return web.Response(
        status=200 if ready else 503,
        body=orjson.dumps(body, option=orjson.OPT_INDENT_2),
        content_type="application/json",
    )


async def _startupz(request: web.Request) -> web.Response:
    """Answer GET /startupz: open means started."""
    started = request.config_dict[SERVICES].log.size > 0
    return web.Response(status=200 if started else 503, text="started\n")


async def _metrics(request: web.Request) -> web.Response:
    """Answer GET /metrics in the Prometheus text format."""
    services = request.config_dict[SERVICES]
    await refresh(services)
    data, content_type = services.telemetry.exposition()
    return web.Response(body=data, headers={"Content-Type": content_type})


async def _bundle(request: web.Request) -> web.Response:
    """Answer GET /opa/bundle.tar.gz; the revision is its ETag.

    Without a token: the same files are public beside their activation in the log.
    What matters is that OPA believes no others, and for that they are signed.
    """
    engines = request.config_dict[SERVICES].engines
    if request.headers.get("If-None-Match") == engines.etag:
        return web.Response(status=304, headers={"ETag": engines.etag})
    offered = await engines.offered()
    return web.Response(
        body=offered.archive,
        content_type=_BUNDLE_TYPE,
        headers={"ETag": offered.etag},
    )


def routes() -> list[web.RouteDef]:
    """Return the routes of the operator's port."""
    return [
        web.get("/livez", _livez),
        web.get("/readyz", _readyz),
        web.get("/startupz", _startupz),
        web.get("/metrics", _metrics),
        web.get("/opa/bundle.tar.gz", _bundle),
    ]
