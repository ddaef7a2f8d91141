"""A flood that comes to nothing: bad handshakes, noise or bad tokens, on loopback.

::

    python -m scripts.bench.attacker KIND PORT COUNT SECONDS FOLDER

``handshakes`` shows no client certificate, ``noise`` speaks no TLS, ``tokens`` sends
another requester's token. It sends as fast as the machine makes it, so many at most and
so long at most, and prints how many there were as one JSON line.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.demo.client import client_context
from gateway.demo.layout import Layout
from scripts.bench.client import post
from scripts.bench.county import WHO

CLIENTS = 64
OTHER = "broker"
"""Whose certificate comes with the token of :data:`WHO`."""


@dataclass(kw_only=True, slots=True)
class _Budget:
    """How many may still be sent, until when."""

    port: int
    left: int
    until: float
    sent: int = 0

    def take(self) -> bool:
        """Take one, if there is one and time for it."""
        if self.left <= 0 or time.monotonic() >= self.until:
            return False
        self.left -= 1
        return True


async def _connections(budget: _Budget, context: ssl.SSLContext | None) -> None:
    """Begin handshakes that fail."""
    while budget.take():
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1",
                budget.port,
                ssl=context,
                server_hostname="localhost" if context else None,
            )
            try:
                writer.write(b"GET / HTTP/1.1\r\n\r\n")
                await reader.read()
            finally:
                writer.close()
        budget.sent += 1


async def _tokens(budget: _Budget, context: ssl.SSLContext, bearer: str) -> None:
    """Send a token that belongs to another certificate."""
    headers = f"Authorization: Bearer {bearer}\r\nContent-Type: application/json\r\n"
    request = post("/v1/exchanges", b"{}", headers=headers)
    while budget.take():
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", budget.port, ssl=context, server_hostname="localhost"
            )
            try:
                while True:
                    writer.write(request)
                    head = await reader.readuntil(b"\r\n\r\n")
                    length = head.lower().partition(b"content-length:")[2].split()[0]
                    await reader.readexactly(int(length))
                    budget.sent += 1
                    if not budget.take():
                        break
            finally:
                writer.close()


def _attack(kind: str, budget: _Budget, folder: Path) -> Callable[[], Awaitable[None]]:
    """Return what one of the attackers does."""
    layout = Layout(root=folder)
    authority = str(layout.requester(WHO).authority)
    match kind:
        case "handshakes":
            context = ssl.create_default_context(cafile=authority)
            return lambda: _connections(budget, context)
        case "noise":
            return lambda: _connections(budget, None)
        case "tokens":
            own = client_context(layout.requester(OTHER))
            bearer = layout.requester(WHO).token.read_text().strip()
            return lambda: _tokens(budget, own, bearer)
        case _:
            raise ValueError(f"no such flood: {kind}")


async def _flood(attack: Callable[[], Awaitable[None]]) -> None:
    await asyncio.gather(*(attack() for _ in range(CLIENTS)))


def main(arguments: list[str]) -> None:
    """Send what was asked for and say how much that was."""
    kind, port, count, seconds, folder = arguments
    began = time.monotonic()
    budget = _Budget(port=int(port), left=int(count), until=began + float(seconds))
    attack = _attack(kind, budget, Path(folder))
    asyncio.run(_flood(attack))
    line = {"sent": budget.sent, "seconds": time.monotonic() - began}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
