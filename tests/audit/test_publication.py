"""When checkpoints are made, apart from a whole log."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import cast

from audit.batch import Batch
from audit.errors import LogError
from audit.integrator import Integrator
from audit.publication import Publication


class Slow:
    """An integrator that waits until it is told to go on."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.seen: list[int] = []

    def run(self, batches: Sequence[Batch], now_ms: int) -> None:
        """Take some time."""
        self.go.wait(5)
        self.seen += [each.first for each in batches]
        assert now_ms == 7


def batch(first: int) -> Batch:
    """Return a batch that only has an index."""
    return Batch(first=first, ms=1, entries=(), hashes=())


async def test_what_comes_while_it_runs_waits_for_the_next() -> None:
    """One run at a time; stopping waits for the one that runs."""
    slow = Slow()
    errors: list[LogError] = []
    publication = Publication(
        publisher=cast("Integrator", slow),
        interval_s=0.001,
        now_ms=lambda: 7,
        failed=errors.append,
    )
    publication.add(batch(0))
    await asyncio.sleep(0.02)
    publication.add(batch(1))
    slow.go.set()
    async with asyncio.timeout(5):
        while slow.seen != [0, 1]:  # noqa: ASYNC110 - the thread tells nobody
            await asyncio.sleep(0.001)
    slow.go.clear()
    publication.add(batch(2))
    await asyncio.sleep(0.02)
    publication.add(batch(3))
    asyncio.get_running_loop().call_later(0.02, slow.go.set)
    await publication.settle()
    slow.go.clear()
    publication.add(batch(4))
    await asyncio.sleep(0.02)
    asyncio.get_running_loop().call_later(0.02, slow.go.set)
    await publication.stop()

    assert slow.seen == [0, 1, 2, 3, 4]
    assert errors == []
