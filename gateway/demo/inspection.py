"""What an auditor does: publish, verify with a program of its own, notice one byte."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.publish import publish
from gateway.clock import Clock

__all__ = ["Verification", "publish_all", "verify"]

_PATIENCE_S = 10.0
"""Longest wait, in seconds, for a checkpoint that covers every entry."""

_PAUSE_S = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """How ``python -m audit verify`` ended, and what it reported."""

    exit_code: int
    report: dict[str, Any]

    @property
    def findings(self) -> tuple[str, ...]:
        """Each proof of tampering: where, and what is wrong there."""
        return tuple(map(_finding, self.report["findings"]))

    @property
    def entries(self) -> int:
        """How many entries the log has."""
        return int(self.report["entries"])

    @property
    def witnessed(self) -> bool:
        """Whether somebody outside the county signed the log too."""
        return bool(self.report["witnessed"])


def _finding(finding: dict[str, Any]) -> str:
    """Return one finding as a sentence: which entry, where, what is wrong."""
    entry = f"entry {finding['index']}, " if "index" in finding else ""
    return f"{entry}{finding['where']}: {finding['reason']}"


async def publish_all(store: Path, tree: Path, *, entries: int, clock: Clock) -> int:
    """Publish a log until the public tree shows so many entries; return how many.

    Raises:
        TimeoutError: when no checkpoint covers them in time.
        audit.LogError: when the store does not read.
    """
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            shown = await asyncio.to_thread(publish, store, tree, now_ms=clock.now_ms())
            if shown.size >= entries:
                return shown.size
            await asyncio.sleep(_PAUSE_S)


async def verify(tree: Path, key: Path) -> Verification:
    """Run the auditor's program on a public tree: a process of its own.

    Raises:
        ValueError: when it printed no report.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        # -P: a folder named audit where the reader stands is not the program.
        *("-P", "-m", "audit", "verify", str(tree), "--vkey", str(key)),
        *("--allow-unwitnessed", "--json"),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    return Verification(exit_code=process.returncode or 0, report=json.loads(output))
