"""What surrounds every request, in order: telemetry, problems, nothing else."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.errors import Unavailable
from gateway.services import SERVICES
from gateway.web.problems import problem, problem_of

__all__ = ["bounded_connection", "problems", "telemetry"]

_ROUTING = {404: "not-found", 405: "not-allowed", 413: "too-large"}


@web.middleware
async def telemetry(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Measure and trace by route template; the path itself is never recorded."""
    services = request.config_dict[SERVICES]
    route = request.match_info.route.resource
    template = route.canonical if route is not None else "unmatched"
    with services.telemetry.request(template, request.method) as span:
        response = await handler(request)
        span.answered(response.status)
        return response


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into its problem document; the unknown ones into 500."""
    services = request.config_dict[SERVICES]
    try:
        return await handler(request)
    except web.HTTPException as error:
        return problem(_ROUTING.get(error.status, "not-one-request"))
    except Exception as error:  # noqa: BLE001 - the boundary: nothing raw may escape
        answer = problem_of(error)
        if answer is None:
            services.telemetry.failure(error)
            return problem("internal")
        if isinstance(error, Unavailable):
            services.telemetry.unavailable(error.cause, error.detail)
        return answer


_OPENED: WeakKeyDictionary[asyncio.Transport, float] = WeakKeyDictionary()


@web.middleware
async def bounded_connection(
    request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Close a connection after the answer that outlives its time.

    So that a revoked certificate is not carried on by a connection that never ends.
    """
    services = request.config_dict[SERVICES]
    response = await handler(request)
    transport = request.transport
    if transport is not None:
        now = services.clock.monotonic()
        opened = _OPENED.setdefault(transport, now)
        if now - opened >= services.config.server.connection_seconds:
            response.force_close()
    return response
