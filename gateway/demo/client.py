"""Both sides of the line: requesters over mutual TLS, commands over a Unix socket."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from gateway.demo.layout import RequesterFolder

__all__ = ["ask", "client_context", "command"]

TIMEOUT = aiohttp.ClientTimeout(total=30)
"""Longest a requester of the demo waits, in seconds."""


def client_context(folder: RequesterFolder) -> ssl.SSLContext:
    """Return a TLS context that shows this requester's certificate. Reads files.

    Raises:
        OSError: when a file of the folder cannot be read.
    """
    context = ssl.create_default_context(cafile=str(folder.authority))
    context.load_cert_chain(str(folder.certificate), str(folder.key))
    return context


async def ask(
    url: str, body: Mapping[str, Any], *, context: ssl.SSLContext, token: str
) -> tuple[int, dict[str, Any]]:
    """Post one request document; return the status and the JSON that came back.

    Raises:
        aiohttp.ClientError: when there is no gateway, or it is not the one trusted.
    """
    connector = aiohttp.TCPConnector(ssl=context)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=TIMEOUT) as session,
        session.post(
            f"{url}/v1/exchanges",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
        ) as response,
    ):
        return response.status, await response.json(content_type=None)


async def command(socket: Path, body: Mapping[str, Any]) -> dict[str, Any]:
    """Give a gateway a command of its own people; return how it ended.

    Raises:
        aiohttp.ClientError: when no gateway answers on the socket.
    """
    connector = aiohttp.UnixConnector(path=str(socket))
    async with (
        aiohttp.ClientSession(connector=connector, timeout=TIMEOUT) as session,
        session.post("http://localhost/", json=body) as response,
    ):
        answer: dict[str, Any] = await response.json(content_type=None)
        return answer
