"""The next checkpoint of a log, whatever its store."""

from __future__ import annotations

from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.history import Past
from audit.keyfiles import LogKeys

__all__ = ["next_checkpoint"]


def next_checkpoint(
    keys: LogKeys, *, size: int, root: bytes, now_ms: int, before: Past | None
) -> Past:
    """Sign a tree that continues ``before``; it was read at ``now_ms`` or later.

    The log's time never runs back. A note is kept and served again, never made again
    for the same size: two notes over the same text differ.
    """
    seconds = now_ms // 1000
    if before is not None:
        seconds = max(seconds, before.ms // 1000)
    note = sign_checkpoint(
        Checkpoint(origin=keys.origin, size=size, root=root),
        log=keys.log,
        time=keys.time,
        mldsa=keys.mldsa,
        seconds=seconds,
    )
    return Past(note=note, size=size, ms=1000 * seconds)
