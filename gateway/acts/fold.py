"""What all acts of a log come to: activation, cut-offs, papers; pure.

The gateway reads the acts of its log in order and folds them. The result depends on
nothing else, so state that was lost or altered is made again from the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from audit import ActRefused, ActUnsigned
from audit.act import Act, Statement, parse_act
from audit.authority import Authority
from audit.errors import StrangerSigned
from audit.growing import Growing
from gateway.acts.activation import Activation
from gateway.errors import GatewayError

__all__ = [
    "ActEvent",
    "ActMalformed",
    "ActOutOfOrder",
    "ActsInForce",
    "CutOffAct",
    "PaperAct",
    "fold",
    "parse_note",
    "why_not",
]


class ActMalformed(GatewayError):
    """A note is not an act in its only form; the sentence says where.

    In a log this means that somebody wrote an act with other software: the reader
    stops and refuses rather than pass over it.
    """


class ActOutOfOrder(GatewayError):
    """An act does not count after those before it: ``reason`` says why.

    In a log: somebody wrote it with other software, or a part of it is missing;
    nothing is released from it until an operator has looked.
    """

    def __init__(self, event: ActEvent, reason: str) -> None:
        """Keep the sentence; the entry is said before it."""
        name = f"{event.statement.act} {event.statement.counter}"
        super().__init__(f"entry {event.index}, {name}: {reason}")
        self.reason = reason


def why_not(error: ActRefused | ActOutOfOrder) -> str:
    """Return why an act that somebody hands in does not count, and how it may."""
    said = error.reason if isinstance(error, ActOutOfOrder) else str(error)
    if isinstance(error, StrangerSigned) or isinstance(error.__cause__, StrangerSigned):
        return f"{said}; take its line out, or make the act again"
    return said


def parse_note(note: bytes) -> Act:
    """Read a stored act back.

    Raises:
        ActMalformed: for anything but the one form of :mod:`audit.act`.
    """
    try:
        return parse_act(note)
    except (ActRefused, ActUnsigned) as error:
        raise ActMalformed(str(error)) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class ActEvent:
    """An act in the log: its entry's index, that entry's hour (Unix ms), the act."""

    index: int
    at_ms: int
    act: Act

    @property
    def statement(self) -> Statement:
        """What the act says."""
        return self.act.statement


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
    """What was last found out about a paper, and the entry that says so.

    ``face`` is the commitment to what the register said of it then, or ``none``.
    """

    state: str
    face: str
    index: int
    at_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ActsInForce:
    """The fold: what holds after the acts read so far.

    ``closed`` is the number of the last closing that nobody has looked at yet, and
    ``causes`` are those of all such closings.
    """

    authority: Authority = field(default_factory=Authority)
    activation: Activation | None = None
    closed: int | None = None
    causes: frozenset[str] = frozenset()
    cutoffs: tuple[CutOffAct, ...] = ()
    papers: Growing[str, PaperAct] = field(default_factory=Growing)

    def numbered(self, statement: Statement) -> Statement:
        """Return a statement with the counter that such an act has next."""
        return replace(statement, counter=self.authority.counter(statement))

    def after(self, event: ActEvent) -> ActsInForce:  # noqa: PLR0911  # one return for each act
        """Return what holds after one more act.

        Raises:
            ActOutOfOrder: when the act does not count after the ones before it.
        """
        statement = event.statement
        try:
            authority, _people = self.authority.after(
                event.act, index=event.index, at_ms=event.at_ms
            )
        except ActRefused as error:
            raise ActOutOfOrder(event, str(error)) from error
        counted = replace(self, authority=authority)
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
                causes = self.causes | {statement["cause"]}
                return replace(counted, closed=statement.counter, causes=causes)
            case "reopen":
                self._require_closed(event)
                return replace(counted, closed=None, causes=frozenset())
            case "paper":
                return replace(counted, papers=self._with_paper(event))
            case _:
                return counted

    def _require_closed(self, event: ActEvent) -> None:
        closing = event.statement["reopens"]
        if closing != str(self.closed):
            raise ActOutOfOrder(event, f"closing {closing} is not one that still holds")

    def _without(self, event: ActEvent) -> tuple[CutOffAct, ...]:
        number = int(event.statement["lifts"])
        left = tuple(item for item in self.cutoffs if item.number != number)
        if len(left) == len(self.cutoffs):
            listed = ", ".join(str(item.number) for item in self.cutoffs) or "none"
            raise ActOutOfOrder(event, f"cut-off {number} is not in force; {listed} is")
        return left

    def _with_paper(self, event: ActEvent) -> Growing[str, PaperAct]:
        found = PaperAct(
            state=event.statement["state"],
            face=event.statement["face"],
            index=event.index,
            at_ms=event.at_ms,
        )
        return self.papers.with_entry(event.statement["paper"], found)


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
