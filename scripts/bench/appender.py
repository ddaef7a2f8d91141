"""Our log behind ``POST /add``, as Tessera's own example server puts its log there.

::

    python -m scripts.bench.appender FOLDER PORT
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import uvloop
from aiohttp import web

from audit import AuditorKey, Entry, Log, LogKeys
from gateway.clock import SystemClock

ORIGIN = "bench.invalid/log"
LOG = web.AppKey("log", Log)


async def _log(app: web.Application) -> AsyncIterator[None]:
    async with Log.open(
        Path(sys.argv[1]),
        origin=ORIGIN,
        keys=LogKeys.generate(ORIGIN),
        auditors=(AuditorKey.generate("auditor").auditor,),
        clock=SystemClock(),
        public_delay_s=0,
        create=True,
    ) as log:
        app[LOG] = log
        yield


async def _add(request: web.Request) -> web.Response:
    """Append one entry; answer with its index when it is durable."""
    body = await request.read()
    entry = Entry(public={"v": 1, "body": body.decode()}, commitments=1)
    receipt = await request.app[LOG].append(entry)
    return web.Response(text=str(receipt.index))


def main() -> None:
    """Serve until killed."""
    app = web.Application()
    app.cleanup_ctx.append(_log)
    app.router.add_post("/add", _add)
    uvloop.install()
    web.run_app(
        app, host="127.0.0.1", port=int(sys.argv[2]), print=None, access_log=None
    )


if __name__ == "__main__":
    main()
