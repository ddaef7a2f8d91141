"""A small HTTP client that keeps many connections busy and costs little itself."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

__all__ = [
    "Load",
    "Target",
    "in_turn",
    "paced_ms",
    "per_second",
    "post",
    "stream",
]

_END = b"\r\n\r\n"
_DRAIN_S = 30.0


def post(path: str, body: bytes, *, headers: str = "") -> bytes:
    """Return the bytes of one request; ``headers`` are whole lines."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where requests go, and how."""

    port: int
    context: ssl.SSLContext | None = None


@dataclass(kw_only=True, slots=True)
class Load:
    """What came of a load: answers, how long it ran, each answer's time in ms."""

    answers: int = 0
    seconds: float = 0.0
    times_ms: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


class _Connection(asyncio.Protocol):
    """Sends what it is given; tells when the answer is whole."""

    def __init__(self, answered: Callable[[_Connection], None]) -> None:
        self._answered = answered
        self._left = b""
        self._transport: asyncio.Transport | None = None
        self.failure: Exception | None = None
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods without the base class.
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes) -> None:
        if self._transport is None:
            raise ConnectionError("not connected")
        self.sent_at = time.perf_counter()
        self._transport.write(request)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._left += data
        head, end, body = self._left.partition(_END)
        if not end or len(body) < _length(head):
            return
        self._left = b""
        if not head.startswith(b"HTTP/1.1 200"):
            self.failure = ConnectionError(head.decode(errors="replace") + repr(body))
        self._answered(self)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


async def _connections(
    target: Target, count: int, answered: Callable[[_Connection], None]
) -> list[_Connection]:
    loop = asyncio.get_running_loop()
    made = []
    for _ in range(count):
        _, connection = await loop.create_connection(
            lambda: _Connection(answered),
            "127.0.0.1",
            target.port,
            ssl=target.context,
            server_hostname="localhost" if target.context else None,
        )
        made.append(connection)
    return made


async def per_second(
    target: Target, following: Callable[[], bytes], *, clients: int, seconds: float
) -> Load:
    """Keep waiting clients busy for some seconds; each sends when it was answered.

    Raises:
        ConnectionError: for any answer but 200.
    """
    load = Load()
    done = asyncio.get_running_loop().create_future()
    ends = began = 0.0

    def answered(connection: _Connection) -> None:
        now = time.perf_counter()
        if done.done():
            return
        if connection.failure is not None:
            done.set_exception(connection.failure)
        elif now >= ends:
            done.set_result(None)
        else:
            load.answers += 1
            load.times_ms.append((now - connection.sent_at) * 1e3)
            connection.send(following())

    made = await _connections(target, clients, answered)
    began = time.perf_counter()
    ends = began + seconds
    for connection in made:
        connection.send(following())
    try:
        async with asyncio.timeout(seconds + _DRAIN_S):
            await done
    finally:
        for connection in made:
            connection.abort()
    load.seconds = time.perf_counter() - began
    return load


async def paced_ms(
    target: Target,
    following: Callable[[], bytes],
    *,
    rate: float,
    seconds: float,
    clients: int = 32,
) -> Load:
    """Send at a steady rate whatever the answers do; waiting is counted too.

    A request that finds no connection free waits for one.

    Raises:
        ConnectionError: for any answer but 200.
    """
    load = Load()
    count = int(rate * seconds)
    done = asyncio.get_running_loop().create_future()
    free: list[_Connection] = []
    due: dict[_Connection, float] = {}
    waiting: list[float] = []

    def answered(connection: _Connection) -> None:
        if connection.failure is not None and not done.done():
            done.set_exception(connection.failure)
        load.times_ms.append((time.perf_counter() - due.pop(connection)) * 1e3)
        load.answers += 1
        if waiting:
            start(connection, waiting.pop(0))
        else:
            free.append(connection)
        if load.answers == count and not done.done():
            done.set_result(None)

    def start(connection: _Connection, at: float) -> None:
        due[connection] = at
        connection.send(following())

    free += await _connections(target, clients, answered)
    everyone = tuple(free)
    began = time.perf_counter()
    for number in range(count):
        if (ahead := began + number / rate - time.perf_counter()) > 0:
            await asyncio.sleep(ahead)
        # Not from when it was due: the client's own timer is not measured.
        if free:
            start(free.pop(), time.perf_counter())
        else:
            waiting.append(time.perf_counter())
    try:
        async with asyncio.timeout(_DRAIN_S):
            await done
    finally:
        for connection in everyone:
            connection.abort()
    load.seconds = time.perf_counter() - began
    return load


async def in_turn(target: Target, requests: Sequence[bytes]) -> Load:
    """Send requests one after the other on one connection.

    Raises:
        ConnectionError: for any answer but 200.
    """
    load = Load()
    left = deque(requests)
    done = asyncio.get_running_loop().create_future()
    began = time.perf_counter()

    def answered(connection: _Connection) -> None:
        load.times_ms.append((time.perf_counter() - connection.sent_at) * 1e3)
        load.answers += 1
        if connection.failure is not None:
            done.set_exception(connection.failure)
        elif left:
            connection.send(left.popleft())
        else:
            done.set_result(None)

    (only,) = await _connections(target, 1, answered)
    only.send(left.popleft())
    try:
        await done
    finally:
        only.abort()
    load.seconds = time.perf_counter() - began
    return load


async def stream(target: Target, request: bytes, page: Callable[[int], None]) -> int:
    """Read an answer of many lines; tell each line's number; return how many.

    Raises:
        ConnectionError: for any answer but 200, or a line that is a problem.
    """
    reader, writer = await asyncio.open_connection(
        "127.0.0.1",
        target.port,
        ssl=target.context,
        server_hostname="localhost" if target.context else None,
        limit=1 << 24,
    )
    try:
        writer.write(request)
        head = await reader.readuntil(_END)
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(head.decode(errors="replace"))
        pages = 0
        # One chunk is one line: a length in hex, and as many bytes.
        while size := int(await reader.readline(), 16):
            line = await reader.readexactly(size + 2)
            if line.startswith(b'{"type"'):
                raise ConnectionError(line.decode(errors="replace"))
            page(pages)
            pages += 1
        return pages
    finally:
        writer.close()
