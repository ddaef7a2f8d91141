"""The store of requests that wait for a person.

A row is stored before its entry is written and closed by a clock. It holds no record
data: what was asked is sealed under a key of the row's own, which is destroyed when
the row is closed. Until its entry is in the log a row is shown to nobody.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, insert, select, update

from gateway.canonical import Json
from gateway.clock import Clock
from gateway.errors import Cause, Unavailable
from gateway.state.database import Database
from gateway.state.review import Review, ReviewState, review_of
from gateway.state.sealing import open_row, seal_row
from gateway.state.tables import reviews

__all__ = ["Reviews"]

_HOUR_MS = 3_600_000


class Reviews:
    """The store of reviews."""

    def __init__(
        self,
        *,
        database: Database,
        key: bytes,
        clock: Clock,
        due_ms: int,
        most_waiting: int = 10_000,
    ) -> None:
        """Take the database, the key for reviews, the clock and the bounds."""
        self._database = database
        self._key = key
        self._clock = clock
        self._due_ms = due_ms
        self._most_waiting = most_waiting

    async def add(
        self,
        *,
        exchange: str,
        role: str,
        revision: str,
        agency: str,
        client: str,
        request: bytes,
    ) -> Review:
        """Store a waiting request, before its entry is written.

        Args:
            exchange: the exchange's identifier, 32 hex digits.
            role: who has to look, a word of the vocabulary.
            revision: the bundle the request was first decided under.
            agency: identifier of the requester's agency.
            client: identifier of the requester's client.
            request: what is sealed: the request as it was sent and who sent it.

        Raises:
            Unavailable: state-unavailable; overloaded when too many wait already.
        """
        now = self._clock.now_ms()
        row_key, sealed = seal_row(self._key, exchange, request)
        values = {
            "exchange": exchange,
            "state": ReviewState.WAITING,
            "role": role,
            "created_ms": now,
            "due_ms": now + self._due_ms,
            "revision": revision,
            "agency": agency,
            "client": client,
            "row_key": row_key,
            "sealed": sealed,
        }

        def work(connection: Connection) -> Review:
            # The same request at two processes at once is one row.
            if (row := connection.execute(_one(exchange)).one_or_none()) is not None:
                return review_of(row)
            if _waiting(connection) >= self._most_waiting:
                raise Unavailable(Cause.OVERLOADED, "too many reviews wait")
            connection.execute(insert(reviews).values(values))
            return review_of(connection.execute(_one(exchange)).one())

        return await self._database.run(work)

    async def recorded(
        self, exchange: str, *, entry: int, receipt: dict[str, Json]
    ) -> None:
        """Note the entry of a stored request; from now on its requester sees it."""
        change = (
            update(reviews)
            .where(reviews.c.exchange == exchange, reviews.c.entry.is_(None))
            .values(entry=entry, receipt=json.dumps(receipt))
        )
        await self._database.run(lambda connection: connection.execute(change))

    async def of(self, exchange: str, *, agency: str, client: str) -> Review | None:
        """Return a requester's own review, or None for everything else."""
        query = _one(exchange).where(
            reviews.c.agency == agency,
            reviews.c.client == client,
            reviews.c.entry.is_not(None),
        )
        return await self._first(query)

    async def show(self, exchange: str) -> Review | None:
        """Return a review for an officer, or None."""
        return await self._first(_one(exchange))

    async def request(self, exchange: str) -> bytes | None:
        """Open the sealed request; None when closed or unknown.

        Raises:
            CannotOpen: when the row was altered.
        """
        row = await self._database.run(
            lambda connection: connection.execute(_one(exchange)).one_or_none()
        )
        if row is None or row.row_key is None:
            return None
        return open_row(self._key, exchange, row.row_key, row.sealed)

    async def listed(
        self, *, state: ReviewState | None = None, most: int = 1000
    ) -> tuple[Review, ...]:
        """Return reviews, the first due first."""
        query = select(reviews).order_by(reviews.c.due_ms, reviews.c.exchange)
        if state is not None:
            query = query.where(reviews.c.state == state)
        return await self._all(query.limit(most))

    async def overdue(self, *, most: int = 100) -> tuple[Review, ...]:
        """Return waiting reviews whose time has run out."""
        query = (
            select(reviews)
            .where(
                reviews.c.state == ReviewState.WAITING,
                reviews.c.entry.is_not(None),
                reviews.c.due_ms <= self._clock.now_ms(),
            )
            .order_by(reviews.c.due_ms, reviews.c.exchange)
            .limit(most)
        )
        return await self._all(query)

    async def close(self, exchange: str, state: ReviewState) -> bool:
        """Close a waiting review and destroy the key of its request.

        Returns:
            False when it was not waiting any more.
        """
        change = (
            update(reviews)
            .where(
                reviews.c.exchange == exchange,
                reviews.c.state == ReviewState.WAITING,
            )
            .values(
                state=state,
                closed_ms=self._clock.now_ms(),
                row_key=None,
                sealed=None,
            )
        )
        changed = await self._database.run(
            lambda connection: connection.execute(change).rowcount
        )
        return changed == 1

    async def distrust(self) -> int:
        """Withdraw every approval: what became of it since is not known.

        Returns:
            How many there were.
        """
        change = (
            update(reviews)
            .where(reviews.c.state == ReviewState.APPROVED)
            .values(state=ReviewState.WITHDRAWN)
        )
        return await self._database.run(
            lambda connection: connection.execute(change).rowcount
        )

    async def forget(self, *, closed_before_ms: int) -> int:
        """Delete closed rows, and rows an hour old whose entry was never written."""
        never = and_(
            reviews.c.entry.is_(None),
            reviews.c.created_ms < self._clock.now_ms() - _HOUR_MS,
        )
        change = delete(reviews).where(never | (reviews.c.closed_ms < closed_before_ms))
        return await self._database.run(
            lambda connection: connection.execute(change).rowcount
        )

    async def waiting(self) -> int:
        """Return how many reviews wait."""
        return await self._database.run(_waiting)

    async def _first(self, query: Select[Any]) -> Review | None:
        return next(iter(await self._all(query)), None)

    async def _all(self, query: Select[Any]) -> tuple[Review, ...]:
        return await self._database.run(
            lambda connection: tuple(map(review_of, connection.execute(query)))
        )


def _one(exchange: str) -> Select[Any]:
    return select(reviews).where(reviews.c.exchange == exchange)


def _waiting(connection: Connection) -> int:
    query = select(func.count()).where(reviews.c.state == ReviewState.WAITING)
    return connection.execute(query).scalar_one()
