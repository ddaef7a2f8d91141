"""A county's gateway and the OPA beside it, with something between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from gateway.config import load
from gateway.errors import EngineFault
from tests.exchange.beside import Beside, free_ports, start_beside, until, with_opa
from tests.exchange.county import Answer, County, activate, running, write_county
from tests.exchange.requests import SHERIFF, custody

__all__ = [
    "Between",
    "Change",
    "Pair",
    "between",
    "paired",
]

Change = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]


@dataclass(kw_only=True)
class Between:
    """Stands between the gateway and its OPA, and changes what that answers."""

    port: int
    change: Change | None = None
    questions: list[bytes] = field(default_factory=list, repr=False)

    async def pass_on(self, request: web.Request) -> web.StreamResponse:
        """Answer as OPA does, or as the test wants it."""
        body = await request.read()
        self.questions.append(body)
        headers = {name: request.headers[name] for name in ("Authorization",)}
        url = f"http://127.0.0.1:{self.port}{request.path}"
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(url, data=body, headers=headers) as answer,
            ):
                data, status = await answer.read(), answer.status
        except aiohttp.ClientError:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if self.change is not None and status == 200:
            return await self.change(request, data)
        return web.Response(body=data, status=status, content_type="application/json")


@asynccontextmanager
async def between(port: int, opa_port: int) -> AsyncIterator[Between]:
    """Let something stand between for the length of the block."""
    found = Between(port=opa_port)
    application = web.Application(client_max_size=1 << 24)
    application.router.add_post("/{path:.*}", found.pass_on)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield found
    finally:
        await runner.cleanup()


@dataclass(kw_only=True)
class Pair:
    """A county's gateway and the OPA beside it, with something between."""

    county: County
    opa: Beside
    between: Between

    async def ask(self) -> Answer:
        """Ask an ordinary question that nobody remembers the answer to."""
        self.county.services.in_force.policy.forget()
        return await self.county.post(SHERIFF, custody())

    def hurry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Give OPA little time: what is late here would be late anyway."""
        monkeypatch.setattr(self.county.services.engines._opa, "_deadline_s", 0.2)

    async def failures(self, fault: EngineFault) -> float:
        """Return how often OPA gave no answer for this reason."""
        text = (await self.county.admin("/metrics")).data.decode()
        name = f'sallyport_engine_failures_total{{engine="opa",fault="{fault}"}} '
        return float(text.partition(name)[2].partition("\n")[0] or 0)

    async def answers(self) -> bool:
        """Tell whether the gateway answers."""
        return (await self.ask()).status == 200

    async def heals(self) -> None:
        """Wait until the gateway answers again, by itself."""
        await until(self.answers)


@asynccontextmanager
async def paired(root: Path, program: Path) -> AsyncIterator[Pair]:
    """Run a county's gateway with OPA beside it, both started fresh."""
    layout = await asyncio.to_thread(write_county, root / "d", records=60)
    opa_port, url_port, admin_port = free_ports(3)
    await asyncio.to_thread(with_opa, layout, url_port=url_port, admin_port=admin_port)
    await activate(await asyncio.to_thread(load, layout.config()))
    opa = await asyncio.to_thread(start_beside, layout, program, opa_port)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, opa.stop)
        middle = await stack.enter_async_context(between(url_port, opa_port))
        county = await stack.enter_async_context(running(layout))
        found = Pair(county=county, opa=opa, between=middle)
        await found.heals()
        yield found
