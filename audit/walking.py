"""Walks the files of a folder that came from somebody else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from audit.errors import FileUnreadable

__all__ = ["walk"]


def walk(root: Path, skipped: str = "") -> Iterator[str]:
    """Yield the path of each file below a folder, sorted, one folder at a time.

    A large log has many; they are never all in memory. Links to folders are not
    followed: two that lead back up would have no end.
    """
    waiting = [_listed(root, "")]
    while waiting:
        for name, folder in waiting[-1]:
            if not folder:
                yield name
            elif name != skipped:
                waiting.append(_listed(root, f"{name}/"))
                break
        else:
            waiting.pop()


def _listed(root: Path, start: str) -> Iterator[tuple[str, bool]]:
    """Yield what lies in one folder of a root, and whether it is a folder."""
    try:
        with os.scandir(f"{root}/{start}") as found:
            entries = [
                (start + each.name, each.is_dir(follow_symlinks=False))
                for each in found
                if not (each.is_symlink() and _leads_to_folder(each.path))
            ]
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise FileUnreadable(f"{start or root.name}: {error.strerror}") from None
    yield from sorted(entries)


def _leads_to_folder(link: str) -> bool:
    """Whether a link does; one that leads nowhere, or round and round, does not."""
    return os.path.isdir(link)  # noqa: PTH112 - unlike a path's, it never raises
