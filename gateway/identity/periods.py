"""From when until when something is in force: days in a zone, or instants."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from gateway.identity.requester import Agreement

__all__ = ["Moment", "Period", "combined", "instant_ms", "period"]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})"
)


def _moment(text: str) -> str:
    """Refuse what is neither a day nor an instant with its offset."""
    if _DAY.fullmatch(text):
        dt.date.fromisoformat(text)
    elif _INSTANT.fullmatch(text):
        dt.datetime.fromisoformat(text)
    else:
        raise ValueError(
            "must be a day (2026-01-31) or an instant with its offset "
            "(2026-01-31T17:00:00-06:00)"
        )
    return text


Moment = Annotated[str, AfterValidator(_moment)]
"""Text of a day, or of an instant with its offset (RFC 3339)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """In force from ``start_ms`` up to but not including ``end_ms`` (Unix ms)."""

    start_ms: int | None
    end_ms: int | None

    def state(self, now_ms: int) -> Agreement:
        """Return ``none`` before, ``in_force`` within, ``expired`` after."""
        if self.start_ms is not None and now_ms < self.start_ms:
            return Agreement.NONE
        if self.end_ms is not None and now_ms >= self.end_ms:
            return Agreement.EXPIRED
        return Agreement.IN_FORCE


def instant_ms(moment: str, zone: ZoneInfo) -> int:
    """Return a moment as Unix ms; a day is its first instant in the zone."""
    if _DAY.fullmatch(moment):
        start = dt.datetime.combine(
            dt.date.fromisoformat(moment), dt.time(), tzinfo=zone
        )
        return int(start.timestamp()) * 1000
    exact = dt.datetime.fromisoformat(moment)
    return int(exact.timestamp()) * 1000 + exact.microsecond // 1000


def period(start: str | None, end: str | None, zone: ZoneInfo) -> Period:
    """Return the period between two moments; ``end`` is the first one outside."""
    return Period(
        start_ms=None if start is None else instant_ms(start, zone),
        end_ms=None if end is None else instant_ms(end, zone),
    )


def combined(states: list[Agreement]) -> Agreement:
    """Return the state of several papers of one kind: any in force is enough."""
    for state in (Agreement.IN_FORCE, Agreement.EXPIRED):
        if state in states:
            return state
    return Agreement.NONE
