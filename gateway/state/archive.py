"""The question archive's rows: sealed questions, counted by day.

What a question is and how it is sealed is the policy's own; this store sees a
digest, an outcome word and sealed bytes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, and_, delete, insert, select, update

from gateway.state.database import Database
from gateway.state.tables import archive

__all__ = ["ArchiveRows"]


class ArchiveRows:
    """The store of archived questions."""

    def __init__(self, *, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def put(
        self, *, day: int, question: bytes, sealed: bytes, outcome: str, count: int = 1
    ) -> None:
        """Count a question; only the first of a day and outcome keeps its bytes.

        Args:
            day: YYYYMMDD.
            question: SHA-256 of the canonical question.
            sealed: the question, sealed.
            outcome: a closed word.
            count: how often it was asked since the last call.

        Raises:
            Unavailable: state-unavailable.
        """
        same = and_(
            archive.c.day == day,
            archive.c.question == question,
            archive.c.outcome == outcome,
        )
        more = update(archive).where(same).values(count=archive.c.count + count)
        first = insert(archive).values(
            day=day, question=question, outcome=outcome, count=count, sealed=sealed
        )

        def work(connection: Connection) -> None:
            # One writer, one thread: nothing comes between the two statements.
            if connection.execute(more).rowcount == 0:
                connection.execute(first)

        await self._database.run(work)

    async def rows(
        self, *, since: int, until: int, most: int = 10_000
    ) -> tuple[tuple[int, bytes, bytes, str, int], ...]:
        """Return (day, question, sealed, outcome, count), ``until`` not included."""
        query: Select[Any] = (
            select(
                archive.c.day,
                archive.c.question,
                archive.c.sealed,
                archive.c.outcome,
                archive.c.count,
            )
            .where(archive.c.day >= since, archive.c.day < until)
            .order_by(archive.c.day, archive.c.question, archive.c.outcome)
            .limit(most)
        )
        return await self._database.run(
            lambda connection: tuple(
                (row[0], row[1], row[2], row[3], row[4])
                for row in connection.execute(query)
            )
        )

    async def days(self, *, since: int, until: int) -> tuple[int, ...]:
        """Return the days that have rows, in order, ``until`` not included."""
        query = (
            select(archive.c.day)
            .where(archive.c.day >= since, archive.c.day < until)
            .distinct()
            .order_by(archive.c.day)
        )
        return await self._database.run(
            lambda connection: tuple(row[0] for row in connection.execute(query))
        )

    async def forget(self, *, before: int) -> int:
        """Delete the rows of days before this one (YYYYMMDD)."""
        change = delete(archive).where(archive.c.day < before)
        return await self._database.run(
            lambda connection: connection.execute(change).rowcount
        )
