"""A task, as the store of tasks takes it and gives it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, or_

from gateway.canonical import Json
from gateway.state.tables import tasks

__all__ = ["NewTask", "OpenTasks", "Task", "TaskState", "saying", "task_of"]


class TaskState(StrEnum):
    """Where a task is."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTask:
    """Something to be done: an obligation's code, its parameters, its clock.

    ``parameters`` are words and numbers of the rule; never a person.
    ``due_ms`` is Unix milliseconds, or None where the law sets no time.
    """

    do: str
    parameters: dict[str, Json]
    due_ms: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A stored task; times are Unix milliseconds.

    ``entry`` is None while it does not count, -1 where the log could not take one.
    ``closed_ms`` of an open one is when somebody last began to close it: an entry may
    say since then that it is over. ``closing`` is the entry that somebody's word on it
    made; None where nobody had to
    give one, because the gateway itself did what was to be done.
    """

    id: str
    exchange: str
    do: str
    parameters: dict[str, Json]
    state: TaskState
    created_ms: int
    due_ms: int | None
    entry: int | None
    closed_ms: int | None = None
    closing: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenTasks:
    """How many tasks are open, and how many of them are past their time."""

    open: int
    overdue: int


def task_of(row: Row[Any]) -> Task:
    """Return the task that a row holds."""
    return Task(
        id=row.id,
        exchange=row.exchange,
        do=row.do,
        parameters=json.loads(row.parameters),
        state=TaskState(row.state),
        created_ms=row.created_ms,
        due_ms=row.due_ms,
        entry=row.entry,
        closed_ms=row.closed_ms,
        closing=row.closing,
    )


def saying(name: str, value: str) -> ColumnElement[bool]:
    """Tell whether parameters have a value: they are canonical JSON, all of it flat."""
    said = tasks.c.parameters
    forms = (json.dumps({name: value}), f'{{"{name}": {value}}}')
    members = (form[1:-1].replace(": ", ":", 1) for form in forms)
    return or_(
        *(
            said.contains(f"{member}{end}", autoescape=True)
            for member in members
            for end in ",}"
        )
    )
