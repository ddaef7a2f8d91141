"""Reads what still reads of a damaged write-ahead folder, and names what is lost.

Only for who reads: a writer must stop at the first byte that is not as it wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from audit.batch import Batch
from audit.errors import LogDamaged
from audit.frames import readable

__all__ = ["MISSING", "Lost", "Salvaged", "salvaged"]

MISSING = "missing"
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
        gone = Lost(where=folder.name, reason=MISSING, first=0, end=None)
        return Salvaged(batches=(), lost=(gone,))
    pieces: list[Batch | Lost] = []
    for path in sorted(each for each in folder.iterdir() if each.name.isdigit()):
        pieces += _segment(path)
    batches = [piece for piece in pieces if isinstance(piece, Batch)]
    return Salvaged(batches=tuple(batches), lost=(*_placed(pieces), *_gaps(batches)))


def _segment(path: Path) -> list[Batch | Lost]:
    """Return the batches of a segment and what is lost, in the order of its bytes."""
    bodies, spans = readable(path.read_bytes())
    where = f"{path.parent.name}/{path.name}"
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
            placed.append(
                Lost(
                    where=piece.where,
                    reason=piece.reason,
                    first=before[-1] if before else piece.first,
                    end=after[0] if after else None,
                )
            )
    return placed


def _gaps(batches: list[Batch]) -> list[Lost]:
    """Return where a segment is missing between two that read."""
    return [
        Lost(where="wal", reason="not whole", first=one.end, end=other.first)
        for one, other in pairwise(batches)
        if one.end != other.first
    ]
