"""The log: takes entries, makes them durable, publishes the tree.

``append`` is the only way in and returns when the entry is durable. Whatever fails
ends in a refusal: an error of :mod:`audit.errors` that says whether to try again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Self, cast

from audit.assembly import Parts, Settings, WallClock, assemble
from audit.batch import Batch, Stored, basis_of
from audit.commit import Committer, Waiting
from audit.disk import Faults, no_faults, replace
from audit.entry import DIGEST, Dedup, Entry, Known
from audit.errors import (
    DedupConflict,
    InvalidEntry,
    LogClosed,
    LogError,
    LogFailed,
    LogFull,
    LogLate,
    LogOverloaded,
)
from audit.folder import check_attachments
from audit.keyfiles import Auditor, LogKeys
from audit.leaf import build, hour_of, hour_text
from audit.memory import remembered
from audit.publication import Publication
from audit.receipt import Receipt
from audit.sealing import Epoch
from audit.view import LogView

__all__ = ["Log"]


class _Opening:
    """``await Log.open(...)`` or ``async with Log.open(...) as log``."""

    def __init__(self, settings: Settings, *, create: bool) -> None:
        self._settings = settings
        self._create = create
        self._log: Log

    async def _open(self) -> Log:
        parts = await asyncio.to_thread(assemble, self._settings, create=self._create)
        return Log(parts)

    def __await__(self) -> Generator[None, None, Log]:
        return self._open().__await__()

    async def __aenter__(self) -> Log:
        self._log = await self._open()
        return self._log

    async def __aexit__(self, *_: object) -> None:
        await self._log.close()


class Log(LogView):
    """An append-only log in a folder of its own: one writer, one event loop."""

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        origin: str,
        keys: LogKeys,
        auditors: Sequence[Auditor],
        clock: WallClock,
        public_delay_s: float = 3600,
        checkpoint_interval_s: float = 0.25,
        create: bool = False,
        max_outstanding: int = 4096,
        fault_hooks: Faults = no_faults,
    ) -> _Opening:
        """Open the log in a folder, or with ``create`` make the first one there.

        To be awaited, or entered with ``async with``, and closed.

        Raises:
            KeyFileRefused: no auditor is named, or the keys are another log's.
            LogMissing: there is no log; maybe a lost disk, so none is made.
            LogExists: ``create`` where there is one; a second would be a fork.
            LogLocked: another process writes it.
            LogDamaged: what is stored does not read or is not what was signed.
            LogBehind: less is stored than was signed.
            LogFull: there is no room to begin.
        """
        settings = Settings(
            directory=directory,
            origin=origin,
            keys=keys,
            auditors=tuple(auditors),
            clock=clock,
            public_delay_ms=round(1000 * public_delay_s),
            checkpoint_interval_s=checkpoint_interval_s,
            max_outstanding=max_outstanding,
            faults=fault_hooks,
        )
        return _Opening(settings, create=create)

    def __init__(self, parts: Parts) -> None:
        """Begin to take entries; on the running event loop. See :meth:`open`."""
        super().__init__(parts)
        self._closed = False
        self._failure: LogError | None = None
        self._epoch: Epoch | None = None
        self._turning = asyncio.Lock()
        self._pending: dict[bytes, Waiting] = {}
        self._publication = Publication(
            integrator=parts.integrator,
            interval_s=parts.settings.checkpoint_interval_s,
            now_ms=self._tick,
            failed=self._fail,
        )
        self._committer = Committer(
            wal=parts.wal,
            keys=parts.settings.keys,
            size=parts.size,
            now_ms=self._tick,
            committed=self._committed,
            ended=self._ended,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def size(self) -> int:
        """How many entries are durable."""
        return self._committer.size

    @property
    def failed(self) -> bool:
        """Whether the log stopped for ever; only a restart goes on."""
        return self._failure is not None

    # --- adding -----------------------------------------------------------

    async def append(self, entry: Entry) -> Receipt:
        """Add an entry; return its receipt when it is durable.

        With a dedup key that is known, and equal digests, the first entry's receipt
        is returned and nothing is added.

        Raises:
            InvalidEntry: the entry can't be written as it is.
            DedupConflict: the key stands for another request or other content.
            LogOverloaded: too many wait; try again later.
            LogFull: no room; nothing was recorded; it heals when there is.
            LogLate: the instant before which it was to be written is past.
            LogFailed: the log stopped; what was being written may or may not stand.
            LogClosed: the program is stopping.
        """
        self._refuse()
        check_attachments(entry.attachments)
        epoch = await self._current_epoch()
        # From here to the queue there is no wait: nobody can take the key between.
        if entry.dedup is not None:
            earlier = self._earlier(entry.dedup)
            if isinstance(earlier, Receipt):
                return earlier
            if earlier is not None:
                return await self._same(entry.dedup, earlier)
        at_ms = self._tick()
        if entry.before_ms is not None and at_ms >= entry.before_ms:
            raise LogLate("the entry was to be written before an instant that is past")
        built = build(entry, at_ms=at_ms, hour=hour_text(at_ms), epoch=epoch)
        stored = Stored(
            leaf=built.leaf,
            record=built.record,
            at_ms=at_ms,
            dedup=entry.dedup,
            files=entry.attachments,
            basis=b"" if entry.dedup is None else basis_of(entry.public),
        )
        waiting = Waiting(entry=stored)
        if entry.dedup is not None:
            self._pending[entry.dedup.key] = waiting
        future = waiting.wait()
        self._committer.submit(waiting)
        return await future

    def _refuse(self) -> None:
        if self._failure is not None:
            raise LogFailed(str(self._failure))
        if self._closed:
            raise LogClosed("the log is closed")
        if self._publication.full:
            raise LogFull("no room for the tree")
        if self._committer.outstanding >= self._settings.max_outstanding:
            raise LogOverloaded(f"{self._committer.outstanding} entries wait")

    async def _same(self, dedup: Dedup, earlier: Waiting) -> Receipt:
        """Return the receipt of an entry that was on its way under the same key."""
        receipt = await earlier.wait()
        if earlier.entry.dedup == dedup:
            return receipt
        known = self._parts.memory.known(dedup.key)
        raise DedupConflict(cast("Known", known))  # it was committed this moment

    def _earlier(self, dedup: Dedup) -> Receipt | Waiting | None:
        """Return what stands, or is on its way, under a key; refuse if it differs."""
        if {len(dedup.key), len(dedup.request), len(dedup.content)} != {DIGEST}:
            raise InvalidEntry("a dedup digest that is not 32 bytes")
        known = self._parts.memory.known(dedup.key)
        if known is None:
            return self._pending.get(dedup.key)
        if (known.request, known.content) != (dedup.request, dedup.content):
            raise DedupConflict(known)
        return known.receipt

    async def _current_epoch(self) -> Epoch:
        hour = hour_of(self._now())
        if self._epoch is not None and self._epoch.hour == hour:
            return self._epoch
        async with self._turning:
            hour = hour_of(self._now())
            if self._epoch is None or self._epoch.hour != hour:
                self._epoch = await asyncio.to_thread(self._new_epoch, hour)
            self._parts.memory.forget(self._now())
            self._refuse()
            return self._epoch

    def _new_epoch(self, hour: int) -> Epoch:
        settings = self._settings
        epoch = Epoch(origin=settings.origin, auditors=settings.auditors, hour=hour)
        path = self._parts.folder.epoch(epoch.id)
        try:
            replace(path, epoch.document, faults=settings.faults)
        except OSError as error:
            # Never used, so nothing depends on what the disk holds of it.
            raise LogFull(f"the epoch's keys: {error.strerror}") from None
        return epoch

    # --- time and events ---------------------------------------------------

    def _tick(self) -> int:
        self.last_ms = self._now()
        return self.last_ms

    def _committed(self, batch: Batch) -> None:
        page = remembered(batch)
        if page is not None:
            self._parts.memory.learn(page)
        self._publication.add(batch)

    def _ended(self, taken: Sequence[Waiting], error: LogError | None) -> None:
        for waiting in taken:
            if waiting.entry.dedup is not None:
                self._pending.pop(waiting.entry.dedup.key, None)
        if isinstance(error, LogFailed):
            self._fail(error)

    def _fail(self, error: LogError) -> None:
        if self._failure is None:
            self._failure = error
            self._committer.refuse_all(LogFailed(str(error)))

    # --- ending ---------------------------------------------------------------

    async def settle(self) -> None:
        """Integrate what is durable now and publish its checkpoint."""
        await self._publication.settle()

    async def close(self) -> None:
        """Finish what was taken, publish it, and give up the lock."""
        if self._closed:
            return
        self._closed = True
        await self._committer.drain()
        try:
            if self._failure is None:
                await self.settle()
        except LogError as error:
            self._fail(error)
        finally:
            await self._publication.stop()
            await asyncio.to_thread(self._release)

    def _release(self) -> None:
        self._committer.stop()
        self._parts.wal.close()
        os.close(self._parts.lock)
