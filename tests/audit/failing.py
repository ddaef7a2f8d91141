"""Steps of a log in a directory that fail, what came of them, and the store after."""

from __future__ import annotations

import asyncio
import errno
from collections import Counter
from collections.abc import Awaitable
from pathlib import Path

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.folder import Folder
from audit.merkle import leaf_hash
from audit.reading import FolderSource
from audit.stored import stored_leaves
from audit.verify import Trust, verify
from tests.audit.builders import KEYS, write_schema

__all__ = ["Faults", "check", "outcome"]


class Faults:
    """Counts steps by name and fails one of them once, or from then on."""

    def __init__(
        self, name: str = "", number: int = 1, error: int = errno.EIO, times: int = 1
    ) -> None:
        self.name = name
        self.number = number
        self.error = error
        self.times = times
        self.seen: Counter[str] = Counter()

    def __call__(self, step: str) -> None:
        """Fail the chosen step."""
        self.seen[step] += 1
        place = self.seen[step]
        if step == self.name and self.number <= place < self.number + self.times:
            raise OSError(self.error, "injected")


def check(folder: Path) -> Checkpoint:
    """Verify a store in full, and that nothing stands twice."""
    source = FolderSource(folder / "live")
    data = source.read("checkpoint")
    assert data is not None
    write_schema(folder / "live")
    report = verify(source, Trust(keys=KEYS.verifiers))
    assert [each.text for each in report.findings] == []
    hashes = [leaf_hash(leaf) for _, leaf in stored_leaves(Folder(root=folder))]
    assert len(set(hashes)) == len(hashes)
    return open_checkpoint(data, KEYS.verifiers).checkpoint


async def outcome(work: Awaitable[object]) -> object:
    """Wait for some work; return what it gave or raised."""
    return (await asyncio.gather(work, return_exceptions=True))[0]
