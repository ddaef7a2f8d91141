"""What an attacker with a certificate sees, and what is changed to try that."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from gateway.config import load
from gateway.demo.layout import Layout
from tests.exchange.county import Answer, County, activate, running, write_county

__all__ = [
    "NOBODY",
    "STATES",
    "VARIED",
    "in_states",
    "seen",
    "write",
]

STATES = ("illinois", "california", "texas")
RANDOM = ("exchange", "receipt", "due")
VARIED = 41
NOBODY = 999_999


def seen(answer: Answer) -> bytes:
    """Return every byte an observer has, but what is random in each answer.

    Receipts have no fixed length, so that of an answer tells something only where it
    is padded: where nothing is released.
    """
    body = {name: v for name, v in answer.body.items() if name not in RANDOM}
    open_length = {"Content-Length"} if answer.status == 200 else set()
    headers = [
        (n, v)
        for n, v in answer.headers.items()
        if n not in {"Date", "Location", *open_length}
    ]
    return json.dumps([answer.status, headers, body]).encode()


def write(path: Path, statement: str, *values: object) -> None:
    """Change a county's database, as its own staff would."""
    with sqlite3.connect(path) as connection:
        connection.execute(statement, values)
    connection.close()


@asynccontextmanager
async def in_states(root: Path) -> AsyncIterator[dict[str, County]]:
    """Run the same county, with the same databases, under three states' laws."""
    layout = await asyncio.to_thread(write_county, root / "d", records=60)
    await asyncio.to_thread(_everybody_has_an_entry, layout)
    async with AsyncExitStack() as stack:
        found = {}
        for name in STATES:
            await activate(await asyncio.to_thread(load, layout.config(name)))
            found[name] = await stack.enter_async_context(running(layout, name))
        yield found


def _everybody_has_an_entry(layout: Layout) -> None:
    write(
        layout.databases / "gang.db",
        "INSERT OR IGNORE INTO designations SELECT 'G-000041', name, dob, affiliation,"
        " criteria, source, validated_on, narrative, 0, 0 FROM designations LIMIT 1",
    )
