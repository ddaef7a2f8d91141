"""Work goes to the lane's thread and its outcome comes back to the loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from connectors import Limits
from connectors.sqlite.lane import Lane
from connectors.sqlite.session import Session

T = TypeVar("T")


@pytest.fixture
def lane(tmp_path: Path) -> Iterator[Lane]:
    """Return a running lane."""
    session = Session(
        source="s",
        path=tmp_path / "none.db",
        limits=Limits(),
        monotonic=time.monotonic,
        trace=None,
    )
    running = Lane(session, name="lane-under-test")
    yield running
    running.stop()
    running._thread.join(timeout=5)
    assert not running._thread.is_alive()


def start(lane: Lane, work: Callable[[], T]) -> asyncio.Future[T]:
    """Start work and return what its outcome comes in."""
    future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    lane.submit(work, future, ends_at=0)
    return future


async def test_a_result_comes_back(lane: Lane) -> None:
    """The work runs on the lane's own thread."""
    future = start(lane, lambda: threading.current_thread().name)
    assert lane.busy

    assert await future == "lane-under-test"
    assert not lane.busy


async def test_an_error_comes_back(lane: Lane) -> None:
    """What the work raises is raised where it is awaited, and the lane lives on."""

    def fail() -> None:
        """Raise something unexpected."""
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await start(lane, fail)

    assert await start(lane, lambda: 1) == 1


async def test_busy_until_it_has_really_ended(lane: Lane) -> None:
    """A caller that left does not make the lane idle."""
    release = threading.Event()
    idle = asyncio.Event()
    future = start(lane, release.wait)
    future.cancel()
    lane.when_idle(idle.set)
    await asyncio.sleep(0.02)
    assert lane.busy

    release.set()
    await idle.wait()

    assert not lane.busy


async def test_told_work_comes_before_the_next(lane: Lane) -> None:
    """What nobody waits for is done in turn."""
    done: list[str] = []
    lane.tell(lambda: done.append("told"))
    await start(lane, lambda: done.append("asked"))

    assert done == ["told", "asked"]


def test_a_loop_that_is_gone(lane: Lane) -> None:
    """Work that ends after its loop was closed ends quietly."""
    release = threading.Event()
    ended = threading.Event()

    async def leave() -> None:
        """Start something and do not wait for it."""
        start(lane, release.wait).cancel()

    asyncio.run(leave())
    release.set()
    lane.tell(ended.set)

    assert ended.wait(timeout=5)
