"""Group commit: many waiting entries, one write, one sync, one signature.

Runs on the event loop; only the write and its sync run in the writer's thread.
While a commit is on its way, what arrives waits for the next; when none is, an entry
goes as soon as the loop has run what was ready, so that entries which arrive together
go together.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from audit.batch import Batch, Stored
from audit.errors import LogError, LogFailed
from audit.keyfiles import LogKeys
from audit.merkle import leaf_hash
from audit.receipt import MAX_BATCH, Receipt
from audit.wal import Wal

__all__ = ["Committer", "Waiting"]

_BATCH_BYTES = 4_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """One entry on its way, and everyone who waits for it."""

    entry: Stored
    futures: list[asyncio.Future[Receipt]] = field(default_factory=list)

    def wait(self) -> asyncio.Future[Receipt]:
        """Return a future of one waiter's own: to cancel it disturbs nobody else."""
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self.futures.append(future)
        return future

    def resolve(self, receipt: Receipt) -> None:
        """Give the receipt to everyone who still waits."""
        for future in self.futures:
            if not future.done():
                future.set_result(receipt)

    def fail(self, error: LogError) -> None:
        """Tell everyone who still waits that nothing was recorded for them."""
        for future in self.futures:
            if not future.done():
                future.set_exception(error)


class Committer:
    """Forms batches and commits one at a time, in the order of arrival."""

    def __init__(
        self,
        *,
        wal: Wal,
        keys: LogKeys,
        size: int,
        now_ms: Callable[[], int],
        committed: Callable[[Batch], None],
        ended: Callable[[list[Waiting], LogError | None], None],
    ) -> None:
        self._wal = wal
        self._keys = keys
        self._now_ms = now_ms
        self._committed = committed
        self._ended = ended
        self._queue: deque[Waiting] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log-commit")
        self._flight: asyncio.Future[None] | None = None
        self._scheduled = False
        self.outstanding = 0
        """Entries that wait or are being written."""
        self.size = size
        """Entries that are durable."""

    def submit(self, waiting: Waiting) -> None:
        """Queue one entry."""
        self._queue.append(waiting)
        self.outstanding += 1
        if self._flight is None and not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._scheduled = False
        if self._flight is not None or not self._queue:
            return
        taken = self._take()
        # Hashing and signing happen here: two cores share one interpreter lock, and
        # a thread that has to win it back for every hash is late.
        batch = self._batch(taken)
        receipts = batch.receipts(origin=self._keys.origin, signer=self._keys.receipt)
        loop = asyncio.get_running_loop()
        self._flight = loop.run_in_executor(self._thread, self._wal.append, batch)
        self._flight.add_done_callback(
            lambda future: self._landed(taken, batch, receipts, future)
        )

    def _batch(self, taken: list[Waiting]) -> Batch:
        entries = tuple(waiting.entry for waiting in taken)
        return Batch(
            first=self.size,
            ms=self._now_ms(),
            entries=entries,
            hashes=tuple(leaf_hash(entry.leaf) for entry in entries),
        )

    def _take(self) -> list[Waiting]:
        taken: list[Waiting] = []
        room = _BATCH_BYTES
        while self._queue and len(taken) < MAX_BATCH and room > 0:
            waiting = self._queue.popleft()
            room -= len(waiting.entry.leaf) + len(waiting.entry.record)
            room -= sum(map(len, waiting.entry.files.values()))
            taken.append(waiting)
        return taken

    def _landed(
        self,
        taken: list[Waiting],
        batch: Batch,
        receipts: list[Receipt],
        future: asyncio.Future[None],
    ) -> None:
        self._flight = None
        self.outstanding -= len(taken)
        error = _failure(future)
        if error is None:
            self.size = batch.end
            self._committed(batch)
            self._ended(taken, None)
            for waiting, receipt in zip(taken, receipts, strict=True):
                waiting.resolve(receipt)
        else:
            self._ended(taken, error)
            for waiting in taken:
                waiting.fail(error)
        self._flush()

    def refuse_all(self, error: LogError) -> None:
        """Fail everything that still waits."""
        refused = list(self._queue)
        self._queue.clear()
        self.outstanding -= len(refused)
        self._ended(refused, error)
        for waiting in refused:
            waiting.fail(error)

    async def drain(self) -> None:
        """Return when nothing waits any more."""
        while self._flight is not None or self._queue:
            if self._flight is not None:
                await asyncio.wait([self._flight])
            else:
                await asyncio.sleep(0)

    def stop(self) -> None:
        """End the thread; blocks until it did."""
        self._thread.shutdown(wait=True)


def _failure(future: asyncio.Future[None]) -> LogError | None:
    error = future.exception()
    if error is None or isinstance(error, LogError):
        return error
    # Not foreseen: nobody knows how far the write came.
    return LogFailed(f"commit: {type(error).__name__}")
