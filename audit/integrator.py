"""Moves committed batches into the tree and signs its checkpoints.

The order is what makes a crash at any moment harmless: full tiles and bundles, then
what is remembered, then the partial tiles, then the checkpoint, and last the
write-ahead segments that are no longer needed. Every step may run twice.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from audit.batch import Batch
from audit.disk import Faults, replace, step, sync_folder, write_once
from audit.encoding import encode
from audit.errors import LogFailed, LogFull
from audit.folder import Folder
from audit.frames import frame
from audit.history import History, Past
from audit.leaf import hour_of
from audit.memory import KEPT_HOURS, remembered
from audit.notary import Notary
from audit.reading import FolderSource
from audit.regular import contents
from audit.tiles import ENTRIES, WIDTH, Tile, entry_pieces, pack_entries
from audit.tree import Tree
from audit.wal import NO_ROOM, Wal

__all__ = ["Edge", "Integrator", "append", "drop_outgrown", "pack_records"]

_LENGTH = 4


def pack_records(records: Sequence[bytes]) -> bytes:
    """Return the bytes of a file of sealed records."""
    return b"".join(_record_pieces(records))


def _record_pieces(records: Sequence[bytes]) -> list[bytes]:
    pieces: list[bytes] = []
    for record in records:
        pieces.append(len(record).to_bytes(_LENGTH, "big"))
        pieces.append(record)
    return pieces


@dataclass(kw_only=True, slots=True)
class Edge:
    """What is not in full tiles yet: the tree's edge, its leaves and records."""

    tree: Tree = field(default_factory=Tree)
    leaves: list[bytes] = field(default_factory=list)
    records: list[bytes] = field(default_factory=list)


class Integrator:
    """Runs in one thread at a time; keeps what failed to be written and tries again."""

    def __init__(
        self,
        *,
        folder: Folder,
        notary: Notary,
        edge: Edge,
        wal: Wal,
        history: History,
        published: Past | None,
        files: dict[str, int],
        pages: set[int],
        faults: Faults,
    ) -> None:
        self._folder = folder
        self._notary = notary
        self._edge = edge
        self._wal = wal
        self._history = history
        self._faults = faults
        self._pages = pages
        self._writes: deque[tuple[Path, list[bytes]]] = deque()
        self._lines: deque[tuple[Path, bytes]] = deque()
        self._folders: set[Path] = set()
        self._grown: dict[Path, None] = {}
        """Tiles written since the last checkpoint, each once, however often that is
        tried; smaller ones may lie beside them."""
        self.files = files
        """Which entry brought each public file."""
        self.published = published
        """The live checkpoint; none only before the first run of a new log."""

    @property
    def follows(self) -> bool:
        """Nobody else writes a log in a directory."""
        return False

    @property
    def live(self) -> Past:
        """The live checkpoint; there is one from the first run on."""
        return cast("Past", self.published)

    def public(self, now_ms: int) -> Past:
        """Return the newest checkpoint that is older than the public delay."""
        return self._history.public(now_ms)

    def run(self, batches: Sequence[Batch], now_ms: int) -> None:
        """Integrate batches and publish a checkpoint, dated ``now_ms``, of them all.

        ``now_ms`` must be read before ``batches`` were collected: a checkpoint holds
        all that was committed before its time.

        Raises:
            LogFull: no room; what is left is done at the next call.
            LogFailed: a step failed, or stored content conflicts.
        """
        for batch in batches:
            self._absorb(batch)
        try:
            with step(self._faults, "integrate"):
                self._write()
            if self.published is None or self.published.size != self._edge.tree.size:
                with step(self._faults, "publish"):
                    self._publish(now_ms)
            elif self._notary.lacking(self.published):
                self._renew(self.published)
        except OSError as error:
            if error.errno in NO_ROOM:
                raise LogFull("no room for the tree") from None
            raise LogFailed(f"the tree: {error.strerror}") from None

    def _absorb(self, batch: Batch) -> None:
        folder, edge = self._folder, self._edge
        bundle = (edge.tree.size - len(edge.leaves)) // WIDTH
        for place, entry in enumerate(batch.entries):
            edge.leaves.append(entry.leaf)
            edge.records.append(entry.record)
            for name, data in entry.files.items():
                self._attach(batch.first + place, name, data)
            if len(edge.leaves) == WIDTH:
                tile = Tile(level=ENTRIES, index=bundle)
                # In pieces: the records of long pages are some hundred KiB each.
                self._writes.append((folder.tile(tile), entry_pieces(edge.leaves)))
                sealed = folder.sealed(bundle), _record_pieces(edge.records)
                self._writes.append(sealed)
                self._grown[folder.tile(tile)] = None
                edge.leaves.clear()
                edge.records.clear()
                bundle += 1
        for tile, data in edge.tree.add(batch.hashes):
            self._writes.append((folder.tile(tile), [data]))
            self._grown[folder.tile(tile)] = None
        page = None if batch.first in self._pages else remembered(batch)
        if page is not None:
            path = folder.dedup / str(hour_of(batch.ms))
            self._lines.append((path, frame(page.pack())))

    def _attach(self, index: int, name: str, data: bytes) -> None:
        self._writes.append((self._folder.live / name, [data]))
        if name not in self.files:
            line = frame(encode({"index": index, "name": name}))
            self._lines.append((self._folder.files, line))
            self.files[name] = index

    def _write(self) -> None:
        """Make durable what never changes again."""
        while self._writes:
            path, pieces = self._writes[0]
            write_once(path, *pieces, faults=self._faults)
            self._folders.add(path.parent)
            self._writes.popleft()
        for path in sorted(self._folders):
            sync_folder(path)
        self._folders.clear()
        while self._lines:
            path, data = self._lines[0]
            append(path, data, self._faults)
            self._lines.popleft()

    def _publish(self, now_ms: int) -> None:
        tree = self._edge.tree
        self._write_partial()
        past = self._cosigned(self._sign(now_ms))
        replace(self._folder.checkpoint, past.note, faults=self._faults)
        self.published = past
        self._history.add(past)
        self._tidy(tree.size, now_ms)

    def _sign(self, now_ms: int) -> Past:
        """Sign the tree; what witnesses will be shown is kept before they see it."""
        tree, path = self._edge.tree, self._folder.signed
        shown = contents(path) if path.exists() else b""
        past = self._notary.sign(
            size=tree.size,
            root=tree.root(),
            now_ms=now_ms,
            before=self.published,
            shown=shown,
        )
        if self._notary.cosigner is not None and past.note != shown:
            replace(path, past.note, faults=self._faults)
        return past

    def _cosigned(self, past: Past) -> Past:
        tree = self._edge.tree
        live = FolderSource(self._folder.live)
        return self._notary.cosigned(past, live, lambda: tree.size)

    def _renew(self, past: Past) -> None:
        """Ask again for what the live checkpoint lacks, and add what comes."""
        renewed = self._cosigned(past)
        if renewed.note != past.note:
            replace(self._folder.checkpoint, renewed.note, faults=self._faults)
            self.published = renewed
            self._history.renew(renewed)

    def _write_partial(self) -> None:
        # Not synced: a crash loses them, and recovery writes them again.
        edge = self._edge
        partial = edge.tree.partial()
        if edge.leaves:
            index, width = edge.tree.size // WIDTH, len(edge.leaves)
            tile = Tile(level=ENTRIES, index=index, width=width)
            partial.append((tile, pack_entries(edge.leaves)))
        for tile, data in partial:
            path = self._folder.tile(tile)
            path.parent.mkdir(parents=True, exist_ok=True)
            replace(path, data, faults=self._faults, sync=False)
            self._grown[path] = None

    def _tidy(self, size: int, now_ms: int) -> None:
        """Delete what the new checkpoint made useless; failing here loses nothing."""
        grown, self._grown = self._grown, {}
        for path in grown:
            drop_outgrown(path)
        with step(self._faults, "tidy"):
            self._wal.drop_before(size // WIDTH * WIDTH)
        oldest = hour_of(now_ms) - KEPT_HOURS
        for path in self._folder.dedup.iterdir():
            if int(path.name) < oldest:
                path.unlink()


def drop_outgrown(path: Path) -> None:
    """Remove partial tiles that the tile at ``path`` has all of."""
    partial = path.parent.suffix == ".p"
    folder = path.parent if partial else path.with_name(f"{path.name}.p")
    with contextlib.suppress(FileNotFoundError):
        for other in folder.iterdir():
            if not partial or (
                other.name.isdigit() and int(other.name) < int(path.name)
            ):
                other.unlink()
        if not partial:
            folder.rmdir()


def append(path: Path, data: bytes, faults: Faults) -> None:
    """Append a frame durably, or leave the file as it was."""
    with path.open("ab") as file:
        length = file.tell()
        try:
            with step(faults, f"append {path.name}"):
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), length)
            raise
