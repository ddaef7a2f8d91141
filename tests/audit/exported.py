"""Exports as somebody alters them, and what the command says of them."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from audit.cli import main
from audit.exportfile import pack_sums

__all__ = ["ROSTER", "again", "alter", "answer", "pipe", "places", "verified"]

ROSTER = "0" * 64


def again(export: Path) -> None:
    """Write the digests again, as who alters an export would."""
    names = [each.relative_to(export).as_posix() for each in export.rglob("*")]
    sums = {
        name: sha256((export / name).read_bytes()).hexdigest()
        for name in names
        if not name.startswith(("tile", "SHA256")) and (export / name).is_file()
    }
    (export / "SHA256SUMS").write_bytes(pack_sums(sums))


def alter(export: Path) -> None:
    """Change a word of an entry that people read."""
    lines = export / "entries.jsonl"
    lines.write_bytes(lines.read_bytes().replace(b'"refused"', b'"revised"'))


def verified(export: Path, *words: str) -> int:
    """Return what the command ends with."""
    keys = ["--vkey", str(export.parent / "log.vkeys"), "--allow-unwitnessed"]
    return main(["verify", str(export), *keys, *words])


def answer(
    capsys: pytest.CaptureFixture[str], export: Path, *words: str
) -> dict[str, Any]:
    """Return the report as an object."""
    capsys.readouterr()
    verified(export, "--json", *words)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def places(report: dict[str, Any]) -> list[str]:
    """Return where something was found."""
    return [each["where"].partition(",")[0] for each in report["findings"]]


def pipe(path: Path) -> None:
    """Put a pipe in a file's place."""
    path.unlink()
    os.mkfifo(path)
