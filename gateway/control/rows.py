"""Acts and reviews as commands show them: names and numbers, never a person."""

from __future__ import annotations

import datetime as dt

from gateway.acts import ActEvent, Activation, CutOffAct
from gateway.canonical import Json
from gateway.ledger import Registrar
from gateway.state import Review, Task, TaskState

__all__ = [
    "activation_row",
    "cutoff_row",
    "event_row",
    "people_row",
    "review_row",
    "task_row",
]


def event_row(event: ActEvent) -> dict[str, Json]:
    """Return an act that was carried out."""
    return {
        "act": event.statement.act,
        "number": event.statement.counter,
        "entry": event.index,
        "sha256": event.act.sha256,
    }


def activation_row(active: Activation) -> dict[str, Json]:
    """Return an activation; ``since`` is the hour of its entry."""
    return {
        "number": active.counter,
        "policy": active.policy,
        "manifest": active.manifest,
        "since": _utc(active.at_ms),
        "entry": active.index,
    }


def people_row(registrar: Registrar) -> dict[str, Json]:
    """Return who decides now, and who will if a change of the roster waits."""
    authority, now_ms = registrar.in_force.authority, registrar.now_ms
    if not authority.origin:
        return {"people": [], "people_later": [], "people_from": ""}
    waiting = authority.waiting(now_ms)
    return {
        "people": [*authority.roster(now_ms).people],
        "people_later": [*waiting[1].people] if waiting else [],
        "people_from": _utc(waiting[0]) if waiting else "",
    }


def cutoff_row(item: CutOffAct) -> dict[str, Json]:
    """Return a cut-off as a row; ``since`` is the hour of its entry."""
    return {
        "number": item.number,
        "scope": item.scope,
        "name": item.name,
        "reason": item.reason,
        "since": _utc(item.at_ms),
        "entry": item.index,
    }


def review_row(item: Review) -> dict[str, Json]:
    """Return a review as a row; what was asked stays sealed."""
    return {
        "exchange": item.exchange,
        "state": str(item.state),
        "role": item.role,
        "created": _utc(item.created_ms),
        "due": item.due,
        "policy": item.revision,
        "agency": item.agency,
        "entry": -1 if item.entry is None else item.entry,
    }


def task_row(item: Task) -> dict[str, Json]:
    """Return a task as a row: what to do, by when, and the rule's own words for it.

    ``entry`` is the exchange's, ``closing`` the one that says it is over; -1 for none.
    """
    over = item.state is not TaskState.OPEN
    said = (f"{name}={value}" for name, value in sorted(item.parameters.items()))
    return {
        "task": item.id,
        "do": item.do,
        "state": str(item.state),
        "due": "" if item.due_ms is None else _utc(item.due_ms),
        "created": _utc(item.created_ms),
        "exchange": item.exchange,
        "entry": -1 if item.entry is None else item.entry,
        "closed": _utc(item.closed_ms) if over and item.closed_ms else "",
        "closing": -1 if item.closing is None else item.closing,
        "said": " ".join(said),
    }


def _utc(ms: int) -> str:
    when = dt.datetime.fromtimestamp(ms // 1000, tz=dt.UTC)
    return when.isoformat().replace("+00:00", "Z")
