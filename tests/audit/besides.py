"""Stores that are altered beside their tree, and what is then found."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from audit.folder import Folder
from audit.keep import FolderKeep
from audit.reading import FolderSource
from audit.report import Report
from audit.storecheck import check_store
from audit.verify import Trust, verify
from tests.audit.builders import KEYS, FakeClock, entry, opening, write_schema

__all__ = ["check", "flip", "grown", "replaced", "segment"]


def check(folder: Folder) -> Report:
    """Verify a store, its sealed records too."""
    write_schema(folder.live)
    report = verify(FolderSource(folder.live), Trust(keys=KEYS.verifiers))
    assert report.findings == []
    check_store(FolderKeep(folder), report)
    return report


def flip(path: Path, at: int) -> None:
    """Flip a bit."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def replaced(path: Path) -> None:
    """Put a pipe in a file's place."""
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def segment(store: Folder) -> Path:
    """Return the write-ahead file."""
    (path,) = store.wal.iterdir()
    return path


def grown(tmp_path: Path, count: int) -> Folder:
    """Return a store of ``count`` entries, each a batch of its own."""

    async def run() -> None:
        async with opening(tmp_path / "s", create=True, clock=FakeClock()) as log:
            for number in range(count):
                await log.append(entry(f"k{number}"))

    asyncio.run(run())
    return Folder(root=tmp_path / "s")
