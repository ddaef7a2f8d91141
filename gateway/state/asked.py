"""The rows behind the memory of who was asked about; this store sees digests only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select

from gateway.state.database import Database
from gateway.state.tables import asked

__all__ = ["AskedRows", "Row"]

Row = tuple[str, bytes, bytes, int, bytes | None]
"""Family, person, way, day, and the digests of the selector without each part."""

_NAMES = ("family", "person", "way", "day", "rests")


class AskedRows:
    """The store of people asked about."""

    def __init__(self, *, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def rows(self, *, since: int) -> list[Row]:
        """Return what was asked on this day or later.

        Raises:
            Unavailable: state-unavailable.
        """
        query = select(*(asked.c[name] for name in _NAMES)).where(asked.c.day >= since)
        return await self._database.run(
            lambda connection: [
                (row[0], row[1], row[2], row[3], row[4])
                for row in connection.execute(query)
            ]
        )

    async def put(self, rows: Sequence[Row]) -> None:
        """Store rows, each in place of what was known of the same way of asking.

        Raises:
            Unavailable: state-unavailable; they were stored or not, and may be put
                again.
        """
        if not rows:
            return
        same = delete(asked).where(
            *(asked.c[name] == bindparam(f"old_{name}") for name in _NAMES[:3])
        )
        old = [
            {f"old_{n}": v for n, v in zip(_NAMES[:3], row[:3], strict=True)}
            for row in rows
        ]
        new = [dict(zip(_NAMES, row, strict=True)) for row in rows]

        def work(connection: Connection) -> None:
            connection.execute(same, old)
            connection.execute(insert(asked), new)

        await self._database.run(work)

    async def forget(self, *, before: int) -> int:
        """Delete what was last asked before a day; return how many rows went."""
        change = delete(asked).where(asked.c.day < before)
        return await self._database.run(
            lambda connection: connection.execute(change).rowcount
        )
