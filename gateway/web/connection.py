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
from dataclasses import dataclass

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from gateway.config import address
from gateway.web.crowd import CROWD, Crowd
from gateway.web.door import Door, Told
from gateway.web.problems import problem, problem_of_http

__all__ = ["Connection", "Counted", "Times", "listening"]

KEEP_ALIVE_S = 30.0
"""How long an idle connection is kept, in seconds."""

SHUTDOWN_S = 1.0
"""How long the server waits for connections after pages in flight have landed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """How long a connection may take.

    Args:
        header_s: seconds for the handshake, and again for the first headers.
        connection_s: seconds that it is used for new requests: a certificate that was
            revoked is not carried on by a connection that never ends.
        monotonic: the clock, in seconds.
    """

    header_s: float
    connection_s: float
    monotonic: Callable[[], float]


Counted = Callable[[str, asyncio.BaseTransport | None], None]
"""Takes a cause and the connection that it came by."""


class Connection(RequestHandler):
    """One connection of a requester."""

    __slots__ = ("_crowd", "_ends", "_junk", "_late", "_times", "_whose")

    def __init__(
        self,
        server: web.Server,
        *,
        times: Times,
        junk: Counted,
        crowd: Crowd,
    ) -> None:
        """Take the server, how long things may take, and who counts what."""
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=KEEP_ALIVE_S,
            access_log=None,  # type: ignore[arg-type]  # as AppRunner takes it: off
            auto_decompress=False,
        )
        self._times = times
        self._junk = junk
        self._crowd = crowd
        self._ends = 0.0
        self._whose: bytes | None = None
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; the first headers must come in their time."""
        super().connection_made(transport)
        self._ends = self._times.monotonic() + self._times.connection_s
        self._whose = self._crowd.came(transport)
        if self._whose is None:
            self._junk("too-many-connections", transport)
            self.force_close()
            return
        loop = asyncio.get_running_loop()
        self._late = loop.call_later(self._times.header_s, self._give_up)

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

    @property
    def over(self) -> bool:
        """Whether the answer now made is the last one of this connection."""
        return self._times.monotonic() >= self._ends

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
    times: Times,
    junk: Counted,
    handshakes: Told,
) -> AsyncIterator[str]:
    """Serve requesters until the block ends; yield the base URL.

    Args:
        application: what answers.
        listen: ``host:port``; port 0 is one that the system chooses.
        context: of mutual TLS.
        times: how long a connection may take.
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
            protocol=lambda: Connection(server, times=times, junk=junk, crowd=crowd),
            context=context,
            within_s=times.header_s,
            told=handshakes,
        )
        async with door.open(*address(listen)) as (host, bound):
            yield f"https://{f'[{host}]' if ':' in host else host}:{bound}"
    finally:
        await runner.cleanup()


def _server(runner: web.AppRunner) -> web.Server:
    """Return the runner's server, which looks at what goes on around handlers.

    What it raises there is a problem too, and whatever was answered, a connection
    whose time is over ends. An ``Expect`` that is not known is answered before any
    handler or middleware.
    """
    server = runner.server
    if server is None:
        raise RuntimeError
    answer = server.request_handler

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        connection = request.protocol
        if isinstance(connection, Connection):
            connection.began()
        try:
            response = await answer(request)
        except web.HTTPException as error:
            response = problem_of_http(error)
        if isinstance(connection, Connection) and connection.over:
            response.force_close()
        return response

    server.request_handler = handle
    return server
