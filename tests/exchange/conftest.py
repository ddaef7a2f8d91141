"""One running county for each module; whoever breaks it makes another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from gateway.config import load
from tests.exchange.between import Pair, paired
from tests.exchange.county import County, activate, activated, running
from tests.exchange.narrow import careful
from tests.exchange.observer import in_states
from tests.exchange.raw import hurried as in_a_hurry
from tests.services.postgres import Server

if TYPE_CHECKING:
    from tests.audit.kept import Database


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def county(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """A running county under Illinois law."""
    root = tmp_path_factory.mktemp("county")
    layout = await activated(root, records=300)
    async with running(layout) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def california(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[County]:
    """A running county under California law."""
    root = tmp_path_factory.mktemp("california")
    layout = await activated(root, "california", records=300)
    async with running(layout, "california") as found:
        yield found


@pytest.fixture(scope="module")
def log(postgres: Server, log_template: str) -> Iterator[Database]:
    """A database with the tables of a log."""
    # Imported where it is used: most runs of one file have no such log.
    from tests.audit.kept import copied  # noqa: PLC0415 - as said

    yield from copied(postgres, log_template)


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
