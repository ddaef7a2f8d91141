"""What a log says that the law made somebody do, and what became of it.

The sealed account of an exchange names each duty with its task; the account of its end
names the task again. Whoever may open both needs nothing of who keeps the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from audit.encoding import Json, encode
from audit.errors import CannotTell, Malformed
from audit.keep import Keep
from audit.opening import Opener
from audit.selection import leaf_of
from audit.tiles import WIDTH

__all__ = ["STATES", "Duties", "Duty", "Said", "told", "words"]

STATES = ("open", "done", "cancelled")
"""What a duty can be."""

_EVENTS = ("exchange", "review")
_PARTS = ("who", "account")


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What one entry says of one task: that it is due, or that it is over.

    Times are Unix milliseconds; ``due_ms`` is 0 where the law sets none.
    """

    index: int
    at_ms: int
    task: str
    do: str
    parameters: dict[str, Json]
    exchange: str
    due_ms: int
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """A duty and what became of it.

    ``entry`` is where it comes from, ``closing`` the entry that says it is over, each
    -1 for none: the log could not take the first, or there is no second yet.
    """

    task: str
    do: str
    parameters: dict[str, Json]
    exchange: str
    due_ms: int
    entry: int
    state: str = "open"
    closing: int = -1
    closed_ms: int = 0

    def late(self, now_ms: int) -> bool:
        """Tell whether its time passed before it was over, or is past."""
        ended = self.closed_ms if self.closing >= 0 else now_ms
        return 0 < self.due_ms < ended

    def to_json(self, *, now_ms: int) -> dict[str, Json]:
        """Return it as an object."""
        return {
            "task": self.task,
            "do": self.do,
            "parameters": self.parameters,
            "exchange": self.exchange,
            "due_ms": self.due_ms,
            "entry": self.entry,
            "state": self.state,
            "closing": self.closing,
            "closed_ms": self.closed_ms,
            "late": self.late(now_ms),
        }


@dataclass(kw_only=True, slots=True)
class Duties:
    """The duties of a log, made of what its entries say in order."""

    by_task: dict[str, Duty] = field(default_factory=dict)
    unopened: list[tuple[int, str]] = field(default_factory=list)
    """Entries that do not open, and why: what they say of duties is not known."""
    last_ms: int = 0

    @property
    def in_order(self) -> list[Duty]:
        """Return them by the entries that they come from; those without one first."""
        return sorted(self.by_task.values(), key=lambda each: each.entry)

    def add(self, said: Iterable[Said | tuple[int, str]]) -> None:
        """Take what further entries say."""
        for each in said:
            if isinstance(each, tuple):
                self.unopened.append(each)
                continue
            self.last_ms = max(self.last_ms, each.at_ms)
            if each.state == "open":
                self._due(each)
            else:
                self._over(each)

    def _due(self, said: Said) -> None:
        before = self.by_task.get(said.task)
        # The same answer that is owed still, since its request failed again.
        if before is None or before.state != "open":
            self.by_task[said.task] = Duty(
                task=said.task,
                do=said.do,
                parameters=said.parameters,
                exchange=said.exchange,
                due_ms=said.due_ms,
                entry=said.index,
            )

    def _over(self, said: Said) -> None:
        before = self.by_task.get(said.task) or Duty(
            task=said.task,
            do=said.do,
            parameters=said.parameters,
            exchange=said.exchange,
            due_ms=said.due_ms,
            entry=-1,
        )
        self.by_task[said.task] = replace(
            before, state=said.state, closing=said.index, closed_ms=said.at_ms
        )


def told(
    keep: Keep, opener: Opener, first: int, entries: Sequence[bytes]
) -> list[Said | tuple[int, str]]:
    """Return what the entries of one bundle say of duties.

    Args:
        keep: the store.
        opener: opens with the auditor's key.
        first: index of the bundle's first entry.
        entries: its leaves, proved already.

    Raises:
        ProofInvalid: a sealed part is not the one that its leaf names.
    """
    _, records = keep.records(first // WIDTH)
    found: list[Said | tuple[int, str]] = []
    for index, data in enumerate(entries, first):
        leaf = leaf_of(data)
        if leaf is None or leaf.get("ev") not in _EVENTS:
            continue
        if index not in records:
            found.append((index, "its sealed record is gone"))
            continue
        try:
            parts = opener.open(data, records[index], asked=_PARTS).parts
            found += _said(index, parts["who"], parts["account"])
        except (CannotTell, Malformed) as error:
            found.append((index, str(error)))
    return found


def _said(
    index: int, who: dict[str, Json] | None, account: dict[str, Json] | None
) -> Iterator[Said]:
    if who is None or account is None:
        raise CannotTell("its parts who and account are not both there")
    try:
        rows = account.get("obligations", ())
        tasks = [row for row in rows if isinstance(row, dict) and "task" in row]
        if "task" in account:
            tasks.append(account)
        exchange = account.get("exchange", who.get("exchange", ""))
        for row in tasks:
            yield Said(
                index=index,
                at_ms=int(who["at_ms"]),
                task=str(row["task"]),
                do=str(row["do"]),
                parameters=dict(row.get("parameters", {})),
                exchange=str(exchange),
                due_ms=int(row.get("due_ms", 0)),
                state=_state(row),
            )
    except (KeyError, TypeError, ValueError):
        raise Malformed("account", "a duty in no form that is known here") from None


def _state(row: dict[str, Json]) -> str:
    state = row.get("state", STATES[0])
    if state not in STATES:
        raise ValueError(state)
    return str(state)


def words(parameters: dict[str, Json]) -> str:
    """Return a rule's words for a duty as one text."""
    return " ".join(
        f"{name}={value if isinstance(value, str) else encode(value).decode()}"
        for name, value in sorted(parameters.items())
    )
