"""Openers for ``open``: files of a folder that came from somebody else, or are named.

A pipe in it would keep whoever reads it waiting, a device or a file that is large on
paper only would fill their memory.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

__all__ = ["MOST_BYTES", "contents", "named", "regular", "small"]

MOST_BYTES = 64_000_000
"""More than any file of a log has: the largest bundle is a quarter of this."""
_GIVEN = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
"""Where a shell puts what it hands over, as ``<(...)``: pipes that do end."""


def contents(path: Path) -> bytes:
    """Return what a regular file holds, of any size.

    Raises:
        OSError: it can't be read, or is something else.
    """
    with open(path, "rb", buffering=0, opener=regular) as file:
        return file.readall()


def named(path: Path) -> bytes:
    """Return what a file holds that somebody names on a command line, or hands over.

    Raises:
        OSError: it can't be read, is something else, or is larger than a file may be.
    """
    given = str(path).startswith(_GIVEN)
    with open(path, "rb", opener=None if given else small) as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return data


def regular(path: str, flags: int) -> int:
    """Open a regular file, of any size, without waiting; return its descriptor.

    Raises:
        OSError: it can't be opened, or is something else.
    """
    return _opened(path, flags, None)


def small(path: str, flags: int) -> int:
    """Open a regular file of at most :data:`MOST_BYTES`; return its descriptor.

    Raises:
        OSError: it can't be opened, is something else, or is larger.
    """
    return _opened(path, flags, MOST_BYTES)


def _opened(path: str, flags: int, most: int | None) -> int:
    number = os.open(path, flags | os.O_NONBLOCK)
    found = os.fstat(number)
    if stat.S_ISREG(found.st_mode):
        fault = 0 if most is None or found.st_size <= most else errno.EFBIG
    else:
        fault = errno.EISDIR if stat.S_ISDIR(found.st_mode) else errno.ESPIPE
    if fault:
        os.close(number)
        said = "not a regular file" if fault == errno.ESPIPE else os.strerror(fault)
        raise OSError(fault, said, path)
    return number
