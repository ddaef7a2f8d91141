"""Servers as processes of their own: started, pinned to a core, timed, ended."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Server", "running", "to_core"]

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """A server that listens; ``beside`` are further processes that are part of it."""

    port: int
    process: int
    beside: tuple[int, ...] = ()

    def cpu_s(self) -> float:
        """Return the processor time it used so far, all threads; 0 where unknown."""
        spent = 0
        for process in (self.process, *self.beside):
            for path in Path(f"/proc/{process}/task").glob("*/schedstat"):
                with contextlib.suppress(OSError):
                    spent += int(path.read_text(encoding="ascii").split()[0])
        return spent / 1e9

    def memory_kib(self) -> int:
        """Return what it holds in memory now; 0 where unknown."""
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8")
            for line in text.splitlines():
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0


def to_core(process: int, core: int) -> None:
    """Keep a process on one core, where the system has more and can."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0) | {0})
        with contextlib.suppress(OSError):
            os.sched_setaffinity(process, {cores[core % len(cores)]})


@contextlib.contextmanager
def running(kind: str, config: Path) -> Iterator[Server]:
    """Run one of the bench's servers on a core of its own until the block ends.

    Raises:
        RuntimeError: when it does not come up.
    """
    command = (sys.executable, "-m", "scripts.bench.server", kind, str(config))
    said = config.parent / f"{kind}.jsonl"
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said.open("wb"),
    ) as process:
        to_core(process.pid, 0)
        if process.stdout is None or not (line := process.stdout.readline()):
            last = said.read_text(encoding="utf-8")[-2_000:]
            raise RuntimeError(f"the {kind} server did not start: {last}")
        try:
            yield Server(port=json.loads(line)["port"], process=process.pid)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
