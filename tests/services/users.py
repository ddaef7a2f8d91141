"""Another user to run a server as, and folders where that user may come."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["as_somebody_else", "folder_for_others"]

_USERS = ("postgres", "nobody")
_EVERYBODY = stat.S_ISVTX | stat.S_IWOTH | stat.S_IXOTH


def as_somebody_else() -> tuple[str, Sequence[str]]:
    """Return another user and how to become it: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return getpass.getuser(), ()
    user = next(name for name in _USERS if _exists(name))
    found = pwd.getpwnam(user)
    setpriv = shutil.which("setpriv")
    assert setpriv is not None, "util-linux has setpriv"
    ids = (f"--reuid={found.pw_uid}", f"--regid={found.pw_gid}")
    return user, (setpriv, *ids, "--clear-groups")


def folder_for_others(prefix: str) -> Path:
    """Make a folder where temporary files lie and other users may come.

    The folders of pytest, and of a suite that writes into memory, only its own user
    may enter; above them is one that is for everybody.
    """
    here = Path(tempfile.gettempdir()).resolve()
    open_to_all = (
        above
        for above in (here, *here.parents)
        if above.stat().st_mode & _EVERYBODY == _EVERYBODY
    )
    return Path(tempfile.mkdtemp(prefix=prefix, dir=next(open_to_all, here)))


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True
