"""Being another user of the machine than the one who runs the tests."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import missing

__all__ = ["NOBODY", "somebody_else"]

NOBODY = 65534


@contextmanager
def somebody_else(folder: Path) -> Iterator[None]:
    """Be a user without any right, who may go to a folder and read there."""
    if os.geteuid():
        missing("another user", "only root can be somebody else")
    above = [folder, *folder.parents]
    modes = [(path, stat.S_IMODE(path.stat().st_mode)) for path in above]
    for path, mode in modes:
        path.chmod(mode | 0o055)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        for path, mode in modes:
            path.chmod(mode)
