"""The reference connector keeps its own state; the contract is tried elsewhere."""

from __future__ import annotations

import time
from typing import Any

from connectors import Limits, Query, Table
from tests.contracts.memory import MemoryConnector

TABLE = Table(name="t", key=("k",), columns=(("v", "v"),))


async def test_it_keeps_its_own_copy() -> None:
    """Changing what was handed in changes nothing."""
    rows: list[dict[str, Any]] = [{"k": "a", "v": 1}]
    connector = MemoryConnector(
        name="m", tables={"t": rows}, limits=Limits(), monotonic=time.monotonic
    )
    rows[0]["v"] = 2

    answer = await connector.select(Query(table=TABLE, columns=("v",)), deadline_s=1)

    assert answer == [("a", 1)]


async def test_integers_come_before_text() -> None:
    """Keys of two kinds have one order, that of SQLite."""
    rows: list[dict[str, Any]] = [{"k": "1", "v": 0}, {"k": 2, "v": 0}]
    connector = MemoryConnector(
        name="m", tables={"t": rows}, limits=Limits(), monotonic=time.monotonic
    )

    answer = await connector.select(Query(table=TABLE), deadline_s=1)

    assert answer == [(2,), ("1",)]
