"""Puts the three gateways on the stage: activated, then listening."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from audit import Log
from gateway.app import serving, telemetry_for
from gateway.clock import Clock
from gateway.config import load
from gateway.demo.deciders import activate, people
from gateway.demo.files import COUNTIES
from gateway.demo.layout import Layout
from gateway.telemetry import Telemetry, configure_lines

__all__ = ["Gateway", "on_stage"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gateway:
    """A county's gateway that runs: how it is reached, and where its log is."""

    url: str
    socket: Path
    """Where the county's own people give commands."""
    store: Path
    """The log's own folder."""
    entries: Callable[[], int]
    """How many entries the log has now."""


@asynccontextmanager
async def on_stage(
    layout: Layout, *, clock: Clock
) -> AsyncIterator[dict[str, Gateway]]:
    """Begin, activate and run every county's gateway until the block ends.

    What they say to operators goes to a file of the folder.

    Raises:
        GatewayError, audit.LogError: when one cannot start.
        OSError: when a port was taken meanwhile.
    """
    keys = await asyncio.to_thread(people, layout)
    async with AsyncExitStack() as stack:
        gateways = {}
        for name in COUNTIES:
            config = await asyncio.to_thread(load, layout.config(name))
            stream = await asyncio.to_thread(layout.lines(name).open, "ab", 0)
            stack.callback(stream.close)
            await activate(config, clock=clock, keys=keys)
            told = telemetry_for(config, clock)
            served = await stack.enter_async_context(
                serving(
                    config,
                    clock=clock,
                    telemetry=Telemetry(
                        lines=configure_lines(stream=stream),
                        metrics=told.metrics,
                        clock=clock,
                    ),
                )
            )
            gateways[name] = Gateway(
                url=served.url,
                socket=config.control.socket,
                store=config.log.directory,
                entries=partial(_size, served.services.log),
            )
        yield gateways


def _size(log: Log) -> int:
    """Return how many entries a log has."""
    return log.size
