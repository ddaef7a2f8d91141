"""HTTP by hand over real TLS: for requests that no well-meaning client sends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from gateway.demo.client import client_context
from tests.exchange.county import County

HOST = "gateway.example.invalid"
SLOWEST_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One response as it stood on the wire."""

    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def problem(self) -> str:
        """Return the code of the problem document, or the empty string."""
        if not self.headers.get("content-type", "").startswith("application/problem"):
            return ""
        found: dict[str, Any] = json.loads(self.data)
        return str(found["type"]).removeprefix("urn:sallyport:problem:")


class Line:
    """One TLS connection to the requesters' port, as a requester."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Take both ends."""
        self.reader = reader
        self.writer = writer

    async def send(self, *pieces: bytes, pause_s: float = 0.0) -> None:
        """Write pieces, with a pause between them."""
        for place, piece in enumerate(pieces):
            if place and pause_s:
                await asyncio.sleep(pause_s)
            self.writer.write(piece)
            await self.writer.drain()

    async def reply(self) -> Reply | None:
        """Read one response; None when the line was closed instead."""
        try:
            async with asyncio.timeout(SLOWEST_S):
                head = await self.reader.readuntil(b"\r\n\r\n")
                first, *lines = head.decode("latin-1").split("\r\n")
                status = int(first.split()[1])
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (
                        line.partition(":") for line in lines if line
                    )
                }
                if 100 <= status < 200:
                    return Reply(status=status, headers=headers, data=b"")
                length = int(headers.get("content-length", "0"))
                data = await self.reader.readexactly(length)
                return Reply(status=status, headers=headers, data=data)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def closed(self, within_s: float) -> bool:
        """Tell whether the other side closes the line within some seconds."""
        try:
            async with asyncio.timeout(within_s):
                while await self.reader.read(65536):
                    pass
        except TimeoutError:
            return False
        except ConnectionError:
            return True
        return True


@asynccontextmanager
async def line(county: County, who: str) -> AsyncIterator[Line]:
    """Open a line for the length of the block."""
    host, _, port = county.serving.url.removeprefix("https://").rpartition(":")
    context = await asyncio.to_thread(client_context, county.layout.requester(who))
    reader, writer = await asyncio.open_connection(host, int(port), ssl=context)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()


def head(
    method: str = "POST",
    target: str = "/v1/exchanges",
    *,
    version: str = "HTTP/1.1",
    lines: Sequence[str] = (),
) -> bytes:
    """Return a request's first line and headers, as they are given."""
    return "\r\n".join([f"{method} {target} {version}", *lines, "", ""]).encode(
        "latin-1"
    )
