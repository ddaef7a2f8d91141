"""Writing files so that a crash at any moment leaves the old one or the new one.

``Faults`` is asked before and after each step that can fail; tests raise from it to
show what holds when a step fails, with its effect on the disk or without.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from audit.errors import LogFailed

__all__ = ["Faults", "no_faults", "replace", "step", "sync_folder", "write_once"]

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


def _write_beside(path: Path, *pieces: bytes, sync: bool) -> Path:
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.writelines(pieces)
        if sync:
            file.flush()
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
