"""What stands where an OPA server should be, and answers with given bytes."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from gateway.canonical import canonical
from gateway.policy.opa import OpaServer

__all__ = ["NEXT", "OLD", "REVISION", "TOKEN", "Stand", "http", "result", "standing"]

TOKEN = "t" * 32
REVISION, NEXT, OLD = "active", "next", "old"


def http(
    body: bytes,
    *headers: str,
    status: str = "200 OK",
    media: str = "application/json",
    length: int | None = None,
) -> bytes:
    """Return a response as it stands on the wire."""
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media}", f"Content-Length: {size}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


def result(**members: object) -> bytes:
    """Return the response that holds a result with these members."""
    answer = {"schema": "sallyport.screen/1", "revision": REVISION, "asks": []}
    return http(canonical({"result": {**answer, **members}}))


class Stand:
    """Stands where OPA should be, and answers with given bytes.

    ``pause_s`` is waited before each piece of an answer; ``requests`` is what came.
    """

    def __init__(self, *pieces: bytes, pause_s: float = 0.0) -> None:
        self.pieces = pieces
        self.pause_s = pause_s
        self.requests: list[bytes] = []
        self.over = asyncio.Event()
        self.connections: set[asyncio.Task[None] | None] = set()

    async def answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer every request of one connection."""
        self.connections.add(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await self._answered(reader, writer):
                pass
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    async def _answered(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; tell whether another may follow."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split()[0])
        self.requests.append(head + await reader.readexactly(length))
        for piece in self.pieces:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.over.wait(), self.pause_s)
            writer.write(piece)
            await writer.drain()
        return bool(self.pieces) and b"nothing follows" not in self.pieces[-1]


@asynccontextmanager
async def standing(
    stand: Stand,
    *,
    deadline_s: float = 5.0,
    monotonic: Callable[[], float] = lambda: 0.0,
    opened: Callable[[], None] = lambda: None,
    tls: ssl.SSLContext | None = None,
    authority: Path | None = None,
) -> AsyncIterator[OpaServer]:
    """Let something stand where OPA should be, and yield who asks it."""
    listening = await asyncio.start_server(stand.answer, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    server = OpaServer(
        url=f"{'https' if tls else 'http'}://127.0.0.1:{port}",
        token=TOKEN,
        deadline_s=deadline_s,
        monotonic=monotonic,
        authority=authority,
        opened=opened,
    )
    async with listening:
        async with server:
            server.offered = NEXT
            yield server
        stand.over.set()
        await asyncio.gather(*filter(None, stand.connections))
