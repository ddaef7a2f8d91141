"""Files that only their owner may read, and public ones beside them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from audit.errors import KeyFileRefused

__all__ = ["read_secret", "write_public", "write_secret"]

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_secret(path: Path) -> str:
    """Return a key file's text, if only its owner may read it.

    Raises:
        KeyFileRefused: it is missing, readable by others, or not text.
    """
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & _OTHERS:
                raise KeyFileRefused(f"{path.name}: others may read it (chmod 600)")
            return file.read().decode("ascii")
    except OSError as error:
        raise KeyFileRefused(f"{path.name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise KeyFileRefused(f"{path.name}: not text") from None


def _create(path: Path, text: str, mode: int) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise KeyFileRefused(f"{path.name}: {error.strerror}") from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)


def write_secret(path: Path, text: str) -> None:
    """Create a file that only its owner may read; ``KeyFileRefused`` if it exists."""
    _create(path, text, 0o600)


def write_public(path: Path, text: str) -> None:
    """Create a file that all may read; ``KeyFileRefused`` if it exists."""
    _create(path, text, 0o644)
