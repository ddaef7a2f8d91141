"""How far an exchange has read, and how much more may come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connectors import Key, Row
from gateway.answering.prospect import Prospect
from gateway.asking.inquiry import Inquiry
from gateway.policy import Decision

__all__ = ["PAGE_SIZE", "Cursor", "Head", "exhausted", "within"]

PAGE_SIZE = 500
"""Most records of one page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """A record that was found, before its values are read."""

    subject: int
    key: Key
    row: Row


@dataclass(slots=True)
class Cursor:
    """Where the next page begins, and how much more may come.

    ``wanted`` are records still to be shown, ``rows`` rows still to be read.
    """

    wanted: int
    rows: int
    subject: int = 0
    after: Key | None = None


def exhausted(inquiry: Inquiry, cursor: Cursor) -> bool:
    """Tell whether nothing is left to read."""
    ended = cursor.subject >= max(1, len(inquiry.subjects))
    return ended or cursor.wanted <= 0 or cursor.rows <= 0


def within(
    prospect: Prospect, cursor: Cursor, found: Iterable[tuple[Head, Decision]]
) -> list[tuple[Head, Decision]]:
    """Leave out what would show more records than are wanted; move the cursor.

    Only what shows something counts: else a limit would tell who is withheld.
    """
    kept = []
    for head, decision in found:
        shows = prospect.plan(decision).releases or prospect.granted(decision)
        if shows and cursor.wanted <= 0:
            continue
        cursor.wanted -= bool(shows)
        kept.append((head, decision))
    return kept
