"""Openers for ``open``: files of a folder that came from somebody else.

A pipe in it would keep whoever reads it waiting, a device or a file that is large on
paper only would fill their memory.
"""

from __future__ import annotations

import errno
import os
import stat

__all__ = ["MOST_BYTES", "regular", "small"]

MOST_BYTES = 64_000_000
"""More than any file of a log has: the largest bundle is a quarter of this."""


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
