"""Secrets are files: private to this user, never echoed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gateway.errors import InvalidFile, Mistake

__all__ = ["private_file_problem", "read_secret"]

MAX_BYTES = 65_536
"""Largest secret read, in bytes."""


def private_file_problem(path: Path) -> str:
    """Say what is wrong with a secret's file, or return the empty string.

    A file that its group or the world may read, write or run is refused, and so
    is one that belongs to somebody else than this process's user or root.
    """
    try:
        found = path.stat()
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if not stat.S_ISREG(found.st_mode):
        return "is not a file"
    if found.st_mode & 0o077:
        mode = stat.S_IMODE(found.st_mode)
        return f"is open to others (mode {mode:04o}); run chmod 600 on it"
    if found.st_uid not in {os.geteuid(), 0}:
        return "belongs to another user"
    return "" if os.access(path, os.R_OK) else "cannot be read (Permission denied)"


def read_secret(path: Path) -> bytes:
    """Read a secret's bytes.

    Raises:
        InvalidFile: when the file is missing, open to others, empty or too large;
            never with any of its content.
    """
    problem = private_file_problem(path)
    if not problem:
        data = path.read_bytes()
        if 0 < len(data) <= MAX_BYTES:
            return data
        problem = "is empty" if not data else f"is larger than {MAX_BYTES} bytes"
    raise InvalidFile([Mistake(path=str(path), problem=problem)])
