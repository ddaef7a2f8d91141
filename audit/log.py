"""The log: takes entries, makes them durable, publishes the tree.

``append`` is the only way in and returns when the entry is durable. Whatever fails
ends in a refusal: an error of :mod:`audit.errors` that says whether to try again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from audit.batch import Batch, Stored, basis_of
from audit.commit import Committer, Waiting
from audit.contract import Parts, Place, Settings, TimeMoved, WallClock
from audit.cosigning import Cosigner
from audit.directory import Directory
from audit.disk import Faults, no_faults
from audit.elsewhere import Said
from audit.entry import DIGEST, Dedup, Entry
from audit.errors import (
    DedupConflict,
    InvalidEntry,
    LogBehind,
    LogClosed,
    LogError,
    LogFailed,
    LogForked,
    LogFull,
    LogLate,
    LogOverloaded,
)
from audit.folder import check_attachments
from audit.keyfiles import Auditor, LogKeys
from audit.leaf import build, hour_of, hour_text
from audit.publication import Publication
from audit.readback import Opening
from audit.receipt import Receipt
from audit.sealing import Epoch
from audit.view import LogView

__all__ = ["Log"]

_FOR_EVER = (LogFailed, LogBehind, LogForked)
"""After one of these nothing more is written."""


class Log(LogView):
    """An append-only log in a store of its own; for one event loop."""

    @classmethod
    def open(
        cls,
        place: Path | Place,
        *,
        origin: str,
        keys: LogKeys,
        auditors: Sequence[Auditor],
        clock: WallClock,
        public_delay_s: float = 3600,
        checkpoint_interval_s: float = 0.25,
        create: bool = False,
        max_outstanding: int = 4096,
        said: Sequence[Said] = (),
        cosigner: Cosigner | None = None,
        fault_hooks: Faults = no_faults,
    ) -> Opening[Log]:
        """Open the log in a folder or another place, or with ``create`` begin it there.

        ``said`` is what others have of this log: the store must continue all of it.
        ``cosigner`` has witnesses sign each checkpoint before it is published.
        To be awaited, or entered with ``async with``, and closed.

        Raises:
            KeyFileRefused: as ``Settings`` says, or the store is of another log.
            LogMissing: there is no log; maybe a lost disk, so none is made.
            LogExists: ``create`` where there is one; a second would be a fork.
            LogLocked: another process writes it.
            LogDamaged: what is stored does not read or is not what was signed.
            LogBehind: less is stored than was signed.
            LogForked: something else is stored than was signed.
            LogFull, LogUnavailable: no room to begin, or no answer from the store.
        """
        settings = Settings(
            origin=origin,
            keys=keys,
            auditors=tuple(auditors),
            clock=clock,
            public_delay_ms=round(1000 * public_delay_s),
            checkpoint_interval_s=checkpoint_interval_s,
            max_outstanding=max_outstanding,
            faults=fault_hooks,
            said=tuple(said),
            cosigner=cosigner,
        )
        there = Directory(place) if isinstance(place, Path) else place
        return Opening(cls, there, settings, create=create)

    def __init__(self, parts: Parts) -> None:
        """Begin to take entries; on the running event loop. See :meth:`open`."""
        super().__init__(parts)
        self._closed = False
        self._failure: LogError | None = None
        self._epoch: Epoch | None = None
        self._turning = asyncio.Lock()
        self._pending: dict[bytes, Waiting] = {}
        self._publication = Publication(
            publisher=parts.publisher,
            interval_s=parts.settings.checkpoint_interval_s,
            now_ms=self._tick,
            failed=self._fail,
            published=self._look,
        )
        if parts.unfinished:
            self._publication.run_later()
        self._committer = Committer(
            sequence=parts.sequencer.sequence,
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
        """How many entries are durable, as far as this process knows."""
        return max(self._committer.size, self._parts.publisher.live.size)

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
            LogUnavailable: no answer from the store; the entry may stand; it heals.
            LogLate: the instant before which it was to be written is past.
            TurnLost: its turn was taken by another process; nothing was recorded.
            LogFailed, LogBehind, LogForked: the log stopped; as above, for ever.
            LogClosed: the program is stopping.
        """
        check_attachments(entry.attachments)
        while True:
            try:
                return await self._append(entry)
            except TimeMoved as moved:
                self._stands(moved.ms)

    async def _append(self, entry: Entry) -> Receipt:
        self._refuse()
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
            turn=entry.turn,
        )
        waiting = Waiting(entry=stored)
        if entry.dedup is not None:
            self._pending[entry.dedup.key] = waiting
        future = waiting.wait()
        self._committer.submit(waiting)
        return await future

    async def take_turn(self) -> tuple[int, int]:
        """Take the turn among all that write this log; for who reads before it writes.

        Returns its number, for :class:`Entry`, and how many entries there are to read.

        Raises:
            LogUnavailable: nobody can tell just now.
        """
        return await asyncio.to_thread(self._parts.sequencer.take_turn)

    def _refuse(self) -> None:
        if self._failure is not None:
            raise type(self._failure)(str(self._failure))
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
        raise DedupConflict(earlier.entry.known(receipt))

    def _earlier(self, dedup: Dedup) -> Receipt | Waiting | None:
        """Return what stands, or is on its way, under a key; refuse if it differs."""
        if {len(dedup.key), len(dedup.request), len(dedup.content)} != {DIGEST}:
            raise InvalidEntry("a dedup digest that is not 32 bytes")
        known = self._parts.sequencer.recall(dedup.key)
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
            self._parts.sequencer.forget(self._now())
            self._refuse()
            return self._epoch

    def _new_epoch(self, hour: int) -> Epoch:
        settings = self._settings
        epoch = Epoch(origin=settings.origin, auditors=settings.auditors, hour=hour)
        self._parts.sequencer.keep_epoch(epoch.id, epoch.document)
        return epoch

    # --- time and events ---------------------------------------------------

    def _tick(self) -> int:
        self.last_ms = self._now()
        return self.last_ms

    def _committed(self, batch: Batch) -> None:
        self._stands(batch.ms)
        self._parts.sequencer.learn(batch)
        self._publication.add(batch)

    def _ended(self, taken: Sequence[Waiting], error: LogError | None) -> None:
        for waiting in taken:
            if waiting.entry.dedup is not None:
                self._pending.pop(waiting.entry.dedup.key, None)
        if isinstance(error, _FOR_EVER):
            self._fail(error)

    def _fail(self, error: LogError) -> None:
        if self._failure is None:
            self._failure = error
            self._committer.refuse_all(type(error)(str(error)))

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
            await asyncio.to_thread(self._committer.stop)
            await asyncio.to_thread(self._parts.close)
