"""The witness over HTTP. The only module of the log that needs aiohttp."""

from __future__ import annotations

import asyncio
import errno
import signal
import sqlite3
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar, cast

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from audit.errors import CannotTell
from audit.witness.judgement import Refused
from audit.witness.settings import Settings
from audit.witness.systemd import tell
from audit.witness.witness import Witness

__all__ = ["application", "run", "serving"]

Value = TypeVar("Value")

_WITNESS: web.AppKey[Witness] = web.AppKey("witness", Witness)
_THREAD: web.AppKey[ThreadPoolExecutor] = web.AppKey("thread", ThreadPoolExecutor)

_MAX_BODY = 64 * 1024
"""63 hashes and a checkpoint with some ML-DSA lines are a third of this."""
_BODY_S = 10.0
_HEAD_S = 10.0
"""For the handshake, and again for the first headers."""
_IDLE_S = 30.0
"""How long a connection is kept between two requests."""
_UNAVAILABLE = 503


def application(witness: Witness) -> web.Application:
    """Return the witness's application; closing it ends its thread."""
    found = web.Application(client_max_size=_MAX_BODY)
    found[_WITNESS] = witness
    # One thread: the record takes one transaction at a time anyway.
    found[_THREAD] = ThreadPoolExecutor(1, thread_name_prefix="witness")
    found.on_response_prepare.append(_anonymous)
    found.on_cleanup.append(_end)
    found.router.add_post("/add-checkpoint", _add_checkpoint)
    found.router.add_get("/{origin:[0-9a-f]{64}}/checkpoint", _checkpoint)
    return found


async def _anonymous(_request: web.Request, response: web.StreamResponse) -> None:
    """Leave out which versions answer."""
    response.headers.popall("Server", None)


async def _end(app: web.Application) -> None:
    await asyncio.to_thread(app[_THREAD].shutdown)


async def _add_checkpoint(request: web.Request) -> web.Response:
    """Answer ``POST /add-checkpoint``."""
    if "Content-Encoding" in request.headers:
        return _said(415, "a content coding is not understood\n")
    try:
        async with asyncio.timeout(_BODY_S):
            body = await request.read()
    except TimeoutError:
        return _said(408, "the body did not come in time\n")
    witness = request.app[_WITNESS]
    try:
        lines = await _in_thread(request, lambda: witness.add_checkpoint(body))
    except Refused as refused:
        if refused.grave:
            sys.stderr.write(f"REFUSED  {refused}; kept as evidence\n")
        return _said(refused.status, refused.body, refused.kind)
    except sqlite3.Error as error:
        return _broken(error)
    return _said(200, lines.decode())


async def _checkpoint(request: web.Request) -> web.Response:
    """Answer ``GET /<SHA-256 of the origin>/checkpoint``."""
    witness, origin = request.app[_WITNESS], request.match_info["origin"]
    try:
        found = await _in_thread(request, lambda: witness.checkpoint(origin))
    except sqlite3.Error as error:
        return _broken(error)
    if found is None:
        return _said(404, "nothing of this log was cosigned\n")
    return _said(200, found.decode())


async def _in_thread(request: web.Request, work: Callable[[], Value]) -> Value:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(request.app[_THREAD], work)


def _broken(error: sqlite3.Error) -> web.Response:
    """Refuse because nothing can be recorded: a witness that forgets is none."""
    sys.stderr.write(f"NOT RECORDED  {error}\n")
    return _said(_UNAVAILABLE, "nothing can be recorded now\n")


def _said(status: int, body: str, kind: str = "text/plain") -> web.Response:
    headers = {"Content-Type": kind, "Cache-Control": "no-store"}
    if kind == "text/plain":
        headers["Content-Type"] = "text/plain; charset=utf-8"
    return web.Response(status=status, body=body.encode(), headers=headers)


class _Connection(RequestHandler):
    """One connection. aiohttp waits for ever for first headers that do not come."""

    __slots__ = ("_late",)

    def __init__(self, server: web.Server) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=_IDLE_S,
            access_log=None,  # type: ignore[arg-type]  # as AppRunner takes it: off
        )
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        loop = asyncio.get_running_loop()
        self._late = loop.call_later(_HEAD_S, self.force_close)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.began()
        super().connection_lost(exc)

    def began(self) -> None:
        """Note that a request's headers have come."""
        if self._late is not None:
            self._late.cancel()
            self._late = None


def _server(runner: web.AppRunner) -> web.Server:
    """Return the runner's server, which tells a connection when a request began."""
    server = cast("web.Server", runner.server)  # it is set up
    answer = server.request_handler

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        cast("_Connection", request.protocol).began()
        return await answer(request)

    server.request_handler = handle
    return server


@asynccontextmanager
async def serving(settings: Settings, witness: Witness) -> AsyncIterator[str]:
    """Serve until the block ends; yield the address.

    Raises:
        CannotTell: the certificate or its key does not read, or the port is taken.
        OSError: there can't be listened for another reason.
    """
    context = await asyncio.to_thread(_context, settings)
    runner = web.AppRunner(application(witness), access_log=None)
    await runner.setup()
    try:
        listener = await _listening(_server(runner), settings, context)
        try:
            port = listener.sockets[0].getsockname()[1]
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            yield f"http{'s' if context else ''}://{host}:{port}"
        finally:
            listener.close()  # what is open is ended by the runner
    finally:
        await runner.cleanup()


async def _listening(
    server: web.Server, settings: Settings, context: ssl.SSLContext | None
) -> asyncio.Server:
    try:
        return await asyncio.get_running_loop().create_server(
            lambda: _Connection(server),
            settings.host,
            settings.port,
            ssl=context,
            ssl_handshake_timeout=None if context is None else _HEAD_S,
        )
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise CannotTell(
            f"{settings.host}:{settings.port}: address already in use; end the program"
            " that listens there (ss -ltnp names it), or change listen"
        ) from None


def _context(settings: Settings) -> ssl.SSLContext | None:
    if settings.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.certificate, settings.private_key)
    except (OSError, ValueError) as error:
        raise CannotTell(f"{settings.certificate.name}: {error}") from None
    return context


async def run(settings: Settings, witness: Witness, *, begun: str = "") -> None:
    """Serve until SIGTERM or SIGINT; tell systemd, if it waits, and everybody else.

    ``begun`` is a line to say after that it is ready.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with serving(settings, witness) as url:
        sys.stderr.write(f"ready at {url}\n{begun}")
        await asyncio.to_thread(tell, "READY=1")
        await stop.wait()
        await asyncio.to_thread(tell, "STOPPING=1")
