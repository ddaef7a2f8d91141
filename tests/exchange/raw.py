"""Requests written by hand, byte for byte, and a county whose clients must hurry."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.config import load
from tests.exchange.county import Answer, County, activate, running, write_county
from tests.exchange.requests import SHERIFF, custody
from tests.exchange.wire import HOST, Reply, head, line

__all__ = [
    "BODY",
    "CHUNKED",
    "GOOD",
    "LENGTH",
    "NAME",
    "NOT_ONE",
    "TOKEN",
    "TYPE",
    "USUAL",
    "ask",
    "chunks",
    "good",
    "hurried",
    "of",
    "signed",
]

GOOD = custody()
BODY = json.dumps(GOOD).encode()
NAME = f"Host: {HOST}"
TYPE = "Content-Type: application/json"
LENGTH = f"Content-Length: {len(BODY)}"
CHUNKED = "Transfer-Encoding: chunked"
TOKEN = "Authorization: <token>"
USUAL = [NAME, TOKEN, TYPE]
NOT_ONE = (400, "not-one-request")


def chunks(size: str | None = None, end: bytes = b"\r\n") -> bytes:
    """Return the good body as one chunk whose size is written as given."""
    written = (size or f"{len(BODY):x}").encode()
    return written + end + BODY + end + b"0" + end + end


def of(*lines: str, body: bytes = BODY, **more: str) -> bytes:
    """Return a whole request with these headers."""
    return head(lines=lines, **more) + body


@asynccontextmanager
async def hurried(root: Path) -> AsyncIterator[County]:
    """Run a county whose clients have two seconds for headers and for bodies."""
    layout = await asyncio.to_thread(write_county, root / "d", records=40)
    path = layout.config()
    text = await asyncio.to_thread(path.read_text)
    hasty = "server:\n  header_seconds: 2\n  body_seconds: 2\n"
    await asyncio.to_thread(path.write_text, text.replace("server:\n", hasty))
    await activate(await asyncio.to_thread(load, path))
    async with running(layout) as found:
        yield found


def signed(county: County, data: bytes) -> bytes:
    """Put the requester's token where the corpus leaves room for it."""
    token = county.bearer(SHERIFF)["Authorization"].encode()
    return data.replace(b"<token>", token)


async def ask(county: County, data: bytes) -> Reply:
    """Send one request on a line of its own; return the answer."""
    async with line(county, SHERIFF) as wire:
        await wire.send(signed(county, data))
        reply = await wire.reply()
    assert reply is not None, "closed without an answer"
    return reply


async def good(county: County) -> Answer:
    """Ask as a well-meaning client."""
    return await county.post(SHERIFF, GOOD)
