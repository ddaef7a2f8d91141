"""Verifies a folder as somebody does who has the log's keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypedDict, Unpack

from audit.reading import FolderSource
from audit.report import Report
from audit.verify import Trust, verify
from tests.audit.builders import KEYS

__all__ = ["TRUST", "check"]

TRUST = Trust(keys=KEYS.verifiers)


class Options(TypedDict, total=False):
    """What ``verify`` may be told."""

    since: bytes
    leaves: bool
    jobs: int
    progress: Callable[[int], None]


def check(folder: Path, trust: Trust = TRUST, **options: Unpack[Options]) -> Report:
    """Verify a folder."""
    return verify(FolderSource(folder), trust, **options)
