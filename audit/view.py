"""What an open log shows: its two faces, its leaves, what it remembers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator

from audit.contract import News, Parts
from audit.encoding import Json
from audit.entry import Known
from audit.errors import LogUnavailable
from audit.proof import Proof, prove, subtrees
from audit.reading import LiveSource, Source

__all__ = ["LogView"]

_APART_MS = 300_000
"""How far one process may be ahead of the others before it is set right."""


class LogView:
    """The reading half of a log."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._settings = parts.settings
        self.last_ms = parts.last_ms
        """Time of the last entry or commit in Unix ms; it never runs back."""
        self.stands_ms = parts.last_ms
        """The same of what is known to be written, by whomever."""

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._settings.origin

    @property
    def unwitnessed_since_ms(self) -> int | None:
        """Since when the newest entries lack a quorum of witnesses (Unix ms).

        None if a quorum has signed all there is, or none is asked for.
        """
        watch = self._parts.watch
        return None if watch is None else watch.since_ms

    def _look(self) -> bool:
        """Look at what was just published; whether there is more to do. Blocks."""
        watch = self._parts.watch
        return watch is not None and watch.look(self._parts.publisher.live)

    def _stands(self, ms: int) -> None:
        self.stands_ms = max(self.stands_ms, ms)
        self.last_ms = max(self.last_ms, ms)

    def _now(self) -> int:
        now_ms = self._settings.clock.now_ms()
        if self.shared and self.last_ms - now_ms > _APART_MS:
            # Our clock was wrong, and is right again: what was never written binds
            # nobody. What was is known to the store, which lets no time run back.
            self.last_ms = max(self.stands_ms, self._parts.publisher.live.ms)
        return max(now_ms, self.last_ms)

    async def known(self, key: bytes) -> Known | None:
        """Return what was committed under a dedup key in the last 24 hours.

        Raises:
            LogUnavailable: nobody can tell just now.
        """
        sequencer = self._parts.sequencer
        known = sequencer.recall(key)
        if known is not None or not self._parts.publisher.follows:
            return known
        return await asyncio.to_thread(sequencer.look_up, key, self._now())

    def checkpoint(self) -> bytes:
        """Return the live checkpoint."""
        return self._parts.publisher.live.note

    def public_checkpoint(self) -> bytes:
        """Return the checkpoint that the public sees."""
        return self._parts.publisher.public(self._now()).note

    def read(self, path: str, *, public: bool = False) -> bytes | None:
        """Return a file of the live or the public tree; none if it is not in it.

        ``path`` is one of ``checkpoint``, ``tile/...``, ``acts/...``,
        ``manifest/...``, ``schema/...``, ``policy/...``. Reads the disk: call
        it from a thread.
        """
        publisher = self._parts.publisher
        view = publisher.public(self._now()) if public else publisher.live
        if path == "checkpoint":
            return view.note
        return self._parts.shelf.read(path, view.size)

    @property
    def shared(self) -> bool:
        """Whether other processes may write this log at the same time."""
        return self._parts.others is not None

    async def news(self, start: int, kind: str) -> News:
        """Return the files of a kind that entries from ``start`` on brought.

        For a log that others write too. Its size is that of the same moment, so that
        who goes on from there misses none.

        Raises:
            LogUnavailable: nobody can tell just now.
        """
        others = self._parts.others
        if others is None:
            raise LogUnavailable("nobody else writes this log")
        return await asyncio.to_thread(others.since, start, kind)

    def attached(self, path: str, index: int) -> bytes | None:
        """Return a public file that an entry brought, published or not yet.

        Reads the disk: call it from a thread.
        """
        return self._parts.shelf.read(path, index + 1)

    @property
    def tree(self) -> Source:
        """The live tree as verifiers read one. Reads the disk: use it in a thread."""
        return LiveSource(self.read)

    def proof(self, index: int, leaf_hash: bytes) -> Proof | None:
        """Return the proof of an entry, for who holds its receipt.

        None if the live checkpoint has no entry there, or another than the one with
        this hash: both are the same to who asks. Reads the disk: call it from a
        thread.

        Raises:
            ProofInvalid, Malformed: the stored tiles do not read.
        """
        live, source = self._parts.publisher.live, self.tree
        if not 0 <= index < live.size:
            return None
        if subtrees(source, live.size)(0, index) != leaf_hash:
            return None
        return prove(source, index, live.note, live.size)

    def leaves(
        self, start: int = 0, end: int | None = None, *, ev: Collection[str] = ()
    ) -> Iterator[tuple[int, dict[str, Json]]]:
        """Yield index and members of leaves, all or those with one of these ``ev``.

        Reads the disk: iterate in a thread.

        Raises:
            LogDamaged: something stored does not read.
        """
        marks = [b'"ev":"%b"' % each.encode() for each in ev]
        for index, leaf in self._parts.shelf.leaves(start, end):
            # Most leaves are skipped by their bytes alone.
            if not marks or any(mark in leaf for mark in marks):
                members = json.loads(leaf)
                if not marks or members.get("ev") in ev:
                    yield index, members
