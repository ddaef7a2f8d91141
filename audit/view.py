"""What an open log shows: its two faces, its leaves, what it remembers."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from audit.assembly import Parts
from audit.encoding import Json
from audit.entry import Known
from audit.proof import Proof, prove, subtrees
from audit.stored import stored_leaves
from audit.tiles import Tile
from audit.treefile import read_file

__all__ = ["LogView"]


class LogView:
    """The reading half of a log."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._settings = parts.settings
        self.last_ms = parts.last_ms
        """Time of the last entry or commit in Unix ms; it never runs back."""

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._settings.origin

    def _now(self) -> int:
        return max(self._settings.clock.now_ms(), self.last_ms)

    def known(self, key: bytes) -> Known | None:
        """Return what was committed under a dedup key in the last 24 hours."""
        return self._parts.memory.known(key)

    def checkpoint(self) -> bytes:
        """Return the live checkpoint."""
        return self._parts.integrator.live.note

    def public_checkpoint(self) -> bytes:
        """Return the checkpoint that the public sees."""
        return self._parts.history.public(self._now()).note

    def read(self, path: str, *, public: bool = False) -> bytes | None:
        """Return a file of the live or the public tree; none if it is not in it.

        ``path`` is one of ``checkpoint``, ``tile/...``, ``acts/...``,
        ``manifest/...``, ``schema/...``, ``policy/...``. Reads the disk: call
        it from a thread.
        """
        integrator, history = self._parts.integrator, self._parts.history
        view = history.public(self._now()) if public else integrator.live
        if path == "checkpoint":
            return view.note
        return read_file(
            self._parts.folder, path, size=view.size, files=integrator.files
        )

    def proof(self, index: int, leaf_hash: bytes) -> Proof | None:
        """Return the proof of an entry, for who holds its receipt.

        None if the live checkpoint has no entry there, or another than the one with
        this hash: both are the same to who asks. Reads the disk: call it from a
        thread.

        Raises:
            ProofInvalid, Malformed: the stored tiles do not read.
        """
        live, source = self._parts.integrator.live, _Live(self)
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
        for index, leaf in stored_leaves(self._parts.folder, start, end):
            # Most leaves are skipped by their bytes alone.
            if not marks or any(mark in leaf for mark in marks):
                members = json.loads(leaf)
                if not marks or members.get("ev") in ev:
                    yield index, members


class _Live:
    """The live tree as verifiers read one. It may grow: what it has had, it has."""

    def __init__(self, view: LogView) -> None:
        self._view = view

    def read(self, path: str) -> bytes | None:
        return self._view.read(path)

    def wider(self, _tile: Tile) -> None:
        """Return none: a narrower tile is cut where it is read."""

    def files(self) -> Iterator[str]:
        yield from ()

    def tiles(self) -> Iterator[Tile]:
        yield from ()
