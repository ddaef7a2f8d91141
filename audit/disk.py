"""Writing files so that a crash at any moment leaves the old one or the new one.

``Faults`` is asked before and after each step that can fail; tests raise from it to
show what holds when a step fails, with its effect on the disk or without.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from audit.errors import LogFailed

__all__ = [
    "Faults",
    "no_faults",
    "replace",
    "step",
    "sync_folder",
    "write_all",
    "write_once",
]

_MOST_PIECES = 512
"""Pieces in one call; Linux takes 1,024 (IOV_MAX)."""

Faults = Callable[[str], None]


def no_faults(_step: str) -> None:
    """Let every step be."""


@contextlib.contextmanager
def step(faults: Faults, name: str) -> Iterator[None]:
    """Ask ``faults`` before and after one step."""
    faults(f"before {name}")
    yield
    faults(f"after {name}")


def sync_folder(folder: Path) -> None:
    """Make a folder's list of names durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_all(handle: int, pieces: Iterable[bytes]) -> None:
    """Write pieces, one after the other, with as few calls as the system allows.

    Each call gives the interpreter's lock up and has to win it back, and a bundle is
    some hundred pieces.
    """
    rest = [memoryview(piece) for piece in pieces if piece]
    place = 0
    while place < len(rest):
        wrote = os.writev(handle, rest[place : place + _MOST_PIECES])
        while place < len(rest) and wrote >= len(rest[place]):
            wrote -= len(rest[place])
            place += 1
        if wrote:
            rest[place] = rest[place][wrote:]


def _write_beside(path: Path, *pieces: bytes, sync: bool) -> Path:
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb", buffering=0) as file:
        write_all(file.fileno(), pieces)
        if sync:
            os.fsync(file.fileno())
    return beside


def replace(path: Path, data: bytes, *, faults: Faults, sync: bool = True) -> None:
    """Put a file in place of another, whole; durable if ``sync``."""
    with step(faults, f"write {path.name}"):
        beside = _write_beside(path, data, sync=sync)
    with step(faults, f"rename {path.name}"):
        beside.rename(path)
        if sync:
            sync_folder(path.parent)


def write_once(path: Path, *pieces: bytes, faults: Faults) -> bool:
    """Create a durable file that never changes; return whether it is new.

    Its content is the pieces, one after the other. The caller makes the folder's names
    durable (:func:`sync_folder`).

    Raises:
        LogFailed: it exists with other content.
    """
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == b"".join(pieces):
            return False
        raise LogFailed(f"{path.name} holds something else")
    with step(faults, f"write {path.name}"):
        try:
            beside = _write_beside(path, *pieces, sync=True)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = _write_beside(path, *pieces, sync=True)
    with step(faults, f"rename {path.name}"):
        beside.chmod(0o444)
        beside.rename(path)
    return True
