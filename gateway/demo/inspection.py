"""What an auditor does: publish, verify with a program of its own, notice one byte."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.checkpoint import cosignatures
from audit.note import Note
from audit.policyfile import Policy
from audit.publish import publish
from gateway.clock import Clock

__all__ = ["Verification", "publish_all", "verify"]

_PATIENCE_S = 10.0
"""Longest wait, in seconds, for a checkpoint that covers every entry."""

_PAUSE_S = 0.05

_WHOLE = frozenset({0, 3})
"""Exit codes of a log that is whole: witnessed, and not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """How ``python -m audit verify`` ended, and what it reported."""

    exit_code: int
    report: dict[str, Any]

    @property
    def whole(self) -> bool:
        """Whether nothing was tampered with, as far as anybody can tell."""
        return self.exit_code in _WHOLE

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


async def publish_all(
    store: Path, tree: Path, *, entries: int, clock: Clock, policy: Path | None = None
) -> int:
    """Publish a log until the public tree shows so many entries; return how many.

    With a policy file, until a quorum of its witnesses has signed what is shown too.

    Raises:
        TimeoutError: when no checkpoint covers them, or is signed, in time.
        audit.LogError: when the store does not read.
    """

    def published() -> int:
        shown = publish(store, tree, now_ms=clock.now_ms())
        signed = policy is None or _signed(tree / "checkpoint", policy)
        return shown.size if signed else -1

    async with asyncio.timeout(_PATIENCE_S):
        while True:
            size = await asyncio.to_thread(published)
            if size >= entries:
                return size
            await asyncio.sleep(_PAUSE_S)


def _signed(checkpoint: Path, policy: Path) -> bool:
    """Tell whether a quorum of a policy's witnesses has signed a checkpoint."""
    asked = Policy.parse(policy.read_bytes())
    note = Note.parse(checkpoint.read_bytes())
    return asked.satisfied(cosignatures(note, asked.cosigners).times)


async def verify(tree: Path, key: Path, policy: Path) -> Verification:
    """Run the auditor's program on a public tree: a process of its own.

    Raises:
        ValueError: when it printed no report.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        # -P: a folder named audit where the reader stands is not the program.
        *("-P", "-m", "audit", "verify", str(tree), "--json"),
        *("--vkey", str(key), "--policy", str(policy)),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    return Verification(exit_code=process.returncode or 0, report=json.loads(output))
