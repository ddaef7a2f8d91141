"""The emergency brake: who is cut off now, by family, agency, dataset or all.

Looked at when a requester is resolved, again just before release, and between the
pages of a stream. The list lives in memory, immutable and replaced whole; what is
stored is read again every second, and a list that could not be read for five seconds
is not believed: not knowing who is cut off is a refusal.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.clock import Clock
from gateway.errors import Cause, GatewayError, Unavailable
from gateway.identity.requester import Requester

__all__ = ["CutOff", "CutOffStore", "CutOffs", "Reach"]

POLL_S = 1.0
"""How often the stored list is read, in seconds: in force within two."""

BELIEVED_S = 5.0
"""How long the list is believed without having been read, in seconds."""


class Reach(StrEnum):
    """What a cut-off stops."""

    FAMILY = "family"
    AGENCY = "agency"
    DATASET = "dataset"
    ALL = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class CutOff:
    """One cut-off. ``value`` is a family, agency or dataset, and "" for all.

    ``entry`` is the log index of the entry that imposed it, ``since_ms`` its time
    (Unix ms), ``reason`` a closed word.
    """

    id: str
    reach: Reach
    value: str
    reason: str
    since_ms: int
    entry: int

    def __post_init__(self) -> None:
        """Refuse one that would silently stop nothing.

        Raises:
            ValueError: when the value does not go with the reach.
        """
        if (self.reach is Reach.ALL) != (not self.value):
            raise ValueError("a cut-off of all has no value, any other needs one")


class CutOffStore(Protocol):
    """Where cut-offs are read; what adds and lifts them is an act of the log."""

    async def active(self) -> Sequence[CutOff]:
        """Return every cut-off in force.

        Raises:
            GatewayError: when they could not be read.
        """


class CutOffs:
    """The cut-offs in force."""

    def __init__(self, *, store: CutOffStore, clock: Clock) -> None:
        """Start with an unread list: every look-up is refused until it is read."""
        self._store = store
        self._clock = clock
        self._read_at: float | None = None
        self._in_force: tuple[CutOff, ...] = ()
        self._named: frozenset[tuple[Reach, str]] = frozenset()
        self._puts = 0  # a list asked for before one was put is not used after it

    @asynccontextmanager
    async def following(self, group: asyncio.TaskGroup) -> AsyncIterator[CutOffs]:
        """Read the list, then keep reading it in the caller's group.

        Raises:
            Unavailable: when the first reading fails.
        """
        await self.read()
        task = group.create_task(self._follow())
        try:
            yield self
        finally:
            task.cancel()

    async def read(self) -> None:
        """Read the stored list and put it in force at once.

        Raises:
            Unavailable: when it cannot be read; what was read before stays in force.
        """
        # The time is taken before the question: a list that arrives late is as old
        # as its asking.
        while True:
            puts, asked_at = self._puts, self._clock.monotonic()
            found = await self._store.active()
            if puts == self._puts:
                self._use(found)
                self._read_at = asked_at
                return

    def put(self, cutoffs: Iterable[CutOff]) -> None:
        """Put a list that is known to be newer in force at once.

        How old the list may get counts from its last reading all the same.
        """
        self._puts += 1
        self._use(cutoffs)

    def active(self) -> tuple[CutOff, ...]:
        """Return every cut-off in force, oldest first."""
        return self._in_force

    def matches(
        self, requester: Requester, dataset: str, also: Iterable[str] = ()
    ) -> CutOff | None:
        """Return the cut-off that stops this requester at this dataset, if any.

        An assigned person is stopped with either agency and either family; ``also``
        are families that it is asked for besides.

        Raises:
            Unavailable: ``log-unavailable``, when the list is too old to believe.
        """
        now = self._clock.monotonic()
        if self._read_at is None or now - self._read_at > BELIEVED_S:
            raise Unavailable(Cause.LOG_UNAVAILABLE, "cut-offs were not read")
        if not self._named:
            return None
        reached = {
            (Reach.ALL, ""),
            (Reach.DATASET, dataset),
            *((Reach.FAMILY, family) for family in (*requester.families, *also)),
            *((Reach.AGENCY, agency) for agency in requester.agencies),
        }
        if reached.isdisjoint(self._named):
            return None
        return next(
            item for item in self._in_force if (item.reach, item.value) in reached
        )

    def _use(self, cutoffs: Iterable[CutOff]) -> None:
        """Replace the list whole."""
        in_force = tuple(sorted(cutoffs, key=lambda item: (item.since_ms, item.id)))
        self._in_force = in_force
        self._named = frozenset((item.reach, item.value) for item in in_force)

    async def _follow(self) -> None:
        """Read each second; a failure shows in :meth:`matches` when it lasts."""
        while True:
            await asyncio.sleep(POLL_S)
            try:
                await self.read()
            except GatewayError:
                continue
