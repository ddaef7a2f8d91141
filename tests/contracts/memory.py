"""A connector over rows in memory: the contract in its plainest form.

It is the reference that other connectors are compared with.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from connectors.answer import verified
from connectors.breaker import Breaker
from connectors.contract import Limits
from connectors.errors import Fault, InvalidQuery, SourceTimeout, SourceUnavailable
from connectors.query import LiveColumn, Query, Row, check

__all__ = ["MemoryConnector"]

_Records: TypeAlias = "tuple[Mapping[str, Any], ...]"


class MemoryConnector:
    """Reads rows held as mappings of physical column to value.

    ``replace`` puts a new state in place at once; snapshots keep the old one.
    A read of one of ``slow_tables`` never ends by itself, so that deadlines can be
    tried.
    """

    def __init__(
        self,
        *,
        name: str,
        tables: Mapping[str, Sequence[Mapping[str, Any]]],
        limits: Limits,
        monotonic: Callable[[], float],
        slow_tables: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self.breaker = Breaker(source=name, monotonic=monotonic)
        self._slow_tables = slow_tables
        self.max_rows = limits.max_rows
        self._monotonic = monotonic
        self._closed = False
        self._tables: dict[str, _Records] = {}
        for table, records in tables.items():
            self.replace(table, records)

    def replace(self, table: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Put another state of a table in place."""
        state = dict(self._tables)
        state[table] = tuple(dict(record) for record in records)
        self._tables = state

    async def select(self, query: Query, *, deadline_s: float) -> Sequence[Row]:
        """Read once; see the contract."""
        async with self.snapshot(deadline_s=deadline_s) as snapshot:
            return await snapshot.select(query)

    @asynccontextmanager
    async def snapshot(self, *, deadline_s: float) -> AsyncIterator[_Snapshot]:
        """Open a snapshot; see the contract."""
        self.breaker.refuse_if_open()
        self.refuse_if_closed()
        yield _Snapshot(self, self._monotonic() + deadline_s)

    async def schema(self, table: str, *, deadline_s: float) -> tuple[LiveColumn, ...]:
        """Return the columns of the first record; see the contract."""
        with self.breaker.guard():
            await self.wait(table, self._monotonic() + deadline_s)
            records = self._tables.get(table, ())
            names = list(records[0]) if records else []
            return tuple(LiveColumn(name=name, type="") for name in names)

    async def ping(self, *, deadline_s: float) -> None:
        """Answer, unless closed; see the contract."""
        with self.breaker.guard():
            await self.wait("", self._monotonic() + deadline_s)

    async def close(self) -> None:
        """Refuse later calls; see the contract."""
        self._closed = True

    def state(self) -> Mapping[str, _Records]:
        """Return the state of all tables now."""
        return self._tables

    async def wait(self, table: str, ends_at: float) -> None:
        """Take as long as a read of a table takes.

        Raises:
            SourceTimeout: a monotonic instant comes first.
            SourceUnavailable: the connector was closed.
        """
        self.refuse_if_closed()
        remaining = max(0.0, ends_at - self._monotonic())
        await asyncio.sleep(remaining if table in self._slow_tables else 0)
        if table in self._slow_tables or not remaining:
            raise SourceTimeout(self.name)

    def refuse_if_closed(self) -> None:
        """Raise once closed."""
        if self._closed:
            raise SourceUnavailable(self.name, Fault.CLOSED)


class _Snapshot:
    """One state of all tables, fixed at the first read."""

    def __init__(self, connector: MemoryConnector, ends_at: float) -> None:
        self._connector = connector
        self._ends_at = ends_at
        self._state: Mapping[str, _Records] | None = None
        self._over = False

    async def select(self, query: Query, *, last: bool = False) -> Sequence[Row]:
        """Read in this snapshot; see the contract."""
        connector = self._connector
        if self._over:
            raise InvalidQuery("a read after the last of a snapshot")
        check(query, max_rows=connector.max_rows)
        self._over = True
        physical = dict(query.table.columns)
        if not {*query.columns, *(name for name, _ in query.filters)} <= set(physical):
            raise InvalidQuery("no such column")
        with connector.breaker.guard():
            if self._state is None:
                self._state = connector.state()
            await connector.wait(query.table.name, self._ends_at)
            records = self._state.get(query.table.name)
            if records is None:
                raise SourceUnavailable(connector.name, Fault.SCHEMA)
            rows = _rows(query, physical, records)
        self._over = last
        return verified(connector.name, query, rows)


def _rows(query: Query, physical: Mapping[str, str], records: _Records) -> list[Row]:
    """Filter, order and cut, exactly as a statement would."""
    wanted = [physical[name] for name in query.columns]
    filters = [(physical[name], value) for name, value in query.filters]
    keys = {key if isinstance(key, tuple) else (key,) for key in query.keys}
    after = query.after if isinstance(query.after, tuple) else (query.after,)
    rows: list[Row] = []
    for record in records:
        key = tuple(record[name] for name in query.table.key)
        matches = all(record[name] == value for name, value in filters)
        listed = not keys or key in keys
        if matches and listed and (query.after is None or _order(key) > _order(after)):
            rows.append((*key, *(record[name] for name in wanted)))
    rows.sort(key=lambda row: _order(row[: len(query.table.key)]))
    return rows[: query.limit]


def _order(key: Sequence[Any]) -> list[tuple[int, Any]]:
    """Order keys as SQLite does: nulls, then integers, then text."""
    return [
        (0, 0) if part is None else (1 if isinstance(part, int) else 2, part)
        for part in key
    ]
