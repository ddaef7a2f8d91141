"""Start reading here: what surrounds a request, which URLs there are, how it runs.

:func:`serving` is the whole life of a gateway: open the services, listen for
requesters with mutual TLS, for the operator on loopback and for commands on a Unix
socket; at the end let pages in flight finish.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from gateway.clock import Clock, SystemClock
from gateway.config import Config, address
from gateway.control import serve_control
from gateway.identity import Reason, server_ssl_context
from gateway.opening import open_services
from gateway.running import actions_of
from gateway.services import SERVICES, Services
from gateway.telemetry import Metrics, Telemetry, configure_lines
from gateway.web import (
    Times,
    admin,
    count_handshake,
    count_junk,
    listening,
    problems,
    routes,
)
from gateway.web import telemetry as measured
from gateway.web.crowd import CROWD, Crowd
from gateway.web.door import not_listening

__all__ = ["Serving", "build_admin", "build_app", "serving", "telemetry_for"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Serving:
    """A gateway that answers: where, and how to end it."""

    services: Services
    url: str
    admin_url: str
    stop: asyncio.Event = field(default_factory=asyncio.Event)


def build_app(services: Services) -> web.Application:
    """Return the requesters' application."""
    application = web.Application(
        middlewares=[measured, problems],
        client_max_size=services.config.server.max_body_bytes,
    )
    application[SERVICES] = services
    application[CROWD] = Crowd(
        most=services.config.limits.connections, clock=services.clock
    )
    application.on_response_prepare.append(_anonymous)
    application.add_routes(routes())
    return application


async def _anonymous(_request: web.Request, response: web.StreamResponse) -> None:
    """Leave out which versions answer."""
    response.headers.popall("Server", None)


def build_admin(services: Services) -> web.Application:
    """Return the operator's application."""
    application = web.Application()
    application[SERVICES] = services
    application.add_routes(admin.routes())
    return application


def telemetry_for(config: Config, clock: Clock) -> Telemetry:
    """Return lines, metrics and spans as configured; labels are closed here."""
    templates = {route.path for route in routes()}
    return Telemetry(
        lines=configure_lines(level=config.telemetry.level),
        metrics=Metrics(
            routes=templates,
            sources=config.sources,
            issuers=[item.issuer for item in config.issuers],
            reasons=[str(reason) for reason in Reason],
        ),
        clock=clock,
        traces=config.telemetry.traces,
    )


@asynccontextmanager
async def serving(
    config: Config,
    *,
    clock: Clock | None = None,
    telemetry: Telemetry | None = None,
    waits: Callable[[float], None] = lambda _seconds: None,
) -> AsyncIterator[Serving]:
    """Run a gateway for the length of the block; ``waits`` as there.

    Raises:
        As :func:`gateway.opening.open_services`; OSError when a port is taken.
    """
    clock = clock or SystemClock()
    told = telemetry or telemetry_for(config, clock)
    told.lines.info("starting")
    context = await asyncio.to_thread(
        server_ssl_context,
        certificate=config.server.certificate,
        key=config.server.key,
        client_cas=config.server.client_cas,
    )
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(
            open_services(config, telemetry=told, clock=clock, waits=waits)
        )
        stop = asyncio.Event()
        actions = actions_of(services, stop=stop.set)
        await stack.enter_async_context(
            serve_control(actions, config.control.socket, lines=told.lines)
        )
        admin_url = await stack.enter_async_context(
            _inside(build_admin(services), config.admin.listen)
        )
        url = await stack.enter_async_context(
            listening(
                build_app(services),
                listen=config.server.listen,
                context=context,
                times=_times(config, clock),
                junk=functools.partial(count_junk, services),
                handshakes=functools.partial(count_handshake, services),
            )
        )
        told.lines.info("ready", listen=url)
        try:
            yield Serving(services=services, url=url, admin_url=admin_url, stop=stop)
        finally:
            told.lines.info("stopping")
            services.standing.stopping = True
            await services.flights.landed(within_s=config.server.stop_seconds)
    told.lines.info("stopped")


def _times(config: Config, clock: Clock) -> Times:
    """Return how long a requester's connection may take."""
    return Times(
        header_s=config.server.header_seconds,
        connection_s=config.server.connection_seconds,
        monotonic=clock.monotonic,
    )


@asynccontextmanager
async def _inside(application: web.Application, listen: str) -> AsyncIterator[str]:
    """Serve the operator on loopback until the block ends; yield the base URL."""
    host, port = address(listen)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise not_listening(error, listen, "admin.listen") from None
        bound = runner.addresses[0][1]
        yield f"http://{f'[{host}]' if ':' in host else host}:{bound}"
    finally:
        await runner.cleanup()
