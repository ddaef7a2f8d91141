"""The form of the leaf is public from the first entry on that has it."""

from __future__ import annotations

import asyncio

from audit import Log
from gateway.entries import cfg, leaf_schema

__all__ = ["unpublished_schema"]


async def unpublished_schema(log: Log) -> dict[str, bytes]:
    """Return the leaf's schema by its path, for an entry to bring; none if it is there.

    Whatever a new version writes first brings it, be it no act: a command may write
    before the gateway of that version is started.

    Raises:
        LogError: the log can't be read.
    """
    path = f"schema/{cfg()}.json"
    there = await asyncio.to_thread(log.read, path) is not None
    return {} if there else {path: leaf_schema()}
