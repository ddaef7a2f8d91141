"""When the tree is integrated and a checkpoint signed; runs on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from audit.batch import Batch
from audit.contract import Publisher
from audit.errors import LogError, LogFailed, LogFull, LogUnavailable

__all__ = ["Publication"]

_LATER_S = 1.0
"""Between two looks at what others still have to do."""


class Publication:
    """Hands committed batches to the publisher, at most once an interval."""

    def __init__(
        self,
        *,
        publisher: Publisher,
        interval_s: float,
        now_ms: Callable[[], int],
        failed: Callable[[LogError], None],
        published: Callable[[], bool] = lambda: False,
    ) -> None:
        self._publisher = publisher
        self._interval_s = interval_s
        self._now_ms = now_ms
        self._failed = failed
        self._published = published
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log-tree")
        self._fresh: list[Batch] = []
        self._running: asyncio.Future[bool] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.full = False
        """Whether the last try found no room; entries are refused meanwhile."""

    def add(self, batch: Batch) -> None:
        """Take a committed batch; it is published within the interval."""
        self._fresh.append(batch)
        self._arm(self._interval_s)

    def run_later(self) -> None:
        """Run again soon, even if nothing is added."""
        self._arm(max(self._interval_s, _LATER_S))

    def _arm(self, wait_s: float) -> None:
        if self._running is not None:
            return
        loop = asyncio.get_running_loop()
        when = loop.time() + wait_s
        if self._timer is not None:
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = loop.call_at(when, self._begin)

    def _begin(self) -> asyncio.Future[bool]:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        # The time first, then the batches: see Publisher.run.
        now_ms = self._now_ms()
        fresh, self._fresh = self._fresh, []
        loop = asyncio.get_running_loop()
        self._running = loop.run_in_executor(self._thread, self._run, fresh, now_ms)
        self._running.add_done_callback(self._done)
        return self._running

    def _run(self, fresh: Sequence[Batch], now_ms: int) -> bool:
        """Do the work, in its thread; whether there is some though nothing is new."""
        self._publisher.run(fresh, now_ms)
        return self._published()

    def _done(self, future: asyncio.Future[bool]) -> None:
        self._running = None
        error = future.exception()
        self.full = isinstance(error, LogFull)
        if error is None or isinstance(error, LogFull | LogUnavailable):
            if self._fresh or error is not None or self._publisher.follows:
                self._arm(self._interval_s)
            elif future.result():
                self.run_later()
            return
        if not isinstance(error, LogError):
            error = LogFailed(f"the tree: {type(error).__name__}")
        self._failed(error)

    async def settle(self) -> None:
        """Publish what is committed now; the errors of ``Publisher.run``."""
        while self._running is not None:
            await asyncio.wait([self._running])
        await self._begin()

    async def stop(self) -> None:
        """Let what runs end; nothing begins after."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._running is not None:
            await asyncio.wait([self._running])
        await asyncio.to_thread(self._thread.shutdown)
