"""What a paper shows on its face, held against what its form must show.

The vocabulary says of each type of paper which boxes must be marked, of which one must
be, which editions of the form count and for how many days it may be executed. A clerk
says what was seen. What was not looked at is not held against a paper.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

__all__ = ["DEFECTIVE", "IDENTITY_MISMATCH", "MATCHES", "Face", "fault_of", "last_day"]

DEFECTIVE = "defective"
"""State of a paper that is incomplete on its face, or of another edition."""

IDENTITY_MISMATCH = "identity_mismatch"
"""State of a paper whose name or birth date is not that of the record."""

MATCHES = "matches_record"
"""The box that says whether name and birth date are those of the record."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Face:
    """What the face of one type of paper must show."""

    needs: Collection[str] = ()
    one_of: Collection[str] = ()
    editions: Collection[str] = ()
    executed_within_days: int | None = None


def fault_of(face: Face, boxes: Mapping[str, bool], edition: str | None) -> str:
    """Return the state that a paper is in for what its face shows, or nothing.

    ``boxes`` are those that somebody looked at; ``edition`` is that of the form.
    """
    if boxes.get(MATCHES) is False:
        return IDENTITY_MISMATCH
    looked_at = [boxes[box] for box in face.one_of if box in boxes]
    wanting = any(boxes.get(box) is False for box in face.needs)
    other = edition is not None and bool(face.editions) and edition not in face.editions
    return DEFECTIVE if wanting or other or (looked_at and not any(looked_at)) else ""


def last_day(face: Face, issued: dt.date) -> dt.date | None:
    """Return the last day on which a paper may be executed, if its form sets one."""
    days = face.executed_within_days
    return None if days is None else issued + dt.timedelta(days=days)
