"""Starts gateways as processes of their own, which can be killed and told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from audit.folder import Folder
from audit.stored import stored_leaves
from gateway.config import Config
from gateway.demo.layout import Layout

__all__ = ["Starter", "leaves_of", "starting"]

ROOT = Path(__file__).parents[2]


@dataclass(kw_only=True)
class Starter:
    """The program that starts gateways."""

    process: subprocess.Popen[str]
    pid: int = 0

    def start(self) -> int:
        """Start a gateway; return its process id."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.pid = int(self._line())
        return self.pid

    def ended(self) -> int:
        """Wait until the gateway has ended; return its exit code."""
        code, self.pid = int(self._line()), 0
        return code

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@contextmanager
def starting(layout: Layout) -> Iterator[Starter]:
    """Run what starts gateways for a county, for the length of the block."""
    with (layout.root / "lines").open("wb") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.exchange.killed", str(layout.config())],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=lines,
            text=True,
        )
    with process:
        starter = Starter(process=process)
        try:
            yield starter
        finally:
            if starter.pid:  # a test that failed left it running
                os.kill(starter.pid, signal.SIGKILL)


def leaves_of(config: Config) -> list[bytes]:
    """Return every durable leaf as it lies on the disk, with no gateway running."""
    return [leaf for _, leaf in stored_leaves(Folder(root=config.log.directory))]
