"""Logs and their copies in an object store."""

from __future__ import annotations

import asyncio

import pytest

from audit.folder import Folder
from audit.keep import FolderKeep, Keep
from audit.objects.bucket import Bucket, Place
from audit.objects.copying import copy
from audit.postgres.keep import PostgresKeep
from tests.audit.builders import CFG, SCHEMA, FakeClock, act_note, entry
from tests.audit.kept import DirectoryStore, PostgresStore, Store

__all__ = ["ACT", "MARKS", "altered", "copied", "grow", "keep_of"]

MARKS = [
    pytest.mark.services,
    pytest.mark.blocking("a bucket has an event loop that nobody else waits on"),
]

ACT, NOTE = act_note()


def keep_of(store: Store) -> Keep:
    """Return a store as its auditors read it."""
    if isinstance(store, PostgresStore):
        return PostgresKeep(store.database.server_of("auditor"))
    assert isinstance(store, DirectoryStore)
    return FolderKeep(Folder(root=store.root))


async def grow(store: Store, count: int, *, create: bool = False) -> None:
    """Add entries to a log; the first with files."""
    async with store.opening(create=create, clock=FakeClock()) as log:
        if create:
            files = {f"acts/{ACT}": NOTE, f"schema/{CFG}.json": SCHEMA}
            await log.append(entry(act=ACT, decision="genesis", attachments=files))
            count -= 1
        await asyncio.gather(*(log.append(entry()) for _ in range(count)))


async def copied(store: Store, place: Place) -> tuple[int, int]:
    """Copy a store; return how many entries the copy has, and had."""
    async with Bucket.open(place) as bucket:
        done = await copy(keep_of(store), bucket)
    return done.size, done.before


def altered(bundle: bytes) -> bytes:
    """Return a bundle whose first entry is another one."""
    return bundle[:2] + bytes([bundle[2] ^ 1]) + bundle[3:]
