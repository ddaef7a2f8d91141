"""What surrounds every request: telemetry, problems, and the counts of both."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.errors import MalformedRequest, TooMany, Unauthenticated, Unavailable
from gateway.identity import peer_certificate
from gateway.services import SERVICES, Services
from gateway.web.crowd import CROWD
from gateway.web.problems import problem, problem_of, problem_of_http
from gateway.web.strict import require_one

__all__ = [
    "count_handshake",
    "count_junk",
    "problems",
    "telemetry",
]


@web.middleware
async def telemetry(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Measure and trace by route template; the path itself is never recorded."""
    services = request.app[SERVICES]
    route = request.match_info.route.resource
    template = route.canonical if route is not None else "unmatched"
    with services.telemetry.request(template, request.method) as span:
        response = await handler(request)
        span.answered(response.status)
        return response


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into its problem document; the unknown ones into 500."""
    services = request.app[SERVICES]
    try:
        require_one(request)
        return await handler(request)
    except web.HTTPException as error:
        if isinstance(error, web.HTTPRequestEntityTooLarge):
            count_junk(services, "too-large", request.transport)
        answer = problem_of_http(error)
    except ConnectionError:
        # Nobody is there any more: neither a defect nor something to answer.
        raise
    except Exception as error:  # noqa: BLE001 - the boundary: nothing raw may escape
        found = problem_of(error)
        if found is None:
            services.telemetry.failure(error)
            return problem("internal")
        answer = found
        if isinstance(error, Unavailable):
            services.telemetry.unavailable(error.cause, error.detail)
            return answer
        if isinstance(error, TooMany):
            services.telemetry.metrics.add("sallyport_limited_total", limit=error.limit)
            count_junk(services, f"too-many-{error.limit}", request.transport)
        if isinstance(error, MalformedRequest):
            count_junk(services, "malformed", request.transport)
    await request.app[CROWD].refused(request.transport)
    return answer


def count_junk(
    services: Services, cause: str, transport: asyncio.BaseTransport | None
) -> None:
    """Count what is no exchange by its cause and the certificate it came with."""
    certificate = None
    with contextlib.suppress(Unauthenticated):
        certificate = peer_certificate(transport)
    services.junk.count(cause, certificate)


def count_handshake(services: Services, outcome: str, network: str) -> None:
    """Count how a handshake ended; who said something wrong is in the entry too.

    Not who connected and left: a probe that looks whether the port is open does.
    """
    services.telemetry.metrics.add("sallyport_handshakes_total", outcome=outcome)
    if outcome not in {"done", "left"}:
        services.junk.count(f"handshake-{outcome}", network=network)
