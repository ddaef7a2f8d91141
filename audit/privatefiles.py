"""Files that only their owner may read, and public ones beside them."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from audit.errors import KeyFileRefused

__all__ = ["read_secret", "write_public", "write_secret"]

_OTHERS = stat.S_IRWXG | stat.S_IRWXO

_PUBLIC = re.compile(r"[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{40,}={0,2}\s*", re.ASCII)
"""A public key of any kind, alone in its file: ``name+hash+base64``. Private ones begin
with two words more, and where a token's key lies stands in a second line."""


def read_secret(path: Path) -> str:
    """Return a key file's text, if only its owner may read it.

    Raises:
        KeyFileRefused: it is missing, readable by others, a public key, or not text.
    """
    try:
        with path.open("rb") as file:
            others = stat.S_IMODE(os.fstat(file.fileno()).st_mode) & _OTHERS
            data = file.read()
        # Said first: to close a public file to others would not make it the right one.
        if _PUBLIC.fullmatch(data.decode("ascii", errors="replace")):
            raise KeyFileRefused(
                f"{path.name}: a public key; the private one is wanted"
            )
        if others:
            raise KeyFileRefused(f"{path.name}: others may read it (chmod 600)")
        return data.decode("ascii")
    except OSError as error:
        raise KeyFileRefused(f"{path.name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise KeyFileRefused(f"{path.name}: not text") from None


def _create(path: Path, text: str, mode: int) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        said = "File exists; no key is ever replaced: name another folder"
        raise KeyFileRefused(f"{path.name}: {said}") from None
    except OSError as error:
        raise KeyFileRefused(f"{path.name}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
    except OSError as error:
        path.unlink()  # half a key is none, and would be in the way of the next try
        raise KeyFileRefused(f"{path.name}: {error.strerror}") from None


def write_secret(path: Path, text: str) -> None:
    """Create a file that only its owner may read; ``KeyFileRefused`` if it exists."""
    _create(path, text, 0o600)


def write_public(path: Path, text: str) -> None:
    """Create a file that all may read; ``KeyFileRefused`` if it exists."""
    _create(path, text, 0o644)
