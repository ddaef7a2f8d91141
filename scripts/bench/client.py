"""A small HTTP client that keeps many connections busy and costs little itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

__all__ = ["per_second"]

_END = b"\r\n\r\n"


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as the last one was answered."""

    def __init__(self, following: Callable[[], bytes | None]) -> None:
        self._following = following
        self._left = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("not a stream")
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._left += data
        head, end, body = self._left.partition(_END)
        if not end or len(body) < _length(head):
            return
        self._left = b""
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(head.decode(errors="replace"))
        self._next()

    def _next(self) -> None:
        request = self._following()
        if self._transport is not None:
            if request is None:
                self._transport.close()
            else:
                self._transport.write(request)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


async def per_second(
    port: int, path: str, *, size: int, clients: int, seconds: float
) -> float:
    """Return the answers a second that a server gives to waiting clients.

    Each request has another body of ``size`` bytes, so that no log takes it for one
    it has seen.

    Raises:
        ConnectionError: for any answer but 200.
    """
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {size}\r\n\r\n"
    ).encode()
    loop = asyncio.get_running_loop()
    sent = 0
    done = loop.create_future()
    began = time.perf_counter()

    def following() -> bytes | None:
        nonlocal sent
        if time.perf_counter() - began > seconds:
            if not done.done():
                done.set_result(None)
            return None
        sent += 1
        return head + f"{clients}-{sent}-".encode().ljust(size, b"x")

    made = [
        await loop.create_connection(lambda: _Connection(following), "127.0.0.1", port)
        for _ in range(clients)
    ]
    async with asyncio.timeout(seconds + 30):
        await done
    spent = time.perf_counter() - began
    for transport, _ in made:
        transport.abort()
    return (sent - clients) / spent
