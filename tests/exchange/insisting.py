"""Requesters that ask again until they are answered, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import json
import math
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from audit import Receipt
from audit.merkle import leaf_hash
from gateway.clock import SystemClock
from gateway.demo.client import client_context
from gateway.demo.identities import mint_token
from gateway.demo.layout import Layout
from tests.exchange.requests import custody, immigration_status, release_date

__all__ = ["CLIENTS", "Client", "check_receipts", "clients_of", "session_of"]

TOKEN_S = 240.0
"""When a client gets another token; one lives ten minutes, many trials longer."""
CLIENTS = ("neighbour-sheriff", "ice-ero", "neighbour-sheriff", "ice-hsi") * 2


@dataclass(kw_only=True)
class Client:
    """A requester that repeats what was not answered, under the same key."""

    name: str
    number: int
    layout: Layout
    context: ssl.SSLContext
    bearer: str = ""
    minted: float = -math.inf
    open: list[str] = field(default_factory=list)
    asked: int = 0
    told: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def body(self, key: str) -> bytes:
        """Return what is asked under a key: released, refused, or left waiting."""
        which = int(key.rpartition("-")[2]) % 3
        if self.name == "neighbour-sheriff":
            request = custody(17 + which, fields=["custody_status", "court_date"])
        elif which:
            request = release_date()
        else:
            request = immigration_status()
        return json.dumps(request).encode()

    def next_key(self) -> str:
        """Return a key whose answer never came, else a new one."""
        if self.open:
            return self.open.pop(0)
        self.asked += 1
        return f"key-{self.number:02d}-of-a-test-{self.asked}"

    async def ask(self, session: aiohttp.ClientSession, url: str, key: str) -> None:
        """Ask once; an answer is noted, a broken line leaves the key open."""
        if time.monotonic() - self.minted > TOKEN_S:
            self.bearer = mint_token(self.layout, self.name, clock=SystemClock())
            self.minted = time.monotonic()
        headers = {
            "Authorization": f"Bearer {self.bearer}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        try:
            async with session.post(
                f"{url}/v1/exchanges", data=self.body(key), headers=headers
            ) as response:
                data = await response.read()
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            self.open.append(key)
            raise
        if response.status not in {200, 202, 403}:
            self.open.append(key)
            self.refused.append(json.loads(data)["type"])
            return
        found: dict[str, Any] = json.loads(data)
        index = found["receipt"]["index"]
        seen = self.told.setdefault(key, (index, data))
        assert seen == (index, data), "one key had two answers"

    async def go_on(self, url: str, enough: asyncio.Event) -> None:
        """Ask one thing after another until it is enough."""
        async with session_of(self.context) as session:
            while not enough.is_set():
                try:
                    await self.ask(session, url, self.next_key())
                except (aiohttp.ClientError, ConnectionError, TimeoutError):
                    await asyncio.sleep(0.02)


@asynccontextmanager
async def session_of(context: ssl.SSLContext) -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session with a client certificate; nothing in it takes long."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context),
        timeout=aiohttp.ClientTimeout(total=20),
    ) as session:
        yield session
    await asyncio.sleep(0.01)  # lines under TLS are closed in the loop's next turns


def clients_of(layout: Layout) -> list[Client]:
    """Return the requesters of the trials."""
    return [
        Client(
            name=name,
            number=number,
            layout=layout,
            context=client_context(layout.requester(name)),
        )
        for number, name in enumerate(CLIENTS)
    ]


def check_receipts(clients: list[Client], leaves: list[bytes]) -> int:
    """Hold every receipt anybody has against the log; return how many."""
    count = 0
    for client in clients:
        for index, data in client.told.values():
            told = Receipt.from_json(json.loads(data)["receipt"])
            assert index < len(leaves), "an acknowledged entry is lost"
            assert leaf_hash(leaves[index]) == told.leaf_hash
            count += 1
    return count
