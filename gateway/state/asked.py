"""The rows behind the memory of who was asked about; this store sees digests only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, select

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

    async def after(self, turn: int | None, *, since: int) -> tuple[list[Row], int]:
        """Return what was asked on a day or later and written after a turn.

        Args:
            turn: the last that is known; None for all there is.
            since: the first day.

        Returns:
            The rows, and the turn after which to ask next.

        Raises:
            Unavailable: state-unavailable.
        """
        every = select(*(asked.c[name] for name in _NAMES)).where(asked.c.day >= since)

        def work(connection: Connection) -> tuple[list[Row], int]:
            last = _last(connection)
            if last == turn:
                return [], last
            # Fewer than are known: another state was put in its place.
            new = turn is not None and last > turn
            query = every.where(asked.c.turn > turn) if new else every
            found = connection.execute(query)
            return [(row[0], row[1], row[2], row[3], row[4]) for row in found], last

        return await self._database.run(work)

    async def put(self, rows: Sequence[Row], *, now_ms: int) -> None:
        """Store rows, each in place of what was known of the same way of asking.

        Args:
            rows: the rows.
            now_ms: the time (Unix ms), from which turns are counted: so that they go
                on rising when what was old has been deleted.

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
            turn = max(_last(connection) + 1, now_ms)
            connection.execute(same, old)
            connection.execute(insert(asked), [{**row, "turn": turn} for row in new])

        await self._database.run(work)

    async def forget(self, *, before: int) -> int:
        """Delete what was last asked before a day; return how many rows went."""
        change = delete(asked).where(asked.c.day < before)
        return await self._database.run(
            lambda connection: connection.execute(change).rowcount
        )


def _last(connection: Connection) -> int:
    """Return the newest turn. Transactions are serial, so none comes below it later."""
    newest = select(func.coalesce(func.max(asked.c.turn), 0))
    return int(connection.execute(newest).scalar_one())
