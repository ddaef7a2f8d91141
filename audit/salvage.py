"""Reads what still reads of a damaged write-ahead folder, and names what is lost.

Only for who reads: a writer must stop at the first byte that is not as it wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from audit.batch import Batch
from audit.errors import LogDamaged
from audit.frames import readable
from audit.regular import contents

__all__ = ["Lost", "Salvaged", "salvaged"]

_MISSING = "missing"
"""Why there is nothing at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """Bytes that no longer read, and between which entries they lie."""

    where: str
    reason: str
    first: int
    """The first entry that may be lost."""
    end: int | None
    """The entry after the last one; none if nothing that reads follows."""
    unread: bool = False
    """Whether nobody can tell what is there, or was: that shows no change."""

    @property
    def text(self) -> str:
        """What is lost, as one line."""
        last = "" if self.end is None else f" to {self.end - 1}"
        return f"{self.where}: {self.reason} (entries from {self.first}{last})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Salvaged:
    """The batches that read, in order, and what is lost between them."""

    batches: tuple[Batch, ...]
    lost: tuple[Lost, ...]


def salvaged(folder: Path) -> Salvaged:
    """Return what reads of a write-ahead folder; never raises for what it holds."""
    if not folder.is_dir():
        gone = Lost(where=folder.name, reason=_MISSING, first=0, end=None, unread=True)
        return Salvaged(batches=(), lost=(gone,))
    pieces: list[Batch | Lost] = []
    for path in sorted(each for each in folder.iterdir() if each.name.isdigit()):
        pieces += _segment(path)
    batches = [piece for piece in pieces if isinstance(piece, Batch)]
    placed = _placed(pieces)
    unread = {(each.first, each.end) for each in placed if each.unread}
    # What could not be read may have held what is missing between its neighbours.
    gaps = [gap for gap in _gaps(batches) if (gap.first, gap.end) not in unread]
    return Salvaged(batches=tuple(batches), lost=(*placed, *gaps))


def _segment(path: Path) -> list[Batch | Lost]:
    """Return the batches of a segment and what is lost, in the order of its bytes."""
    where = f"{path.parent.name}/{path.name}"
    try:
        bodies, spans = readable(contents(path))
    except OSError as error:
        first, why = int(path.name), str(error.strerror)
        return [Lost(where=where, reason=why, first=first, end=None, unread=True)]
    found: list[tuple[int, Batch | Lost]] = [
        (start, _lost(where, f"bytes {start}-{end - 1} do not read", int(path.name)))
        for start, end in spans
    ]
    for at, body in bodies:
        try:
            found.append((at, Batch.parse(body)))
        except LogDamaged as error:
            reason = f"byte {at}: {error}"
            found.append((at, _lost(where, reason, int(path.name))))
    return [piece for _, piece in sorted(found, key=lambda each: each[0])]


def _lost(where: str, reason: str, first: int) -> Lost:
    return Lost(where=where, reason=reason, first=first, end=None)


def _placed(pieces: list[Batch | Lost]) -> list[Lost]:
    """Return what is lost with the entries that its neighbours leave room for."""
    placed: list[Lost] = []
    for place, piece in enumerate(pieces):
        if isinstance(piece, Lost):
            before = [each.end for each in pieces[:place] if isinstance(each, Batch)]
            after = [each.first for each in pieces[place:] if isinstance(each, Batch)]
            first = before[-1] if before else piece.first
            end = after[0] if after else None
            placed.append(replace(piece, first=first, end=end))
    return placed


def _gaps(batches: list[Batch]) -> list[Lost]:
    """Return where a segment is missing between two that read."""
    return [
        Lost(where="wal", reason="not whole", first=one.end, end=other.first)
        for one, other in pairwise(batches)
        if one.end != other.first
    ]
