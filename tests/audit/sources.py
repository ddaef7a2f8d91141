"""A log of a few files, without a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from audit.reading import FolderSource

__all__ = ["Files"]


class Files(FolderSource):
    """A source of a few files."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(Path("nowhere"))
        object.__setattr__(self, "files_", dict(files))

    files_: Mapping[str, bytes]

    def read(self, path: str) -> bytes | None:
        """Return a file."""
        return self.files_.get(path)
