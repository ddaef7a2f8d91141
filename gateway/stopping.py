"""Requests in flight: each gets a place or waits for one, and a stop waits for all."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from types import TracebackType

from gateway.errors import Cause, Unavailable
from gateway.places import Places, Ticket

__all__ = ["Flight", "Flights"]


class Flights:
    """Bounds requests in flight by their places, and waits for the last one."""

    def __init__(self, *, places: Places, longest_wait_s: float) -> None:
        """Take the places and how long somebody may wait for one, in seconds."""
        self.places = places
        self._longest_wait_s = longest_wait_s
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def count(self) -> int:
        """How many are in flight, those that wait for a place not counted."""
        return self.places.holding

    def one(self, who: Hashable = "", *, exigent: bool = False) -> Flight:
        """Return the flight of one request; its place is held while it is entered.

        Args:
            who: the system that asks; places are shared out fairly between them.
            exigent: whether it claims danger to life.
        """
        return Flight(self, who, exigent=exigent)

    def begin(self) -> None:
        """Count one more that a stop has to wait for."""
        self._count += 1
        self._idle.clear()

    def end(self) -> None:
        """Count one less."""
        self._count -= 1
        if not self._count:
            self._idle.set()

    async def wait(self, ticket: Ticket) -> None:
        """Wait until a ticket holds its place.

        Raises:
            Unavailable: overloaded, when that takes too long or others go first.
        """
        loop = asyncio.get_running_loop()
        told: asyncio.Future[bool] = loop.create_future()

        def tell(holds: bool) -> None:  # noqa: FBT001  # as it is called back
            if not told.done():
                told.set_result(holds)

        ticket.told = tell
        late = loop.call_later(self._longest_wait_s, tell, False)
        holds = False
        try:
            holds = await told
        finally:
            late.cancel()
            if not holds:
                self.places.leave(ticket)
        if not holds:
            raise Unavailable(Cause.OVERLOADED, "waited too long for a place")

    async def landed(self, *, within_s: float) -> bool:
        """Wait for all to end; False when some still run after the time given."""
        try:
            async with asyncio.timeout(within_s):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True


class Flight:
    """One request: in the block it holds a place."""

    __slots__ = ("_exigent", "_flights", "_ticket", "_who")

    def __init__(self, flights: Flights, who: Hashable, *, exigent: bool) -> None:
        """Take whose flight it is."""
        self._flights = flights
        self._who = who
        self._exigent = exigent
        self._ticket: Ticket | None = None

    async def __aenter__(self) -> None:
        """Take a place at once if there is one, else wait for it.

        Raises:
            Unavailable: overloaded, when the queue is full or it takes too long.
        """
        flights = self._flights
        ticket = flights.places.arrive(self._who, exigent=self._exigent)
        if ticket is None:
            raise Unavailable(Cause.OVERLOADED, "too many requests wait")
        flights.begin()
        if not ticket.holds:
            try:
                await flights.wait(ticket)
            except BaseException:
                flights.end()
                raise
        self._ticket = ticket

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the place back."""
        if self._ticket is not None:
            self._flights.places.leave(self._ticket)
            self._flights.end()
