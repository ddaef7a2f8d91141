"""What people have to do: listed, and closed with an entry that says who says so.

First the entry, then the row. A crash between the two leaves the task open; closed
again in the same way it is the same entry, as long as the log remembers: a day. So the
row says before that somebody closes it, and a running gateway looks what the log says
of such rows: nobody is to close otherwise, the day after, what is closed already.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from audit import Known, Log, LogError
from audit.memory import KEPT_HOURS
from gateway.asking.idempotency import Tickets
from gateway.canonical import Json
from gateway.clock import Clock
from gateway.control.proposal import Running
from gateway.control.protocol import NotDone, TaskClose, TaskList
from gateway.control.rows import task_row
from gateway.errors import Unavailable
from gateway.ledger import Basis, Ended, EndedOtherwise, record_end
from gateway.state import Task, Tasks, TaskState

__all__ = ["Docket"]

_REMEMBERED_MS = KEPT_HOURS * 3_600_000
"""How long the log knows again what it was given, in milliseconds."""


class Docket:
    """The list of tasks, as people work it."""

    def __init__(
        self, *, tasks: Tasks, log: Log, tickets: Tickets, clock: Clock
    ) -> None:
        """Take the list, the log, what names things that happen once, and the clock."""
        self._clock = clock
        self._tasks = tasks
        self._log = log
        self._tickets = tickets

    async def listed(self, command: TaskList) -> Json:
        """Return tasks as rows, the first due first.

        Raises:
            Unavailable: state-unavailable.
        """
        found = await self._tasks.listed(
            state=TaskState(command.state),
            most=command.most,
            do=command.do,
            said=_pairs(command.said),
            exchange=command.exchange,
            overdue=command.overdue,
        )
        return [task_row(item) for item in found]

    async def counted(self) -> dict[str, Json]:
        """Return how much is to be done; nothing where that can't be told now."""
        try:
            count = await self._tasks.count_open()
        except Unavailable:
            return {}
        return {"tasks_open": count.open, "tasks_overdue": count.overdue}

    async def close(self, command: TaskClose, running: Running, *, uid: int) -> Json:
        """Write that tasks are done, or need not be; return a row for each.

        Args:
            command: which, how, and who says so.
            running: what entries are made under; it is told what is over.
            uid: the user of this machine who gave the command.

        Raises:
            NotDone: one is not open; nothing was closed, or what the sentence says.
            Unavailable: log-unavailable, overloaded or state-unavailable.
        """
        basis = await running.basis()
        rows: list[Json] = []
        found = await self._open(command)
        await self._tasks.closing([item.id for item in found])
        for task in found:
            try:
                rows.append(await self._close(task, command, running, basis, uid=uid))
            except NotDone as error:
                raise NotDone(f"{error}{_before(rows)}") from error
            except Unavailable as error:
                detail = f"{error.detail}{_before(rows)}"
                raise Unavailable(error.cause, detail) from error
        return rows

    async def _close(
        self,
        task: Task,
        command: TaskClose,
        running: Running,
        basis: Basis,
        *,
        uid: int,
    ) -> Json:
        ended = self._ended(task, command, uid=uid)
        try:
            receipt = await record_end(self._log, ended, basis=basis)
        except EndedOtherwise as error:
            raise NotDone(
                f"entry {error.entry} says otherwise of the task {task.id}"
            ) from error
        state = TaskState(command.state)
        try:
            closed = await self._tasks.close(
                task.id, state, closing=receipt.index, created_ms=task.created_ms
            )
        except Unavailable as error:
            said = f"entry {receipt.index} says that the task {task.id} is {state}"
            raise Unavailable(
                error.cause, f"{said}, the list does not: close it again so"
            ) from error
        if closed:
            running.settled(task.id)
        return {
            "task": task.id,
            "do": task.do,
            "state": command.state,
            "exchange": task.exchange,
            "entry": receipt.index,
        }

    async def look_forever(
        self, settled: Callable[[str], None], *, every_s: float = 60.0
    ) -> None:
        """Close what the log says is over, now and then, until cancelled."""
        while True:
            # What cannot be told just now is looked for in the next round.
            with contextlib.suppress(Unavailable, LogError):
                await self.look(settled)
            await asyncio.sleep(every_s)

    async def look(self, settled: Callable[[str], None]) -> None:
        """Close in the list what the log says is over; ``settled`` is told of each.

        Raises:
            Unavailable: state-unavailable.
            audit.LogUnavailable: nobody can tell just now.
        """
        since_ms = self._clock.now_ms() - _REMEMBERED_MS
        for task in await self._tasks.half_closed(since_ms=since_ms):
            known = await self._log.known(self._key(task))
            if known is not None and await self._settle(task, known):
                settled(task.id)

    async def _settle(self, task: Task, known: Known) -> bool:
        done = known.content == self._how(TaskState.DONE)
        return await self._tasks.close(
            task.id,
            TaskState.DONE if done else TaskState.CANCELLED,
            closing=known.receipt.index,
            created_ms=task.created_ms,
        )

    def _key(self, task: Task) -> bytes:
        # An answer that is owed again has the same identifier, and is another task.
        return self._tickets.derived("task", task.id, str(task.created_ms))

    def _how(self, state: TaskState) -> bytes:
        return self._tickets.derived("task", str(state))

    async def _open(self, command: TaskClose) -> list[Task]:
        """Return the tasks that are meant, each once, if all are open."""
        if command.do:
            return await self._of_a_kind(command)
        names = [*dict.fromkeys(command.tasks)]
        found = await self._tasks.named(names)
        wrong = [f"there is no task {name}" for name in names if name not in found]
        wrong += [
            f"the task {item.id} is {item.state} already"
            for item in found.values()
            if item.state is not TaskState.OPEN
        ]
        if wrong:
            raise NotDone(f"{'; '.join(wrong)}; nothing was closed")
        return [found[name] for name in names]

    async def _of_a_kind(self, command: TaskClose) -> list[Task]:
        do, said, exchange = command.do, command.said, command.exchange
        found = await self._tasks.listed(do=do, said=_pairs(said), exchange=exchange)
        if not found:
            such = f", {' '.join(said)}" if said else ""
            such += f", for the exchange {exchange}" if exchange else ""
            raise NotDone(f"no open task says that {do} is to be done{such}")
        return [*found]

    def _ended(self, task: Task, command: TaskClose, *, uid: int) -> Ended:
        return Ended(
            key=self._key(task),
            how=self._how(TaskState(command.state)),
            who={"by": command.by, "uid": uid},
            account={
                "exchange": task.exchange,
                "task": task.id,
                "do": task.do,
                "parameters": task.parameters,
                "state": command.state,
                "due_ms": task.due_ms or 0,
                "entry": -1 if task.entry is None else task.entry,
                "words": command.words,
            },
        )


def _pairs(said: Sequence[str]) -> dict[str, str]:
    pairs = (each.partition("=") for each in said)
    return {name: value for name, _, value in pairs}


def _before(rows: Sequence[Json]) -> str:
    return f"; {len(rows)} before it were closed" if rows else ""
