"""Which acts of a log count: signatures, roster in force, order, time; pure.

The acts of a log are taken in the order of its entries. Each must be of this log, be
the next of its kind, come before it expires, and be signed by who must:

====================================  ==============================================
act                                   signed by
====================================  ==============================================
genesis                               every key that it names
roster                                two people of the roster in force, and every
                                      key that is new
activation, cutoff-lift,              two different people of the roster in force
paper found ``issuer_confirmed``
cutoff, paper found anything else     whoever wants to: these only close
replay                                whoever wants to: it opens nothing, and is known
start, stop, close                    nobody: the gateway says so of itself
reopen                                whoever wants to: the engines are asked what is
                                      known first, and a wrong one keeps it closed
key-rotation                          the log's key, old and new (whether these hold is
                                      :mod:`audit.rotation`'s to say)
====================================  ==============================================

A roster comes into force 24 full hours after the hour of its entry has ended, so that
a change which nobody wanted can be seen and replaced by another before; the first at
once. All time is that of the leaves, whole hours, so everybody who reads the log
comes to the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

from audit.act import Act, Statement
from audit.errors import ActRefused
from audit.growing import Growing
from audit.roster import Roster, signers

__all__ = ["HOUR_MS", "NEEDS", "WAIT_HOURS", "Authority", "Need", "need"]

HOUR_MS = 3_600_000
WAIT_HOURS = 24
_TWO = 2


class Need(Enum):
    """Who must sign an act."""

    NOBODY = "nobody"
    ANYBODY = "anybody"
    TWO = "two"
    ALL = "all"
    LOG = "log"


NEEDS: Mapping[str, Need] = MappingProxyType(
    {
        "genesis": Need.ALL,
        "cutoff": Need.ANYBODY,
        "replay": Need.ANYBODY,
        "start": Need.NOBODY,
        "stop": Need.NOBODY,
        "close": Need.NOBODY,
        "reopen": Need.ANYBODY,
        "key-rotation": Need.LOG,
    }
)
"""Acts that need other than two people."""


def need(statement: Statement) -> Need:
    """Return who must sign; whatever is not said to need less needs two."""
    if statement.act == "paper" and statement["state"] != "issuer_confirmed":
        return Need.ANYBODY
    return NEEDS.get(statement.act, Need.TWO)


def _counted(statement: Statement) -> str:
    """Return among which acts a statement is counted."""
    match statement.act:
        case "paper":
            return f"paper {statement['paper']}"
        case "cutoff-lift":
            return f"cutoff-lift {statement['lifts']}"
        case act:
            return act


@dataclass(frozen=True, kw_only=True, slots=True)
class _Since:
    """A roster and the hour from which it is in force (Unix ms)."""

    ms: int
    roster: Roster


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """What the acts so far came to."""

    origin: str = ""
    counters: Growing[str, int] = field(default_factory=Growing)
    _first: Roster | None = None
    _rosters: tuple[_Since, ...] = ()
    """The roster in force, and one that waits or has just come into force."""

    @property
    def first(self) -> Roster | None:
        """The roster that the log began with; none in an empty log."""
        return self._first

    def counter(self, statement: Statement) -> int:
        """Return the counter that an act like this must have next."""
        return self.counters.get(_counted(statement), 0)

    def roster(self, at_ms: int) -> Roster:
        """Return the roster that is in force at a time.

        Raises:
            ActRefused: there is none: the log has not begun.
        """
        found = [each.roster for each in self._rosters if each.ms <= at_ms]
        if not found:
            raise ActRefused("the log has no roster yet: it begins with a genesis act")
        return found[-1]

    def waiting(self, at_ms: int) -> tuple[int, Roster] | None:
        """Return a roster that is not in force yet, and from when on it is."""
        for each in self._rosters:
            if each.ms > at_ms:
                return each.ms, each.roster
        return None

    def before_ms(self, act: Act, at_ms: int) -> int | None:
        """Return the instant before which an act must be written to count as now."""
        ends = [act.statement.expires_ms]
        if act.signatures and (waiting := self.waiting(at_ms)):
            ends.append(waiting[0])
        return min((end for end in ends if end is not None), default=None)

    def after(
        self, act: Act, *, index: int, at_ms: int
    ) -> tuple[Authority, tuple[str, ...]]:
        """Return what holds after one more act, and the roster ids of who signed it.

        Args:
            act: the act.
            index: of its entry.
            at_ms: the time of its entry, as far as the reader knows it (Unix ms): the
                exact one before it is written, the start of its hour afterwards.

        Raises:
            ActRefused: it does not count; the sentence says why.
        """
        statement = act.statement
        self._require_place(statement, index)
        if statement.expires_ms is not None and at_ms >= statement.expires_ms:
            raise ActRefused(f"it expired at {statement.expires}")
        named = Roster.parse(statement.people) if statement.people else None
        people = self._require_people(act, at_ms, named)
        held = self if named is None else self._with(named, statement, at_ms)
        begun = replace(held, origin=statement.origin)
        return begun.passed_over(statement), people

    def passed_over(self, statement: Statement) -> Authority:
        """Return what holds after an act of which only its number is used.

        A reader who goes on after one that does not count names each such act once,
        and not all that follow.
        """
        due = self.counter(statement)
        due += statement.counter == due
        return replace(
            self, counters=self.counters.with_entry(_counted(statement), due)
        )

    def _require_place(self, statement: Statement, index: int) -> None:
        if (statement.act == "genesis") != (index == 0):
            begun = "; this log has begun already" if index else ""
            raise ActRefused(f"genesis belongs at index 0 and nowhere else{begun}")
        if self.origin and statement.origin != self.origin:
            raise ActRefused(f"it is of another log, {statement.origin}")
        due = self.counter(statement)
        if statement.counter < due:
            raise ActRefused(
                f"its counter is {statement.counter}, and that one was carried out"
                f" already; the next is {due}: another act came first"
            )
        if statement.counter > due:
            raise ActRefused(f"its counter should be {due}, not {statement.counter}")

    def _require_people(
        self, act: Act, at_ms: int, named: Roster | None
    ) -> tuple[str, ...]:
        """Return who signed, if these are the people who must."""
        needed = need(act.statement)
        if needed is Need.NOBODY:
            if act.signatures:
                raise ActRefused("nobody signs this act, and it has signatures")
            return ()
        if needed is Need.LOG:
            if [each.name for each in act.signatures] != [act.statement.origin] * _TWO:
                raise ActRefused("the log's old key and its new one sign this act")
            return ()
        if needed is Need.ANYBODY and not act.signatures:
            return ()
        old = () if needed is Need.ALL else self.roster(at_ms).keys
        new = [key for key in (named.keys if named else ()) if key not in old]
        found = signers(act, [*old, *new])
        missing = sorted({key.name for key in new if key not in found})
        if missing:
            raise ActRefused(
                f"each new key signs too, and one of {', '.join(missing)} has not"
            )
        deciding = sorted({key.name for key in found if key in old})
        if needed is Need.TWO and len(deciding) < _TWO:
            alone = f"only {deciding[0]} has" if deciding else "nobody has"
            raise ActRefused(
                f"two different people of the roster must sign it, and {alone}"
            )
        if act.statement.expires == "never":
            raise ActRefused("what people sign must say until when: expires never")
        return tuple(sorted({key.name for key in found}))

    def _with(self, named: Roster, statement: Statement, at_ms: int) -> Authority:
        if statement.act == "genesis":
            since = _Since(ms=0, roster=named)
            return replace(self, _first=named, _rosters=(since,))
        hour = at_ms - at_ms % HOUR_MS
        now = _Since(ms=0, roster=self.roster(at_ms))
        waits = _Since(ms=hour + (1 + WAIT_HOURS) * HOUR_MS, roster=named)
        return replace(self, _rosters=(now, waits))
