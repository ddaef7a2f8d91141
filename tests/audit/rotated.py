"""Other keys for a log, and a store that is given them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from audit import Log, LogKeys
from audit.contract import Settings
from audit.directory import Directory
from audit.disk import Faults, no_faults
from audit.reading import FolderSource
from audit.rekey import rotate
from audit.report import Report
from audit.signer import SeedSigner
from audit.verify import Trust, verify
from audit.vkey import COSIGNATURE, MLDSA44, Verifier
from tests.audit.builders import AUDITOR, KEYS, ORIGIN, FakeClock, entry, public

__all__ = ["NEW", "NEWER", "add", "change", "check", "settings"]


def keys(number: int, *, mldsa: bool = True) -> LogKeys:
    """Return the log's keys of a number: other ones for each."""
    seed = bytes([number]) * 31
    return LogKeys(
        log=SeedSigner(name=ORIGIN, kind=1, seed=seed + b"l"),
        receipt=SeedSigner(name=f"{ORIGIN}/receipt", kind=1, seed=seed + b"r"),
        time=SeedSigner(name=f"{ORIGIN}/time", kind=COSIGNATURE, seed=seed + b"t"),
        mldsa=SeedSigner(name=ORIGIN, kind=MLDSA44, seed=seed + b"m")
        if mldsa
        else None,
    )


NEW, NEWER = keys(1), keys(2, mldsa=False)


def settings(old: LogKeys = KEYS, faults: Faults = no_faults) -> Settings:
    """Return how a store is opened."""
    return Settings(
        origin=ORIGIN,
        keys=old,
        auditors=(AUDITOR.auditor,),
        clock=FakeClock(),
        public_delay_ms=0,
        checkpoint_interval_s=0.25,
        max_outstanding=4096,
        faults=faults,
    )


def change(
    folder: Path, old: LogKeys = KEYS, new: LogKeys = NEW, faults: Faults = no_faults
) -> int:
    """Give a store new keys."""

    def members(act: str, last: Mapping[str, object]) -> Mapping[str, object]:
        policy = last.get("policy", "0" * 64)
        return public(ev="act", decision="key-rotation", act=act, policy=policy)

    return rotate(
        Directory(folder),
        settings(old, faults),
        new,
        reason="scheduled",
        public=members,
        sealed={"who": {"by": "a test"}},
    )


def add(folder: Path, with_keys: LogKeys, count: int = 3) -> None:
    """Add entries to a store."""

    async def run() -> None:
        async with Log.open(
            folder,
            origin=ORIGIN,
            keys=with_keys,
            auditors=[AUDITOR.auditor],
            clock=FakeClock(),
            public_delay_s=0,
        ) as log:
            for _ in range(count):
                await log.append(entry())

    asyncio.run(run())


def check(tree: Path, *given: Verifier, since: bytes | None = None) -> Report:
    """Verify a tree with some keys."""
    return verify(FolderSource(tree), Trust(keys=given), since=since)
