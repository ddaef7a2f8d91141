"""A thread with one session: work goes in, an asyncio future comes back. One hop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from connectors.sqlite.session import Session

__all__ = ["Lane"]

T = TypeVar("T")


class Lane:
    """One session on one thread; one job at a time, by contract of the pool.

    ``busy`` is true from :meth:`submit` until the work has really ended, which is
    later than the caller's leaving when it was cancelled.
    """

    def __init__(self, session: Session, *, name: str) -> None:
        self.session = session
        self.busy = False
        self._on_idle: Callable[[], None] | None = None
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        # A daemon: a source that hangs in the kernel must not hold the process.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(
        self, work: Callable[[], T], future: asyncio.Future[T], *, ends_at: float
    ) -> None:
        """Start work that must end by a monotonic instant; ``future`` gets its outcome.

        To be called on the future's loop.
        """
        self.session.ended = False
        self.session.ends_at = ends_at
        self.busy = True
        self._queue.put(partial(self._do, work, future, future.get_loop()))

    def tell(self, work: Callable[[], None]) -> None:
        """Queue work that cannot fail and that nobody waits for."""
        self._queue.put(work)

    def when_idle(self, call: Callable[[], None]) -> None:
        """Call once the running work has ended, on the loop."""
        self._on_idle = call

    def stop(self) -> None:
        """End what runs, close the session, and let the thread go."""
        self.session.interrupt()
        self._queue.put(self.session.close)
        self._queue.put(None)

    def _run(self) -> None:
        """Work until told to stop."""
        while (work := self._queue.get()) is not None:
            work()

    def _do(
        self,
        work: Callable[[], T],
        future: asyncio.Future[T],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """Do the work on the lane's thread and hand the outcome to the loop."""
        try:
            settle = partial(future.set_result, work())
        except BaseException as error:  # noqa: BLE001 - carried to the waiting caller
            settle = partial(future.set_exception, error)
        try:
            loop.call_soon_threadsafe(self._done, future, settle)
        except RuntimeError:
            return  # the loop is gone, and with it whoever waited

    def _done(self, future: asyncio.Future[T], settle: Callable[[], None]) -> None:
        """On the loop: settle the future unless its caller left; the lane is idle."""
        if not future.done():
            settle()
        self.busy = False
        call, self._on_idle = self._on_idle, None
        if call is not None:
            call()
