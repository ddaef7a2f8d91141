"""What all acts of a log come to: activation, cut-offs, papers; pure.

The gateway reads the acts of its log in order and folds them. The result depends on
nothing else, so state that was lost or altered is made again from the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from gateway.acts.activation import Activation
from gateway.acts.statement import Statement
from gateway.errors import GatewayError

__all__ = ["ActEvent", "ActOutOfOrder", "ActsInForce", "CutOffAct", "PaperAct", "fold"]


class ActOutOfOrder(GatewayError):
    """The acts of a log contradict each other; the sentence says at which entry.

    Somebody wrote this log with other software, or a part of it is missing: nothing
    is released from it until an operator has looked.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class ActEvent:
    """An act in the log: its entry's index, that entry's hour (Unix ms), the act."""

    index: int
    at_ms: int
    statement: Statement


@dataclass(frozen=True, kw_only=True, slots=True)
class CutOffAct:
    """A cut-off in force; ``name`` is empty where ``scope`` is ``all``."""

    number: int
    scope: str
    name: str
    reason: str
    index: int
    at_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperAct:
    """What was last found out about a paper, and the entry that says so."""

    state: str
    index: int
    at_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ActsInForce:
    """The fold: what holds after the acts read so far.

    ``closed`` is the number of a closing that nobody has looked at yet.
    """

    origin: str = ""
    activation: Activation | None = None
    closed: int | None = None
    cutoffs: tuple[CutOffAct, ...] = ()
    papers: Mapping[str, PaperAct] = field(default_factory=lambda: MappingProxyType({}))
    counters: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def next_counter(self, act: str) -> int:
        """Return the counter that the next act of this kind has."""
        return self.counters.get(act, 0)

    def after(self, event: ActEvent) -> ActsInForce:  # noqa: PLR0911  # one return for each act
        """Return what holds after one more act.

        Raises:
            ActOutOfOrder: when the act cannot follow the ones before it.
        """
        statement = event.statement
        self._require_order(event)
        known = {**self.counters, statement.act: statement.counter + 1}
        counted = replace(
            self, origin=statement.origin, counters=MappingProxyType(known)
        )
        match statement.act:
            case "activation":
                return replace(
                    counted,
                    activation=Activation.of(
                        statement, index=event.index, at_ms=event.at_ms
                    ),
                )
            case "cutoff":
                return replace(counted, cutoffs=(*self.cutoffs, _cutoff(event)))
            case "cutoff-lift":
                return replace(counted, cutoffs=self._without(event))
            case "close":
                return replace(counted, closed=statement.counter)
            case "reopen":
                self._require_closed(event)
                return replace(counted, closed=None)
            case "paper":
                return replace(counted, papers=self._with_paper(event))
            case _:
                return counted

    def _require_order(self, event: ActEvent) -> None:
        statement, problem = event.statement, ""
        if (statement.act == "genesis") != (event.index == 0):
            problem = "genesis belongs at index 0 and nowhere else"
        elif self.origin and statement.origin != self.origin:
            problem = f"it is of another log, {statement.origin}"
        elif statement.counter != self.next_counter(statement.act):
            problem = f"its counter should be {self.next_counter(statement.act)}"
        if problem:
            raise ActOutOfOrder(
                f"entry {event.index}, {statement.act} {statement.counter}: {problem}"
            )

    def _require_closed(self, event: ActEvent) -> None:
        if event.statement["reopens"] != str(self.closed):
            raise ActOutOfOrder(
                f"entry {event.index} reopens what closing"
                f" {event.statement['reopens']} did not leave closed"
            )

    def _without(self, event: ActEvent) -> tuple[CutOffAct, ...]:
        number = int(event.statement["lifts"])
        left = tuple(item for item in self.cutoffs if item.number != number)
        if len(left) == len(self.cutoffs):
            raise ActOutOfOrder(
                f"entry {event.index} lifts cut-off {number}, which is not in force"
            )
        return left

    def _with_paper(self, event: ActEvent) -> Mapping[str, PaperAct]:
        found = PaperAct(
            state=event.statement["state"], index=event.index, at_ms=event.at_ms
        )
        return MappingProxyType({**self.papers, event.statement["paper"]: found})


def fold(events: Iterable[ActEvent]) -> ActsInForce:
    """Fold the acts of a log, in the order of their entries.

    Raises:
        ActOutOfOrder: at the first act that cannot follow the ones before it.
    """
    standing = ActsInForce()
    for event in events:
        standing = standing.after(event)
    return standing


def _cutoff(event: ActEvent) -> CutOffAct:
    statement = event.statement
    name = statement["name"]
    return CutOffAct(
        number=statement.counter,
        scope=statement["scope"],
        name="" if name == "-" else name,
        reason=statement.reason,
        index=event.index,
        at_ms=event.at_ms,
    )
