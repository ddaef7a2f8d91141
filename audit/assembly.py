"""Puts a log together at start: folder, lock, recovery, and what runs on top."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from audit.disk import Faults
from audit.errors import KeyFileRefused, LogFailed, LogFull
from audit.folder import Folder
from audit.history import History, read_past
from audit.integrator import Integrator
from audit.keyfiles import Auditor, LogKeys
from audit.memory import Memory
from audit.recovery import Recovered, recover
from audit.wal import NO_ROOM, Wal

__all__ = ["Parts", "Settings", "WallClock", "assemble"]


class WallClock(Protocol):
    """What time it is; only wall time is asked for."""

    def now_ms(self) -> int:
        """Return Unix time in milliseconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What ``Log.open`` was asked for."""

    directory: Path
    origin: str
    keys: LogKeys
    auditors: tuple[Auditor, ...]
    clock: WallClock
    public_delay_ms: int
    checkpoint_interval_s: float
    max_outstanding: int
    faults: Faults


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """A log that was read back and may be written by this process."""

    settings: Settings
    folder: Folder
    lock: int
    wal: Wal
    memory: Memory
    history: History
    integrator: Integrator
    size: int
    last_ms: int


def assemble(
    settings: Settings, *, create: bool = False, rotating: bool = False
) -> Parts:
    """Make or read back a log; blocks. ``rotating`` is for who changes its keys.

    Raises:
        LogError, KeyFileRefused: as ``Log.open`` says.
    """
    if settings.origin != settings.keys.origin:
        raise KeyFileRefused(f"these are keys of the log {settings.keys.origin}")
    if not settings.auditors:
        raise KeyFileRefused("no auditor is named: nobody could open what is sealed")
    try:
        folder = Folder(root=settings.directory)
        return _opened(folder, settings, create=create, rotating=rotating)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise LogFull("no room to open the log") from None
        raise LogFailed(f"opening the log: {error.strerror}") from None


def _opened(
    folder: Folder, settings: Settings, *, create: bool, rotating: bool
) -> Parts:
    _prepare(folder, settings, create=create, rotating=rotating)
    lock = folder.lock()
    try:
        return _read_back(folder, settings, lock)
    except BaseException:
        os.close(lock)
        raise


def _prepare(
    folder: Folder, settings: Settings, *, create: bool, rotating: bool
) -> None:
    keys = [verifier.text for verifier in settings.keys.verifiers]
    state = {
        "origin": settings.origin,
        "keys": keys,
        "public_delay_ms": settings.public_delay_ms,
    }
    if create:
        folder.create(state, settings.faults)
        return
    found = folder.read_state()
    if (found.get("origin"), found.get("keys")) != (settings.origin, keys):
        raise KeyFileRefused("the keys are not those of the log in this folder")
    if "next" in found and not rotating:
        raise KeyFileRefused("a change of keys was begun: carry it through first")
    if found.get("public_delay_ms") != settings.public_delay_ms:
        folder.write_state({**found, **state}, settings.faults)


def _read_back(folder: Folder, settings: Settings, lock: int) -> Parts:
    keys, faults = folder.keyring(), settings.faults
    wal = Wal(folder=folder.wal, faults=faults)
    memory = Memory(origin=settings.origin, signer=settings.keys.receipt)
    found = recover(folder, wal=wal, memory=memory, keys=keys)
    history = History(
        path=folder.history,
        delay_ms=settings.public_delay_ms,
        kept=read_past(folder.history, keys),
        live=found.published,
        faults=faults,
    )
    integrator = _integrator(folder, settings, found, wal, history)
    now_ms = max(settings.clock.now_ms(), found.last_ms)
    # What was durable before a crash is published before anything new comes.
    integrator.run(found.batches, now_ms)
    memory.forget(now_ms)
    return Parts(
        settings=settings,
        folder=folder,
        lock=lock,
        wal=wal,
        memory=memory,
        history=history,
        integrator=integrator,
        size=found.size,
        last_ms=now_ms,
    )


def _integrator(
    folder: Folder, settings: Settings, found: Recovered, wal: Wal, history: History
) -> Integrator:
    return Integrator(
        folder=folder,
        keys=settings.keys,
        edge=found.edge,
        wal=wal,
        history=history,
        published=found.published,
        files=found.files,
        pages=found.pages,
        faults=settings.faults,
    )
