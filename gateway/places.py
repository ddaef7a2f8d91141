"""Who is worked on and who waits: fair between clients, with places kept for danger.

Pure: no clock, no loop; :mod:`gateway.stopping` waits by it. The rules:

* so many are worked on at once; ``reserve`` of these places are for exigent requests,
  which may also have half of the others;
* no client holds more than three quarters of the others, so that whoever is slow, or
  many at once, leaves room;
* who waits is served in turn by client, whatever number each has waiting; exigent
  requests before all others;
* when the queue is full, the newest request of the client with the most waiting makes
  room for one of a client with fewer, and an ordinary one for an exigent one.

Anybody may claim danger to life. A claim is on record, and it gains the reserve, not
the turn of another client that claims it too, nor all the places of those who don't.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable

__all__ = ["Places", "Ticket"]


class Ticket:
    """One request: it holds a place, waits for one, or was turned away."""

    __slots__ = ("exigent", "holds", "told", "who")

    def __init__(self, who: Hashable, *, exigent: bool) -> None:
        """Take the client and whether it claims danger to life."""
        self.who = who
        self.exigent = exigent
        self.holds = False
        self.told: Callable[[bool], object] = _nobody
        """Called once with whether it got its place, when it had to wait."""


def _nobody(_holds: bool) -> None:  # noqa: FBT001  # as it is called back
    """Tell nobody."""


_Lines = dict[Hashable, deque[Ticket]]
"""Who waits, by client; the order of the clients is the order of their turns."""


class Places:
    """The places of one process and the queue for them."""

    def __init__(self, *, most: int, reserve: int, queue: int) -> None:
        """Take how many are worked on at once, kept for exigent ones, and may wait."""
        self._most = most
        self._ordinary = most - reserve
        self._exigent = most - max(1, self._ordinary // 2)
        self._share = max(1, self._ordinary * 3 // 4)
        self._queue = queue
        self._held: dict[Hashable, int] = {}
        self._holding = 0
        self._holding_ordinary = 0
        self._lines: tuple[_Lines, _Lines] = ({}, {})  # ordinary, exigent
        self.waiting = 0

    @property
    def holding(self) -> int:
        """How many hold a place."""
        return self._holding

    def arrive(self, who: Hashable, *, exigent: bool) -> Ticket | None:
        """Return the ticket of a request; None when it is turned away.

        Somebody who waited may be turned away instead, and is told.
        """
        ticket = Ticket(who, exigent=exigent)
        # Whoever waits, waits for a place that it cannot have: nobody is overtaken.
        if self._may_have(ticket):
            self._take(ticket)
            return ticket
        if self.waiting >= self._queue and not self._make_room(ticket):
            return None
        self._lines[exigent].setdefault(who, deque()).append(ticket)
        self.waiting += 1
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """End a request, whether it held a place or still waited."""
        if ticket.holds:
            ticket.holds = False
            self._holding -= 1
            self._holding_ordinary -= not ticket.exigent
            self._held[ticket.who] -= 1
            if not self._held[ticket.who]:
                del self._held[ticket.who]  # clients come and go
            if self.waiting:
                self._serve()
        elif ticket in self._lines[ticket.exigent].get(ticket.who, ()):
            self._drop(ticket)

    def _may_have(self, ticket: Ticket) -> bool:
        """Tell whether a place is free that this request may have."""
        if self._holding >= self._most:
            return False
        if self._held.get(ticket.who, 0) >= self._share:
            return False
        if ticket.exigent:
            return self._holding - self._holding_ordinary < self._exigent
        return self._holding_ordinary < self._ordinary

    def _take(self, ticket: Ticket) -> None:
        ticket.holds = True
        self._holding += 1
        self._holding_ordinary += not ticket.exigent
        self._held[ticket.who] = self._held.get(ticket.who, 0) + 1

    def _serve(self) -> None:
        """Give free places to who waits, in turn."""
        for lines in reversed(self._lines):
            while ticket := self._next(lines):
                self._drop(ticket)
                if ticket.who in lines:  # the next of this client waits for its turn
                    lines[ticket.who] = lines.pop(ticket.who)
                self._take(ticket)
                ticket.told(True)

    def _next(self, lines: _Lines) -> Ticket | None:
        """Return the first, in the order of turns, that may have a place."""
        firsts = (line[0] for line in lines.values())
        return next((ticket for ticket in firsts if self._may_have(ticket)), None)

    def _make_room(self, ticket: Ticket) -> bool:
        """Turn the newest of the longest line away, if that is fairer."""
        ordinary, exigent = self._lines
        if ticket.exigent and ordinary:
            victims, least = ordinary, 0
        else:
            victims = exigent if ticket.exigent else ordinary
            least = len(victims.get(ticket.who, ())) + 1
        longest = max(victims.values(), key=len, default=None)
        if longest is None or len(longest) <= least:
            return False
        last = longest[-1]
        self._drop(last)
        last.told(False)
        return True

    def _drop(self, ticket: Ticket) -> None:
        """Take a ticket out of its line."""
        lines = self._lines[ticket.exigent]
        line = lines[ticket.who]
        line.remove(ticket)
        self.waiting -= 1
        if not line:
            del lines[ticket.who]
