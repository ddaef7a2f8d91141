"""Stands between a program and a TCP server, and does what networks do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Way", "Wrong", "between"]

_DRIP_S = 0.05


class Wrong(StrEnum):
    """What is wrong with a way."""

    NOTHING = "nothing"
    GONE = "gone"
    """Nobody listens, and what was connected is reset."""
    HUNG = "hung"
    """Connections are taken and stay; nothing comes through, either way."""
    HALF_CLOSED = "half-closed"
    """The server's side of each connection is closed; what is sent there is read."""
    SLOW = "slow"
    """What the server says comes a byte now and then."""


@dataclass(kw_only=True)
class Way:
    """The way to a server; ``port`` is where it begins, on 127.0.0.1."""

    port: int
    to_port: int
    wrong: Wrong = Wrong.NOTHING
    _server: asyncio.Server | None = field(default=None, repr=False)
    _open: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _lines: list[_Line] = field(default_factory=list, repr=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, repr=False)

    async def be(self, wrong: Wrong) -> None:
        """Go wrong in this way, with what is connected and what will be."""
        self.wrong = wrong
        if wrong is Wrong.GONE:
            await self._close()
            return
        if self._server is None:
            self._server = await asyncio.start_server(
                self._taken, "127.0.0.1", self.port
            )
            self.port = self._server.sockets[0].getsockname()[1]
        if wrong is Wrong.HUNG:
            self._open.clear()
        else:
            self._open.set()
        if wrong is Wrong.HALF_CLOSED:
            for line in self._lines:
                line.half_close()

    def lead_to(self, port: int) -> None:
        """Lead new connections elsewhere; those there are hang for good."""
        self.to_port = port
        for line in self._lines:
            line.hung = True

    async def close(self) -> None:
        """Close everything."""
        await self._close()

    async def _close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for line in self._lines:
            line.abort()
        self._lines.clear()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if server is not None:
            await server.wait_closed()

    async def _taken(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with suppress(OSError):
            await self._carry(reader, writer)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            there = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            writer.transport.abort()
            return
        line = _Line(way=self, client=writer, server=there[1])
        self._lines.append(line)
        if self.wrong is Wrong.HALF_CLOSED:
            line.half_close()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(line.pump(reader, there[1], slow=False))
                group.create_task(line.pump(there[0], writer, slow=True))
        except* OSError:
            pass
        finally:
            line.abort()
            if line in self._lines:
                self._lines.remove(line)


@dataclass(kw_only=True, eq=False)
class _Line:
    """One connection: both its ends."""

    way: Way
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    hung: bool = False

    def half_close(self) -> None:
        """Have the server's side be closed."""
        with suppress(OSError, RuntimeError):
            self.client.write_eof()

    def abort(self) -> None:
        """Reset both ends."""
        self.client.transport.abort()
        self.server.transport.abort()

    async def pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        slow: bool,
    ) -> None:
        """Carry what comes at one end to the other, as the way is."""
        while data := await reader.read(65_536):
            await self.way._open.wait()
            if self.hung:
                await asyncio.Event().wait()
            if self.way.wrong is Wrong.HALF_CLOSED:
                continue
            while slow and data and self.way.wrong is Wrong.SLOW:
                writer.write(data[:1])
                data = data[1:]
                await asyncio.sleep(_DRIP_S)
            writer.write(data)
            await writer.drain()
        if not self.hung:
            self.abort()


@asynccontextmanager
async def between(to_port: int) -> AsyncIterator[Way]:
    """Stand between for the length of the block."""
    way = Way(port=0, to_port=to_port)
    await way.be(Wrong.NOTHING)
    try:
        yield way
    finally:
        await way.close()
