"""Each implementation of the contract in turn, over the same rows.

A new connector joins by adding a source to the fixture ``makers``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.contracts.sources import (
    PEOPLE_IN_POSTGRES,
    Maker,
    MemorySource,
    PostgresSource,
    Source,
    SqliteSource,
)
from tests.services.postgres import Server

NAMES = ("memory", "postgres", "sqlite")


@pytest.fixture(scope="module")
def makers(postgres: Server) -> Iterator[Mapping[str, Maker]]:
    """What makes each implementation's source, its rows in place."""
    with postgres.database() as database:
        with postgres.admin(database) as admin:
            admin.execute(PEOPLE_IN_POSTGRES)
        yield {
            "memory": MemorySource,
            "postgres": partial(PostgresSource, postgres, database),
            "sqlite": SqliteSource,
        }


@pytest.fixture(params=NAMES)
async def source(
    request: pytest.FixtureRequest, tmp_path: Path, makers: Mapping[str, Maker]
) -> AsyncIterator[Source]:
    """Each implementation in turn, over the same rows."""
    made = await asyncio.to_thread(makers[request.param], tmp_path)
    yield made
    await made.connector.close()
    await asyncio.to_thread(made.close)
