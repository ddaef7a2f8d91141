"""The source in an export of chosen entries: their lines and paths, and no tree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from audit.errors import FileUnreadable, Malformed, ProofInvalid, SourceUnreadable
from audit.reading import ABOUT, ENTRIES, FolderSource
from audit.regular import regular
from audit.tiles import Tile

if TYPE_CHECKING:
    from io import BufferedReader

    from audit.exportfile import Line

__all__ = ["MOST_LINE", "NO_TREE", "ChosenSource", "file_of", "is_chosen"]

MOST_LINE = 1 << 17
"""Bytes; an entry in base64 and its path are less."""
NO_TREE = (
    "an export of chosen entries has no tree: `verify` checks it; `prove`,"
    " `check-receipt` and `show --index` take an entry that is in it; for anything else"
    " ask for the whole log"
)


@contextmanager
def file_of(root: Path, name: str) -> Iterator[BufferedReader]:
    """Open a file of an export that may be large; ``FileUnreadable``."""
    try:
        with open(f"{root}/{name}", "rb", opener=regular) as file:
            yield file
    except OSError as error:
        raise FileUnreadable(f"{name}: {error.strerror}") from None


def is_chosen(root: Path) -> bool:
    """Whether an export is of chosen entries; it is if it has no tree and says nothing.

    What it says may be gone, or not be readable; then what lies there decides.
    """
    # Only who has an export waits for the modules that read one.
    from audit.exportfile import About  # noqa: PLC0415 - as said

    try:
        return About.parse(FolderSource(root).read(ABOUT) or b"").asked is not None
    except (Malformed, SourceUnreadable):
        return not (root / "tile").is_dir()


@dataclass(frozen=True, slots=True)
class ChosenSource:
    """A checkpoint, and entries with their paths to its root.

    That there is no tree says nothing about the log: who asks for one can't be told.
    """

    inner: FolderSource

    def read(self, path: str) -> bytes | None:
        """Return a file that is no part of a tree; none if there is none."""
        if path.startswith("tile/"):
            raise SourceUnreadable(NO_TREE)
        return self.inner.read(path)

    def wider(self, _tile: Tile) -> bytes | None:
        """Refuse, as for any tile."""
        raise SourceUnreadable(NO_TREE)

    def tiles(self) -> Iterator[Tile]:
        """Yield nothing."""
        yield from ()

    def files(self) -> Iterator[str]:
        """Yield the path of each file."""
        return self.inner.files()

    def line(self, index: int) -> Line:
        """Return the line of one entry; whether it leads to the root is not checked.

        Raises:
            SourceUnreadable: the lines can't be read, or the entry is not among them.
            ProofInvalid: its line does not read.
        """
        # Only who looks for an entry waits for the modules that read one.
        from audit.exportfile import Line  # noqa: PLC0415 - as said

        try:
            with file_of(self.inner.root, ENTRIES) as file:
                for text in iter(partial(file.readline, MOST_LINE), b""):
                    # What else is in them, altered or not, was not asked for.
                    if text.startswith(b'{"index":%d,' % index):
                        return Line.parse(text)
        except Malformed as error:
            raise ProofInvalid(f"{ENTRIES}, entry {index}: {error}") from None
        raise SourceUnreadable(f"entry {index} is not among the exported ones")
