"""The gateway's end of the control socket: mode 0600, and the peer's uid checked."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import orjson
from aiohttp import web

from gateway.canonical import Json
from gateway.control.actions import ControlActions
from gateway.control.parsing import MAX_BYTES, MalformedCommand, parse_command
from gateway.control.peer import peer_uid
from gateway.control.protocol import Outcome
from gateway.errors import GatewayError, Unavailable
from gateway.telemetry import Lines

__all__ = ["SocketTaken", "serve_control"]


class SocketTaken(GatewayError):
    """Another process answers on the control socket: it holds the log too."""


@asynccontextmanager
async def serve_control(
    actions: ControlActions, path: Path, *, lines: Lines
) -> AsyncIterator[None]:
    """Answer commands on a Unix socket until the block ends.

    Raises:
        SocketTaken: another process answers there.
        OSError: it cannot be made.
    """
    application = web.Application(client_max_size=MAX_BYTES)
    application.router.add_post("/", _Commands(actions=actions, lines=lines).answer)
    listening = await asyncio.to_thread(_bind, path)
    runner = web.AppRunner(application, access_log=None)
    try:
        await runner.setup()
        await web.SockSite(runner, listening).start()
        yield
    finally:
        await runner.cleanup()
        await asyncio.to_thread(_unlink, path)


def _bind(path: Path) -> socket.socket:
    """Bind a socket that only this user can reach, from its first instant on.

    The mask of new files' modes is the whole process's, so it is left alone. Where the
    system does not take the file's mode from the socket's, as Linux does, it is set
    before anybody can connect: nobody listens yet.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _remove_stale(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    os.fchmod(listening.fileno(), 0o600)
    listening.bind(str(path))
    path.chmod(0o600)
    return listening


def _unlink(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()


def _remove_stale(path: Path) -> None:
    """Remove what a killed gateway left; never what somebody answers on."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink()
            return
    raise SocketTaken(f"a gateway answers on {path} already")


class _Commands:
    """Reads a command, has it carried out, writes how it ended."""

    def __init__(self, *, actions: ControlActions, lines: Lines) -> None:
        self._actions = actions
        self._lines = lines

    async def answer(self, request: web.Request) -> web.Response:
        uid = _uid(request)
        if uid not in {os.geteuid(), 0}:
            self._lines.warning("control", reason="stranger")
            return _answer(Outcome.NOT_DONE, problem="not your gateway")
        try:
            command = parse_command(await request.read())
            self._lines.info("control", command=command.command, uid=uid)
            return _answer(
                Outcome.DONE, result=await self._actions.run(command, uid=uid)
            )
        except MalformedCommand as error:
            return _answer(Outcome.MALFORMED, problem=str(error))
        except Unavailable as error:
            return _answer(Outcome.UNAVAILABLE, problem=str(error))
        except GatewayError as error:
            return _answer(Outcome.NOT_DONE, problem=str(error))


def _uid(request: web.Request) -> int:
    """Return the peer's uid; -1, which is nobody's, where it is not known."""
    connection = request.get_extra_info("socket")
    uid = None if connection is None else peer_uid(connection)
    return -1 if uid is None else uid


def _answer(outcome: Outcome, **members: Json) -> web.Response:
    body = orjson.dumps({"outcome": str(outcome), **members})
    return web.Response(body=body, content_type="application/json")
