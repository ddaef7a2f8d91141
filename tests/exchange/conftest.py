"""One running county for each module; whoever breaks it makes another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gateway.config import load
from tests.exchange.county import County, activate, running, write_county


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def county(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """A running county under Illinois law."""
    root = tmp_path_factory.mktemp("county")
    layout = await asyncio.to_thread(write_county, root / "d")
    await activate(await asyncio.to_thread(load, layout.config()))
    async with running(layout) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def california(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[County]:
    """A running county under California law."""
    root = tmp_path_factory.mktemp("california")
    layout = await asyncio.to_thread(write_county, root / "d")
    await activate(await asyncio.to_thread(load, layout.config("california")))
    async with running(layout, "california") as found:
        yield found
