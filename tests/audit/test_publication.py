"""When checkpoints are made, apart from a whole log."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from audit import integrator
from audit.batch import Batch
from audit.errors import LogError, LogFull
from audit.integrator import Integrator
from audit.publication import Publication
from tests.audit.builders import entry, opening
from tests.audit.failing import Faults


class Slow:
    """An integrator that waits until it is told to go on."""

    follows = False

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


def test_a_checkpoint_looks_at_no_more_tiles_than_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many came before it: at those it wrote, each of which goes in the end."""
    looked: list[Path] = []
    whole = integrator.drop_outgrown

    def counted(path: Path) -> None:
        looked.append(path)
        whole(path)

    monkeypatch.setattr(integrator, "drop_outgrown", counted)
    each = asyncio.run(_checkpoints(tmp_path / "log", looked))
    partial = sorted(path.name for path in tmp_path.rglob("*.p/*"))

    assert each == [2] * 20  # one of hashes, one of entries
    assert partial == ["20", "20"]


async def _checkpoints(folder: Path, looked: list[Path]) -> list[int]:
    """Return at how many tiles each of twenty checkpoints looked."""
    each: list[int] = []
    async with opening(folder, create=True) as log:
        for number in range(20):
            looked.clear()
            await log.append(entry(f"k{number}"))
            await log.settle()
            each.append(len(looked))
    return each


def test_a_checkpoint_that_failed_for_long_leaves_no_more_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each try writes the same tiles: they are looked at once, not once a try."""
    looked: list[Path] = []
    monkeypatch.setattr(integrator, "drop_outgrown", looked.append)
    asyncio.run(_late_checkpoint(tmp_path / "log", looked))

    assert len(looked) == 2


async def _late_checkpoint(folder: Path, looked: list[Path]) -> None:
    """Make a checkpoint for which there was no room twenty times."""
    faults = Faults("before write checkpoint", 2, errno.ENOSPC, times=20)
    async with opening(
        folder, create=True, faults=faults, checkpoint_interval_s=60
    ) as log:
        await log.append(entry())
        for _ in range(20):
            with pytest.raises(LogFull):
                await log.settle()
        looked.clear()
        await log.settle()
