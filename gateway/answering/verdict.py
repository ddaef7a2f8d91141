"""What one page comes to, and what may be told of it; pure.

An answer that releases nothing is made of the fact-free screen alone, so that none,
several and withheld are the same bytes. What was released tells no more than itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from gateway.answering.found import Record
from gateway.answering.prospect import Prospect
from gateway.canonical import Json

__all__ = ["Verdict", "available", "judge", "needs_person", "rendering", "waits"]


class Verdict(StrEnum):
    """The outcome of one page; also the public word in its leaf."""

    RELEASED = "released"
    PARTLY = "partly_released"
    WAITING = "waiting"
    REFUSED = "refused"


def waits(prospect: Prospect, records: Sequence[Record]) -> bool:
    """Tell whether something of these records needs a person."""
    return bool(prospect.waiting(record.decision for record in records))


def needs_person(
    prospect: Prospect, records: Sequence[Record], *, subjects: int
) -> bool:
    """Tell whether a row for a person is stored beside what is released.

    Where existence is not told, those of whom nothing is shown count alike whether
    they wait, are withheld or are not there: a row can be looked up. ``subjects`` is
    how many persons were named.
    """
    if prospect.existence_open:
        return waits(prospect, records)
    shown = [record for record in records if record.releases]
    missing = len({record.subject for record in shown}) < max(1, subjects)
    return waits(prospect, shown) or (missing and prospect.may_wait)


def available(prospect: Prospect, records: Sequence[Record]) -> list[str]:
    """Return the names of fields and kinds made available for some record."""
    names = set().union(*(record.fields for record in records))
    names.update(*(record.granted for record in records))
    return [name for name in prospect.shape.names if name in names]


def judge(prospect: Prospect, records: Sequence[Record]) -> Verdict:
    """Return what the page comes to."""
    if not prospect.matching_open:
        return Verdict.REFUSED
    shown = [record for record in records if record.releases]
    if shown:
        # Beside what is released, one who is withheld must be as one who is not there.
        told = records if prospect.existence_open else shown
        names = len(prospect.shape.names)
        whole = all(
            len(record.fields) + len(record.granted) == names for record in told
        )
        return Verdict.RELEASED if whole else Verdict.PARTLY
    if not prospect.existence_open:
        # The record's own facts must not show: only the screen decides the word.
        return Verdict.WAITING if prospect.may_wait else Verdict.REFUSED
    if not records:
        return Verdict.RELEASED
    return Verdict.WAITING if waits(prospect, records) else Verdict.REFUSED


def rendering(prospect: Prospect, records: Sequence[Record]) -> list[Json]:
    """Return the requester's rendering of a page that shows these records."""
    shown = frozenset(available(prospect, records))
    waiting = prospect.waiting(record.decision for record in records) if shown else ()
    return list(prospect.rendering(shown, frozenset(waiting)))
