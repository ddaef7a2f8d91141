"""Secrets are files: private to this user, never echoed."""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

from gateway.errors import InvalidFile, Mistake

__all__ = ["CLOSED", "private_file_problem", "read_secret"]

CLOSED = "run this as the gateway's user, or let this user read it"
"""What to do about what is there and closed to this process's user."""
MAX_BYTES = 65_536
"""Largest secret read, in bytes."""


def private_file_problem(path: Path) -> str:
    """Say what is wrong with a secret's file and what to do, or return nothing.

    A file that its group or the world may read, write or run is refused, and so
    is one that belongs to somebody else than this process's user or root.
    """
    try:
        found = path.stat()
    except OSError as error:
        closed = isinstance(error, PermissionError)  # a folder above it is
        advice = CLOSED if closed else "make it, or correct the path"
        return f"cannot be read ({error.strerror}); {advice}"
    if not stat.S_ISREG(found.st_mode):
        return "is not a file; name the file itself"
    if found.st_mode & 0o077:
        mode = stat.S_IMODE(found.st_mode)
        return f"is open to others (mode {mode:04o}); run chmod 600 on it"
    if found.st_uid not in {os.geteuid(), 0}:
        owner = _user(found.st_uid)
        return f"belongs to {owner}; run this as {owner}, or give it to this user"
    if os.access(path, os.R_OK):
        return ""
    return "cannot be read (Permission denied); give it to this user"


def _user(number: int) -> str:
    """Return a user's name, or their number where they have none here."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


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
