"""One running county for each module; whoever breaks it makes another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.config import load
from tests.exchange.between import Pair, paired
from tests.exchange.county import County, activate, running, write_county
from tests.exchange.narrow import careful
from tests.exchange.observer import in_states
from tests.exchange.raw import hurried as in_a_hurry


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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(
    tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], Path]
) -> AsyncIterator[Pair]:
    """A gateway with OPA beside it, and something between them."""
    root: Path = tmp_path_factory.mktemp("o")
    async with paired(root, require_tool("opa")) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hurried(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """A county whose clients have two seconds for headers and for bodies."""
    async with in_a_hurry(tmp_path_factory.mktemp("raw")) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def narrow(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """A county of little patience: few guesses, and no second way of asking."""
    layout = await asyncio.to_thread(careful, tmp_path_factory.mktemp("narrow") / "d")
    await activate(await asyncio.to_thread(load, layout.config()))
    async with running(layout) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def states(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[dict[str, County]]:
    """The same county, with the same databases, under three states' laws."""
    async with in_states(tmp_path_factory.mktemp("threats")) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def illinois(states: dict[str, County]) -> County:
    """The county under Illinois law, beside the two others."""
    return states["illinois"]
