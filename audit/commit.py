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
from audit.contract import Returned
from audit.errors import LogError, LogFailed
from audit.keyfiles import LogKeys
from audit.merkle import leaf_hash
from audit.receipt import MAX_BATCH, Receipt

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

    def release(self, receipt: Receipt) -> None:
        """Give the receipt to everyone who still waits: the entry is durable."""
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
        sequence: Callable[[Batch], Batch],
        keys: LogKeys,
        size: int,
        now_ms: Callable[[], int],
        committed: Callable[[Batch], None],
        ended: Callable[[list[Waiting], LogError | None], None],
    ) -> None:
        self._sequence = sequence
        self._keys = keys
        self._now_ms = now_ms
        self._committed = committed
        self._ended = ended
        self._queue: deque[Waiting] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log-commit")
        self._flight: asyncio.Future[Batch] | None = None
        self._scheduled = False
        self.outstanding = 0
        """Entries that wait or are being written."""
        self.size = size
        """Entries that are durable, as far as this process knows."""

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
        # a thread that has to win it back for every hash is late. Whoever writes a log
        # alone knows the index that the batch will get.
        batch = self._batch(taken)
        receipts = self._receipts(batch)
        loop = asyncio.get_running_loop()
        self._flight = loop.run_in_executor(self._thread, self._sequence, batch)
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

    def _receipts(self, batch: Batch) -> list[Receipt]:
        return batch.receipts(origin=self._keys.origin, signer=self._keys.receipt)

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
        future: asyncio.Future[Batch],
    ) -> None:
        self._flight = None
        self.outstanding -= len(taken)
        error = _failure(future)
        if error is None:
            stands = future.result()
            if stands is not batch:  # others write this log too
                receipts = self._receipts(stands)
            self.size = stands.end
            self._committed(stands)
            self._ended(taken, None)
            for waiting, receipt in zip(taken, receipts, strict=True):
                waiting.release(receipt)
        elif isinstance(error, Returned):
            self._return(taken, error)
        else:
            self._ended(taken, error)
            for waiting in taken:
                waiting.fail(error)
        self._flush()

    def _return(self, taken: list[Waiting], error: Returned) -> None:
        """Give those their answer who have one; the rest goes first next time."""
        answered = [taken[place] for place in error.answers]
        self._ended(answered, None)
        for waiting, answer in zip(answered, error.answers.values(), strict=True):
            if isinstance(answer, LogError):
                waiting.fail(answer)
            else:
                waiting.release(answer)
        rest = [one for place, one in enumerate(taken) if place not in error.answers]
        self._queue.extendleft(reversed(rest))
        self.outstanding += len(rest)

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


def _failure(future: asyncio.Future[Batch]) -> LogError | None:
    error = future.exception()
    if error is None or isinstance(error, LogError):
        return error
    # Not foreseen: nobody knows how far the write came.
    return LogFailed(f"commit: {type(error).__name__}")
