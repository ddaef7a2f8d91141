"""Our log behind ``POST /add``, as Tessera's own example server puts its log there.

::

    python -m scripts.bench.appender FOLDER PORT leaves|entries

With ``leaves`` a leaf is what was sent, as the peer's is; with ``entries`` it is a
complete entry, with its commitment, its sealed record and its padding.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TypeAlias, cast

import httptools
import uvloop

from audit import AuditorKey, Entry, Log, LogKeys
from audit.batch import Stored
from audit.commit import Waiting
from audit.receipt import Receipt
from gateway.cli.service import settle_process
from gateway.clock import SystemClock

__all__ = ["LeafLog", "entry", "opened"]

ORIGIN = "bench.invalid/log"
Append: TypeAlias = "Callable[[bytes], Coroutine[None, None, Receipt]]"


class LeafLog(Log):
    """The log without what makes a leaf: it adds what it is given."""

    async def add(self, leaf: bytes) -> Receipt:
        """Add a leaf; return its receipt when it is durable."""
        self._refuse()
        at_ms = self._tick()
        stored = Stored(leaf=leaf, record=b"", at_ms=at_ms, dedup=None, files={})
        waiting = Waiting(entry=stored)
        future = waiting.wait()
        self._committer.submit(waiting)
        return await future

    async def add_entry(self, body: bytes) -> Receipt:
        """Add a complete entry of what was sent."""
        return await self.append(entry(body))


def entry(body: bytes) -> Entry:
    """Return the smallest entry that says something."""
    return Entry(public={"v": 1, "body": body.decode()}, commitments=1)


async def opened(folder: Path) -> LeafLog:
    """Begin a log in a folder; to be closed."""
    log = await LeafLog.open(
        folder,
        origin=ORIGIN,
        keys=LogKeys.generate(ORIGIN),
        auditors=(AuditorKey.generate("auditor").auditor,),
        clock=SystemClock(),
        public_delay_s=0,
        create=True,
    )
    return cast("LeafLog", log)


class _Connection(asyncio.Protocol):
    """One client: each body is added, and answered with its index when it is durable.

    aiohttp's own part of a request takes longer than the log's; what is compared here
    are logs.
    """

    def __init__(self, append: Append, tasks: asyncio.TaskGroup) -> None:
        self._append = append
        self._tasks = tasks
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods without the base class.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, data: bytes) -> None:
        self._body.append(data)

    def on_message_complete(self) -> None:
        body = b"".join(self._body)
        self._body.clear()
        self._tasks.create_task(self._add(body))

    async def _add(self, body: bytes) -> None:
        receipt = await self._append(body)
        text = str(receipt.index).encode()
        if self._transport is not None:
            head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text)
            self._transport.write(head + text)


async def _serve(folder: Path, port: int, what: str) -> None:
    async with await opened(folder) as log, asyncio.TaskGroup() as tasks:
        append = log.add if what == "leaves" else log.add_entry
        settle_process()  # as a gateway does once it serves
        server = await asyncio.get_running_loop().create_server(
            lambda: _Connection(append, tasks), "127.0.0.1", port
        )
        await server.serve_forever()


def main() -> None:
    """Serve until killed."""
    folder, port, what = sys.argv[1:]
    uvloop.run(_serve(Path(folder), int(port), what))


if __name__ == "__main__":
    main()
