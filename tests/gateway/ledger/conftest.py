"""A county and its log, for what reads and writes that log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.config import Config
from gateway.ledger import Basis, Ledger, open_ledger
from tests.gateway.county import GENESIS, found_county


@pytest.fixture
def county(tmp_path: Path) -> Config:
    """A county with keys and no log yet."""
    return found_county(tmp_path)


@pytest.fixture
def clock() -> SystemClock:
    """The clock that the log goes by."""
    return SystemClock()


@pytest.fixture
async def ledger(county: Config, clock: SystemClock) -> AsyncIterator[Ledger]:
    """A new log with genesis in it."""
    async with open_ledger(county, clock=clock, create=True) as opened:
        await opened.registrar.write(lambda _: GENESIS, basis=Basis())
        yield opened
