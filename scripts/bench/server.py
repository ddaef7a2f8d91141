"""The two servers that are compared: the gateway, and a bare handler on the same row.

::

    python -m scripts.bench.server governed CONFIG
    python -m scripts.bench.server bare CONFIG

Each listens on a port of its own, prints it as one JSON line, and ends when its
standard input does. Both terminate the same mutual TLS, on the same event loop.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
)
from pathlib import Path

import aiosqlite
import orjson
import psycopg
import psycopg.conninfo
from aiohttp import web

from gateway.app import serving
from gateway.cli.service import settle_process
from gateway.config import Config, Source, load
from gateway.identity import server_ssl_context
from scripts.bench.county import COLUMNS

_SELECT = f"SELECT {', '.join(COLUMNS.values())} FROM drivers WHERE licence_no ="  # noqa: S608 - constants of the bench
Rows = Callable[[str], Awaitable[Iterable[Sequence[object]]]]
_ROWS: web.AppKey[Rows] = web.AppKey("rows")


@asynccontextmanager
async def governed(config: Config) -> AsyncIterator[int]:
    """Run the gateway; yield its port."""
    async with serving(config) as running:
        settle_process()
        yield int(running.url.rpartition(":")[2])


async def _bare(request: web.Request) -> web.Response:
    """Answer the row that a request document names: no token, policy or log."""
    body = orjson.loads(await request.read())
    key = body["subjects"][0]["driver_licence_no"]
    rows = await request.app[_ROWS](key)
    records = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    body = orjson.dumps({"records": records}, default=str)
    return web.Response(body=body, content_type="application/json")


@asynccontextmanager
async def bare(config: Config) -> AsyncIterator[int]:
    """Run a plain handler over the driver on one thread; yield its port."""
    context = server_ssl_context(
        certificate=config.server.certificate,
        key=config.server.key,
        client_cas=config.server.client_cas,
    )
    async with _handler(config, context) as port:
        yield port


@asynccontextmanager
async def plain(config: Config) -> AsyncIterator[int]:
    """Run the same without TLS, for what ends that before it; yield its port."""
    async with _handler(config, None) as port:
        yield port


@asynccontextmanager
async def _handler(
    config: Config, context: ssl.SSLContext | None
) -> AsyncIterator[int]:
    application = web.Application()
    application.router.add_post("/v1/exchanges", _bare)
    async with _driver(config.sources["dmv-db"]) as rows:
        application[_ROWS] = rows
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
            yield int(runner.addresses[0][1])
        finally:
            await runner.cleanup()


@asynccontextmanager
async def _driver(source: Source) -> AsyncIterator[Rows]:
    """Yield what reads a driver's row by the shortest way there is."""
    if source.kind == "sqlite":
        async with aiosqlite.connect(source.path) as driver:

            async def from_file(key: str) -> Iterable[Sequence[object]]:
                return await driver.execute_fetchall(f"{_SELECT} ?", (key,))

            yield from_file
        return
    place = psycopg.conninfo.make_conninfo(
        host=source.host,
        port=source.port,
        dbname=source.database,
        user=source.user,
        password=Path(source.password_file or "").read_text().strip(),  # noqa: ASYNC240 - before it serves
        sslmode="verify-full",
        sslrootcert=str(source.ca_file),
    )
    async with AsyncExitStack() as stack:
        free: asyncio.Queue[psycopg.AsyncConnection] = asyncio.Queue()
        for _ in range(8):
            made = await psycopg.AsyncConnection.connect(place, autocommit=True)
            free.put_nowait(await stack.enter_async_context(made))

        async def from_server(key: str) -> Iterable[Sequence[object]]:
            connection = await free.get()
            try:
                found = await connection.execute(f"{_SELECT} %s", (key,))
                return await found.fetchall()
            finally:
                free.put_nowait(connection)

        yield from_server


SERVERS: dict[str, Callable[[Config], AbstractAsyncContextManager[int]]] = {
    "governed": governed,
    "bare": bare,
    "plain": plain,
}


async def main(kind: str, path: Path) -> None:
    """Serve until standard input ends."""
    config = await asyncio.to_thread(load, path)
    async with SERVERS[kind](config) as port:
        print(json.dumps({"port": port}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
