"""Whether the demo has room: a folder of its own, short enough, and ports."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from gateway.config import load
from gateway.demo.commands import program
from gateway.demo.files import COUNTIES
from gateway.demo.layout import Layout
from gateway.errors import InvalidFile

__all__ = ["NotEmpty", "port_taken", "remove_made", "require_empty", "require_short"]

_MAX_SOCKET = 103
"""The shortest limit, in bytes, on a socket's path where the demo runs."""


class NotEmpty(Exception):
    """The demo cannot be made in this folder; nothing was written."""


def require_empty(root: Path) -> None:
    """Refuse a folder that holds something: nothing is written over.

    Raises:
        NotEmpty: saying what to do instead; an earlier demo's gateway is offered only
            where it got as far as its log.
    """
    if not root.is_dir() or not any(root.iterdir()):
        return
    config = Layout(root=root).config()
    if _has_log(config):
        raise NotEmpty(
            f"{root} is not empty; name a folder that is not there yet, or run an "
            f"earlier demo's gateway: {program()} serve --config {config}"
        )
    raise NotEmpty(
        f"{root} is not empty, and there is no gateway of a demo in it that could run; "
        "name a folder that is not there yet, or remove first what an interrupted demo "
        "left there"
    )


def _has_log(config: Path) -> bool:
    try:
        return (load(config).log.directory / "state.json").exists()
    except InvalidFile:
        return False


def require_short(layout: Layout) -> None:
    """Refuse a folder in which a gateway's socket could not be made.

    Raises:
        NotEmpty: saying how long is too long.
    """
    longest = max(len(os.fsencode(layout.socket(name))) for name in COUNTIES)
    if longest > _MAX_SOCKET:
        raise NotEmpty(
            f"{layout.root} is too long a path: a socket in it would have {longest} "
            f"bytes, and the system allows {_MAX_SOCKET}; name a shorter folder"
        )


def remove_made(root: Path, *, itself: bool) -> None:
    """Remove what was made in a folder, and the folder too if it was made for it."""
    if not root.is_dir():
        return
    for path in root.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    if itself:
        root.rmdir()


def port_taken(error: BaseException) -> bool:
    """Tell whether somebody else listens where a gateway should."""
    if isinstance(error, BaseExceptionGroup):
        return any(map(port_taken, error.exceptions))
    return isinstance(error, OSError) and error.errno == errno.EADDRINUSE
