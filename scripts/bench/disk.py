"""The disk's own time for making 8 KiB durable: the floor under every answer."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator

from scripts.bench.figure import Figure, percentile

__all__ = ["figures", "sync_times_ms"]

SYNC = getattr(os, "fdatasync", os.fsync)
BLOCK = os.urandom(8192)


def sync_times_ms(*, times: int = 500) -> list[float]:
    """Append 8 KiB and make it durable, again and again; return each time in ms."""
    spent = []
    with tempfile.TemporaryFile() as file:
        for _ in range(times):
            began = time.perf_counter_ns()
            os.write(file.fileno(), BLOCK)
            SYNC(file.fileno())
            spent.append((time.perf_counter_ns() - began) / 1e6)
    return spent


def figures() -> Iterator[Figure]:
    """Measure the disk where temporary files lie, as those of every figure do."""
    spent = sync_times_ms()
    yield Figure(name="disk: fdatasync p50", value=percentile(spent, 50), unit="ms")
    yield Figure(name="disk: fdatasync p99", value=percentile(spent, 99), unit="ms")
