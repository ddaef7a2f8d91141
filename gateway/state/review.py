"""One request that waits, or waited, for a person."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from gateway.canonical import Json

__all__ = ["Review", "ReviewState", "review_of"]


class ReviewState(StrEnum):
    """Where a review is; only the first is still open."""

    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """One row; times are Unix milliseconds."""

    exchange: str
    state: ReviewState
    role: str
    created_ms: int
    due_ms: int
    revision: str
    entry: int | None
    receipt: dict[str, Json]
    agency: str
    client: str

    @property
    def due(self) -> str:
        """When it expires, as RFC 3339 in UTC, to the second."""
        due = dt.datetime.fromtimestamp(self.due_ms // 1000, tz=dt.UTC)
        return due.isoformat().replace("+00:00", "Z")

    @property
    def state_for_requester(self) -> str:
        """The state as its requester sees it: one word for every refusal.

        Whether a person refused, time ran out, or there was nothing to decide would
        tell whether there is a record.
        """
        refused = self.state in {ReviewState.DENIED, ReviewState.EXPIRED}
        return str(ReviewState.DENIED if refused else self.state)


def review_of(row: Row[Any]) -> Review:
    """Read a review off its row."""
    return Review(
        exchange=row.exchange,
        state=ReviewState(row.state),
        role=row.role,
        created_ms=row.created_ms,
        due_ms=row.due_ms,
        revision=row.revision,
        entry=row.entry,
        receipt=json.loads(row.receipt) if row.receipt else {},
        agency=row.agency,
        client=row.client,
    )
