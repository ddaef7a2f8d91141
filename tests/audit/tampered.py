"""What is found in a folder that somebody altered, by its kind and place."""

from __future__ import annotations

from pathlib import Path

from audit.finding import Kind
from audit.reading import FolderSource
from audit.report import Report
from audit.verify import Trust, verify
from tests.audit.builders import KEYS

__all__ = ["LEAVES", "TRUST", "check", "found"]

TRUST = Trust(keys=KEYS.verifiers)
LEAVES = [b"entry %d" % number for number in range(600)]


def check(folder: Path, *, since: bytes | None = None, leaves: bool = False) -> Report:
    """Verify a folder, by default without reading what the entries say."""
    return verify(FolderSource(folder), TRUST, since=since, leaves=leaves)


def found(report: Report) -> list[tuple[Kind | None, int | None]]:
    """Return the kind and place of each finding."""
    return [(each.kind, each.index) for each in report.findings]
