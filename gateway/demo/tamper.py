"""One byte of a copy of the log, changed: what an auditor must notice."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Flip", "flip_one_byte"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Flip:
    """What was changed: which file of the copy, which byte, from what to what."""

    file: str
    offset: int
    before: int
    after: int


def flip_one_byte(tree: Path, copy: Path) -> Flip:
    """Copy a public log and change one byte in the middle of its newest entries.

    Args:
        tree: a public log; it is only read.
        copy: a folder that is not there yet.

    Raises:
        FileExistsError: when the copy is there.
        FileNotFoundError: when the log has no entries.
    """
    shutil.copytree(tree, copy)
    bundles = [path for path in (copy / "tile/entries").rglob("*") if path.is_file()]
    if not bundles:
        raise FileNotFoundError(f"no entries in {tree}")
    bundle = max(bundles, key=lambda path: path.stat().st_size)
    data = bytearray(bundle.read_bytes())
    offset = len(data) // 2
    before = data[offset]
    data[offset] ^= 1
    bundle.write_bytes(data)
    return Flip(
        file=bundle.relative_to(copy).as_posix(),
        offset=offset,
        before=before,
        after=data[offset],
    )
