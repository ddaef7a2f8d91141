"""A state database in a folder of its own, and a clock that moves when told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection

from connectors import PostgresServer
from gateway.state import Database
from gateway.state.tables import metadata
from tests.services.postgres import KEEPER, Server

START_MS = 1_795_420_800_000
"""2026-11-23T08:00:00Z."""


@dataclass
class Hands:
    """A clock whose hands the test moves."""

    ms: int = START_MS
    seconds: float = 0.0

    def now_ms(self) -> int:
        """Return the wall clock."""
        return self.ms

    def monotonic(self) -> float:
        """Return the monotonic clock."""
        return self.seconds

    def advance(self, seconds: float) -> None:
        """Move both hands."""
        self.ms += int(seconds * 1000)
        self.seconds += seconds


@pytest.fixture
def clock() -> Hands:
    """A clock that moves when told."""
    return Hands()


@pytest.fixture(scope="module")
def on_server(postgres: Server) -> Iterator[PostgresServer]:
    """A database of a module's own on a real server, for the role that keeps state."""
    with postgres.database(owner=KEEPER) as name:
        yield postgres.as_role(KEEPER, name)


@pytest.fixture(params=["sqlite", "postgres"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Database]:
    """An empty, migrated database of each kind in turn."""
    place: Path | PostgresServer = tmp_path / "state.db"
    if request.param == "postgres":
        place = request.getfixturevalue("on_server")
    opened = await Database.open(place, timeout_s=5.0)
    if request.param == "postgres":
        await opened.run(_emptied)
    yield opened
    await opened.close()


def _emptied(connection: Connection) -> None:
    """Delete what the test before left: a database of its own for each takes long."""
    for table in metadata.tables.values():
        connection.execute(table.delete())
