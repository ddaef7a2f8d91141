"""One connection: what is no HTTP is refused without repeating a byte of it.

aiohttp answers what it cannot parse with the bytes it stumbled on, which may be a
token or a name, and waits for ever for headers that do not come. Here such input is
a problem document, and the first headers have their time.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from gateway.config import address
from gateway.web.crowd import CROWD, Crowd
from gateway.web.door import Door, Told
from gateway.web.problems import problem, problem_of_http

__all__ = ["Connection", "Counted", "listening"]

KEEP_ALIVE_S = 30.0
"""How long an idle connection is kept, in seconds."""

SHUTDOWN_S = 1.0
"""How long the server waits for connections after pages in flight have landed."""

Counted = Callable[[str, asyncio.BaseTransport | None], None]
"""Takes a cause and the connection that it came by."""


class Connection(RequestHandler):
    """One connection of a requester."""

    __slots__ = ("_crowd", "_junk", "_late", "_whose", "_within_s")

    def __init__(
        self,
        server: web.Server,
        *,
        within_s: float,
        junk: Counted,
        crowd: Crowd,
    ) -> None:
        """Take the server, how long headers may take, and who counts what."""
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=KEEP_ALIVE_S,
            access_log=None,  # type: ignore[arg-type]  # as AppRunner takes it: off
            auto_decompress=False,
        )
        self._within_s = within_s
        self._junk = junk
        self._crowd = crowd
        self._whose: bytes | None = None
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; the first headers must come in their time."""
        super().connection_made(transport)
        self._whose = self._crowd.came(transport)
        if self._whose is None:
            self._junk("too-many-connections", transport)
            self.force_close()
            return
        loop = asyncio.get_running_loop()
        self._late = loop.call_later(self._within_s, self._give_up)

    def connection_lost(self, exc: BaseException | None) -> None:
        """End."""
        self.began()
        if self._whose is not None:
            self._crowd.went(self._whose)
        super().connection_lost(exc)

    def began(self) -> None:
        """Note that a request's headers have come."""
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be parsed; ``message`` quotes it, so it is dropped."""
        del exc, message
        self.began()
        if request.writer.output_size > 0:
            raise ConnectionError
        malformed = status == web.HTTPBadRequest.status_code
        if malformed:
            self._junk("malformed", self.transport)
        answer = problem("not-one-request" if malformed else "internal")
        answer.force_close()
        return answer

    def _give_up(self) -> None:
        self._junk("late-headers", self.transport)
        self.force_close()


@asynccontextmanager
async def listening(
    application: web.Application,
    *,
    listen: str,
    context: ssl.SSLContext,
    within_s: float,
    junk: Counted,
    handshakes: Told,
) -> AsyncIterator[str]:
    """Serve requesters until the block ends; yield the base URL.

    Args:
        application: what answers.
        listen: ``host:port``; port 0 is one that the system chooses.
        context: of mutual TLS.
        within_s: seconds for the handshake, and again for the first headers.
        junk: counts what is no request.
        handshakes: counts how handshakes end.

    Raises:
        OSError: when the port is taken.
    """
    runner = web.AppRunner(application, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        server, crowd = _server(runner), application[CROWD]
        door = Door(
            protocol=lambda: Connection(
                server, within_s=within_s, junk=junk, crowd=crowd
            ),
            context=context,
            within_s=within_s,
            told=handshakes,
        )
        async with door.open(*address(listen)) as (host, bound):
            yield f"https://{f'[{host}]' if ':' in host else host}:{bound}"
    finally:
        await runner.cleanup()


def _server(runner: web.AppRunner) -> web.Server:
    """Return the runner's server; what it raises around handlers is a problem too.

    An ``Expect`` that is not known is answered before any handler or middleware.
    """
    server = runner.server
    if server is None:
        raise RuntimeError
    answer = server.request_handler

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if isinstance(request.protocol, Connection):
            request.protocol.began()
        try:
            return await answer(request)
        except web.HTTPException as error:
            return problem_of_http(error)

    server.request_handler = handle
    return server
