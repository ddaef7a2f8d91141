"""A state database in a folder of its own, and a clock that moves when told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.state import Database

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


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty, migrated database."""
    opened = await Database.open(tmp_path / "state.db", timeout_s=1.0)
    yield opened
    await opened.close()
