"""Reads files of verifier keys: what a verifier brings, and waits for nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from audit.errors import KeyFileRefused
from audit.vkey import Verifier

__all__ = ["read_vkeys"]


def read_vkeys(paths: Iterable[Path]) -> list[Verifier]:
    """Read files of verifier keys, one a line.

    Raises:
        KeyFileRefused: a file can't be read or holds none.
        Malformed: a line is no verifier key.
    """
    keys: list[Verifier] = []
    for path in paths:
        try:
            lines = path.read_text("utf-8").split("\n")
        except (OSError, UnicodeDecodeError):
            raise KeyFileRefused(f"{path.name}: can't be read") from None
        found = [Verifier.parse(line) for line in lines if line.strip()]
        if not found:
            raise KeyFileRefused(f"{path.name}: no key in it")
        keys += found
    return keys
