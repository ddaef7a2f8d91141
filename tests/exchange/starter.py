"""Starts gateways as processes of their own, which can be killed and told to stop."""

from __future__ import annotations

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

    def start(self) -> int:
        """Start a gateway; return its process id."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self._line())

    def ended(self) -> int:
        """Wait until the gateway has ended; return its exit code."""
        return int(self._line())

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
        yield Starter(process=process)


def leaves_of(config: Config) -> list[bytes]:
    """Return every durable leaf as it lies on the disk, with no gateway running."""
    return [leaf for _, leaf in stored_leaves(Folder(root=config.log.directory))]
