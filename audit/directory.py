"""A log in a directory: one process writes it, one machine has it.

Folder, lock, recovery, and what runs on top; together they keep the contract.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from audit.batch import Batch
from audit.charter import check_state, new_state
from audit.contract import Parts, Settings
from audit.disk import Faults, replace, sync_folder, write_once
from audit.elsewhere import compare
from audit.encoding import Json, encode
from audit.entry import Known
from audit.errors import LogFailed, LogFull
from audit.folder import Folder
from audit.frames import frame
from audit.history import History, read_past
from audit.integrator import Integrator, append
from audit.keyring import Keyring
from audit.memory import Memory, remembered
from audit.notary import Notary
from audit.recovery import Recovered, recover
from audit.stored import stored_leaves
from audit.treefile import read_file
from audit.wal import NO_ROOM, Wal

__all__ = ["Directory"]


@dataclass(frozen=True, slots=True)
class Directory:
    """The folder that a log lies in."""

    root: Path

    def assemble(
        self, settings: Settings, *, create: bool = False, rotating: bool = False
    ) -> Parts:
        """Make or read back the log; see :class:`audit.contract.Place`."""
        folder = Folder(root=self.root)
        try:
            _prepare(folder, settings, create=create, rotating=rotating)
            lock = folder.lock()
            try:
                return _read_back(folder, settings, lock)
            except BaseException:
                os.close(lock)
                raise
        except OSError as error:
            if error.errno in NO_ROOM:
                raise LogFull("no room to open the log") from None
            where = error.filename or self.root
            raise LogFailed(f"opening the log: {where}: {error.strerror}") from None


def _prepare(
    folder: Folder, settings: Settings, *, create: bool, rotating: bool
) -> None:
    state = new_state(settings.origin, settings.keys, settings.public_delay_ms)
    if create:
        folder.create(state, settings.faults)
        return
    found = folder.read_state()
    check_state(found, state, rotating=rotating, where="this folder")
    if found.get("public_delay_ms") != settings.public_delay_ms:
        folder.write_state({**found, **state}, settings.faults)


def _read_back(folder: Folder, settings: Settings, lock: int) -> Parts:
    keys, faults = folder.keyring(), settings.faults
    wal = Wal(folder=folder.wal, faults=faults)
    memory = Memory(origin=settings.origin, signer=settings.keys.receipt)
    found = recover(folder, wal=wal, memory=memory, keys=keys)
    compare(
        settings.said,
        keys,
        origin=settings.origin,
        size=found.size,
        root_at=found.root_at,
    )
    integrator = _integrator(folder, settings, found, wal, keys)
    now_ms = max(settings.clock.now_ms(), found.last_ms)
    # What was durable before a crash is published before anything new comes.
    integrator.run(found.batches, now_ms)
    memory.forget(now_ms)

    def close() -> None:
        wal.close()
        os.close(lock)

    return Parts(
        settings=settings,
        sequencer=_Sequencer(
            wal=wal, memory=memory, folder=folder, size=found.size, faults=faults
        ),
        publisher=integrator,
        shelf=_Shelf(folder=folder, files=integrator.files),
        charter=_Charter(folder=folder, files=integrator.files, faults=faults),
        size=found.size,
        last_ms=now_ms,
        close=close,
    )


def _integrator(
    folder: Folder, settings: Settings, found: Recovered, wal: Wal, keys: Keyring
) -> Integrator:
    return Integrator(
        folder=folder,
        notary=Notary(
            keys=settings.keys,
            keyring=keys,
            cosigner=settings.cosigner,
        ),
        edge=found.edge,
        wal=wal,
        history=History(
            path=folder.history,
            delay_ms=settings.public_delay_ms,
            kept=read_past(folder.history, keys),
            live=found.published,
            faults=settings.faults,
        ),
        published=found.published,
        files=found.files,
        pages=found.pages,
        faults=settings.faults,
    )


@dataclass(kw_only=True, slots=True)
class _Sequencer:
    """The write-ahead file, and what is remembered in memory."""

    wal: Wal
    memory: Memory
    folder: Folder
    size: int
    faults: Faults

    def sequence(self, batch: Batch) -> Batch:
        self.wal.append(batch)
        self.size = batch.end
        return batch

    def keep_epoch(self, epoch: bytes, document: bytes) -> None:
        try:
            replace(self.folder.epoch(epoch), document, faults=self.faults)
        except OSError as error:
            # Never used, so nothing depends on what the disk holds of it.
            raise LogFull(f"the epoch's keys: {error.strerror}") from None

    def recall(self, key: bytes) -> Known | None:
        return self.memory.known(key)

    def look_up(self, key: bytes, _now_ms: int) -> Known | None:
        return self.memory.known(key)

    def take_turn(self) -> tuple[int, int]:
        return 0, self.size  # it is always ours

    def learn(self, batch: Batch) -> None:
        page = remembered(batch)
        if page is not None:
            self.memory.learn(page)

    def forget(self, now_ms: int) -> None:
        self.memory.forget(now_ms)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shelf:
    """The folder's files."""

    folder: Folder
    files: dict[str, int]

    def read(self, path: str, size: int) -> bytes | None:
        return read_file(self.folder, path, size=size, files=self.files)

    def leaves(
        self, start: int = 0, end: int | None = None
    ) -> Iterator[tuple[int, bytes]]:
        return stored_leaves(self.folder, start, end)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Charter:
    """``state.json``, and the files that no entry brings."""

    folder: Folder
    files: dict[str, int]
    faults: Faults

    def read_state(self) -> dict[str, Json]:
        return self.folder.read_state()

    def write_state(self, state: Mapping[str, Json]) -> None:
        self.folder.write_state(state, self.faults)

    def keyring(self) -> Keyring:
        return self.folder.keyring()

    def attach(self, name: str, data: bytes, index: int) -> None:
        path = self.folder.live / name
        write_once(path, data, faults=self.faults)
        sync_folder(path.parent)
        sync_folder(self.folder.live)
        if name not in self.files:
            line = frame(encode({"index": index, "name": name}))
            append(self.folder.files, line, self.faults)
