"""Obligations that a person has to carry out, each with its clock.

They are stored before the entry that they belong to, so that an obligation nobody
could be told of ends in a refusal. Until that entry is in the log they do not count.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import Connection, delete, func, insert, select, update

from gateway.canonical import canonical
from gateway.clock import Clock
from gateway.state.database import Database
from gateway.state.tables import tasks
from gateway.state.task import (
    NewTask,
    OpenTasks,
    Task,
    TaskState,
    saying,
    task_of,
)

__all__ = ["Tasks"]

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Tasks:
    """The store of tasks."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        """Take the database and the clock."""
        self._database = database
        self._clock = clock

    async def add(self, exchange: str, new: Sequence[NewTask]) -> tuple[str, ...]:
        """Store tasks of an exchange and return their identifiers.

        Raises:
            Unavailable: state-unavailable; then nothing may be released.
        """
        if not new:
            return ()
        now = self._clock.now_ms()
        rows = [
            {
                "id": secrets.token_hex(16),
                "exchange": exchange,
                "do": item.do,
                "parameters": canonical(item.parameters).decode(),
                "state": TaskState.OPEN,
                "created_ms": now,
                "due_ms": item.due_ms,
            }
            for item in new
        ]
        await self._database.run(
            lambda connection: connection.execute(insert(tasks), rows)
        )
        return tuple(str(row["id"]) for row in rows)

    async def recorded(self, ids: Sequence[str], *, entry: int) -> None:
        """Note the entry that these tasks belong to; from now on they count."""
        change = (
            update(tasks)
            .where(tasks.c.id.in_(ids), tasks.c.entry.is_(None))
            .values(entry=entry)
        )
        if ids:
            await self._database.run(lambda connection: connection.execute(change))

    async def counted(self, exchange: str, *, entry: int) -> bool:
        """Tell whether a task of this exchange counts, or did, under this entry."""
        query = select(tasks.c.id).where(
            tasks.c.exchange == exchange, tasks.c.entry == entry
        )
        return await self._database.run(
            lambda connection: connection.execute(query.limit(1)).first() is not None
        )

    async def claim(
        self, exchange: str, new: Sequence[NewTask], *, entry: int, until_ms: int
    ) -> bool:
        """Tie to an entry what was stored for it by the attempt that wrote it.

        That is the newest of what has no entry, stored at once and before ``until_ms``,
        the entry's time; attempts that ended before theirs may have left more.

        Returns whether there was anything.
        """
        left = (
            tasks.c.exchange == exchange,
            tasks.c.entry.is_(None),
            tasks.c.created_ms <= until_ms,
            tasks.c.do.in_({item.do for item in new}),
        )
        newest = select(func.max(tasks.c.created_ms)).where(*left).scalar_subquery()
        change = (
            update(tasks).where(*left, tasks.c.created_ms == newest).values(entry=entry)
        )
        return await self._database.run(
            lambda connection: connection.execute(change).rowcount > 0
        )

    async def drop(self, ids: Sequence[str]) -> None:
        """Delete tasks whose entry was not written."""
        change = delete(tasks).where(tasks.c.id.in_(ids), tasks.c.entry.is_(None))
        if ids:
            await self._database.run(lambda connection: connection.execute(change))

    async def owe(self, task: str, exchange: str, new: NewTask, *, entry: int) -> None:
        """Store a task that counts at once; one of this id that is open stays.

        ``entry`` is -1 where the log could not take one.

        Raises:
            Unavailable: state-unavailable; it was stored or not, and may be again.
        """
        same = tasks.c.id == task
        row = {
            "id": task,
            "exchange": exchange,
            "do": new.do,
            "parameters": canonical(new.parameters).decode(),
            "state": TaskState.OPEN,
            "created_ms": self._clock.now_ms(),
            "due_ms": new.due_ms,
            "entry": entry,
        }

        def work(connection: Connection) -> None:
            connection.execute(delete(tasks).where(same, tasks.c.state != row["state"]))
            if connection.execute(select(tasks.c.id).where(same)).first() is None:
                connection.execute(insert(tasks), row)

        await self._database.run(work)

    async def listed(
        self,
        *,
        state: TaskState = TaskState.OPEN,
        most: int = 1000,
        do: str = "",
        said: Mapping[str, str] = _NOTHING,
        exchange: str = "",
        overdue: bool = False,
    ) -> tuple[Task, ...]:
        """Return tasks that count, the first due first.

        Args:
            state: where they are.
            most: how many at most.
            do: only those that say this is to be done.
            said: only those whose parameters have these values, written out.
            exchange: only those of one.
            overdue: only those whose time is past.
        """
        query = (
            select(tasks)
            .where(tasks.c.state == state, tasks.c.entry.is_not(None))
            .order_by(tasks.c.due_ms.is_(None), tasks.c.due_ms, tasks.c.id)
            .limit(most)
        )
        if do:
            query = query.where(tasks.c.do == do)
        for name, value in said.items():
            query = query.where(saying(name, value))
        if exchange:
            query = query.where(tasks.c.exchange == exchange)
        if overdue:
            query = query.where(tasks.c.due_ms < self._clock.now_ms())
        return await self._database.run(
            lambda connection: tuple(map(task_of, connection.execute(query)))
        )

    async def named(self, ids: Sequence[str]) -> dict[str, Task]:
        """Return the tasks with these identifiers that count, by identifier."""
        query = select(tasks).where(tasks.c.id.in_(ids), tasks.c.entry.is_not(None))
        found = await self._database.run(
            lambda connection: [*map(task_of, connection.execute(query))]
        )
        return {item.id: item for item in found}

    async def open_ids(self, do: str, *, most: int) -> frozenset[str]:
        """Return the identifiers of open tasks of one kind."""
        query = (
            select(tasks.c.id)
            .where(tasks.c.state == TaskState.OPEN, tasks.c.do == do)
            .where(tasks.c.entry.is_not(None))
            .limit(most)
        )
        return await self._database.run(
            lambda connection: frozenset(connection.execute(query).scalars())
        )

    async def count_open(self) -> OpenTasks:
        """Return how many are open, and how many of those are past their time."""
        overdue = tasks.c.due_ms < self._clock.now_ms()
        query = select(func.count(), func.count().filter(overdue)).where(
            tasks.c.state == TaskState.OPEN, tasks.c.entry.is_not(None)
        )
        row = await self._database.run(
            lambda connection: connection.execute(query).one()
        )
        return OpenTasks(open=row[0], overdue=row[1])

    async def closing(self, ids: Sequence[str]) -> None:
        """Note that an entry may be written next which says that these are over."""
        change = (
            update(tasks)
            .where(tasks.c.id.in_(ids), tasks.c.state == TaskState.OPEN)
            .values(closed_ms=self._clock.now_ms())
        )
        await self._database.run(lambda connection: connection.execute(change))

    async def half_closed(self, *, since_ms: int) -> tuple[Task, ...]:
        """Return the open tasks that somebody began to close since then."""
        query = select(tasks).where(
            tasks.c.state == TaskState.OPEN, tasks.c.closed_ms >= since_ms
        )
        return await self._database.run(
            lambda connection: tuple(map(task_of, connection.execute(query)))
        )

    async def close(
        self,
        task: str,
        state: TaskState,
        *,
        closing: int | None = None,
        created_ms: int | None = None,
    ) -> bool:
        """Close an open task; False when it was not open.

        Args:
            task: its identifier.
            state: done or cancelled.
            closing: the entry that says so, where somebody did.
            created_ms: only the one of that instant; one owed anew since stays open.
        """
        change = (
            update(tasks)
            .where(tasks.c.id == task, tasks.c.state == TaskState.OPEN)
            .values(state=state, closed_ms=self._clock.now_ms(), closing=closing)
        )
        if created_ms is not None:
            change = change.where(tasks.c.created_ms == created_ms)
        changed = await self._database.run(
            lambda connection: connection.execute(change).rowcount
        )
        return changed == 1

    async def forget(self, *, closed_before_ms: int, unrecorded_before_ms: int) -> int:
        """Delete tasks closed long ago, and those whose entry was never written."""
        never = tasks.c.entry.is_(None) & (tasks.c.created_ms < unrecorded_before_ms)
        over = tasks.c.state != TaskState.OPEN
        old = over & (tasks.c.closed_ms < closed_before_ms)
        change = delete(tasks).where(old | never)
        return await self._database.run(
            lambda connection: connection.execute(change).rowcount
        )
