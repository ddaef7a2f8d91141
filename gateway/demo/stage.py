"""Puts the three gateways on the stage: activated, then listening."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from gateway.app import serving
from gateway.clock import Clock
from gateway.config import Config, load
from gateway.control import offline_actions
from gateway.control.protocol import Activate
from gateway.demo.files import COUNTIES
from gateway.demo.layout import Layout
from gateway.demo.story import Gateway
from gateway.running import propose

__all__ = ["activate", "on_stage"]


async def activate(config: Config, *, clock: Clock) -> None:
    """Begin a county's log and activate its files, as ``sallyport activate`` does.

    Raises:
        GatewayError, audit.LogError: when the files have mistakes or there is a log.
    """
    proposal, _ = await propose(config)

    async def proposed() -> object:
        return proposal

    async with offline_actions(
        config, clock=clock, propose=proposed, known=lambda _scope: None, create=True
    ) as actions:
        command = Activate(by="the demo")
        await actions.run(command, uid=os.geteuid())


@asynccontextmanager
async def on_stage(
    layout: Layout, *, clock: Clock
) -> AsyncIterator[dict[str, Gateway]]:
    """Activate and run every county's gateway until the block ends.

    Raises:
        GatewayError, audit.LogError: when one cannot start.
        OSError: when a port was taken meanwhile.
    """
    configs = {name: load(layout.config(name)) for name in COUNTIES}
    async with AsyncExitStack() as stack:
        gateways = {}
        for name, config in configs.items():
            await activate(config, clock=clock)
            served = await stack.enter_async_context(serving(config, clock=clock))
            gateways[name] = Gateway(url=served.url, socket=config.control.socket)
        yield gateways
