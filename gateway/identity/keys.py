"""Keys per issuer: looked up without waiting, refreshed off the loop.

The hot path reads an immutable mapping that a refresh replaces whole. A key that is
not known starts one refresh, however many requests wait for it; then the cooldown
keeps a flood of invented key ids away from the issuer. When an issuer cannot be
reached its keys are believed until ``max_stale_s``; after that nothing it signed is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType

from jwt import PyJWK

from gateway.clock import Clock
from gateway.errors import Cause, Unavailable
from gateway.identity.fetch import KeysUnavailable, fetch_keys
from gateway.identity.issuers import IssuerRules

__all__ = ["IssuerHealth", "IssuerKey", "Keys"]

COOLDOWN_S = 30.0
"""Shortest time between two refreshes that unknown key ids may cause, in seconds."""

WAIT_S = 5.0
"""Longest time that a request waits for a refresh it caused, in seconds."""

RETRY_S = 5.0
"""How soon a failed refresh is tried again, in seconds."""

Fetch = Callable[[IssuerRules], Sequence[PyJWK]]


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuerKey:
    """A key and the issuer it belongs to."""

    rules: IssuerRules
    key: PyJWK


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuerHealth:
    """For readiness: the age of an issuer's keys in seconds, and the last problem.

    ``age_s`` is -1 before the first success; ``usable`` is what requests will find.
    """

    issuer: str
    usable: bool
    age_s: float
    problem: str


class _Source:
    """One issuer's keys. Only the event loop's thread writes the attributes."""

    def __init__(self, rules: IssuerRules, clock: Clock, fetch: Fetch) -> None:
        self.rules = rules
        self.problem = "not fetched yet"
        self._clock = clock
        self._fetch = fetch
        self._found: Mapping[tuple[str, str], IssuerKey] = MappingProxyType({})
        self._fetched_at: float | None = None
        self._asked_at: float | None = None  # by an unknown key id
        self._flight: asyncio.Task[None] | None = None

    @property
    def age_s(self) -> float:
        """Seconds since the last success, or -1."""
        if self._fetched_at is None:
            return -1.0
        return self._clock.monotonic() - self._fetched_at

    @property
    def usable(self) -> bool:
        """Whether the keys may be believed now."""
        return 0 <= self.age_s <= self.rules.max_stale_s

    def find(self, kid: str, algorithm: str) -> IssuerKey | None:
        """Return the key if it is known and not stale."""
        found = self._found.get((kid, algorithm))
        return found if found is not None and self.usable else None

    def refresh(self, group: asyncio.TaskGroup) -> asyncio.Task[None]:
        """Return the one fetch under way, starting it if there is none."""
        if self._flight is None or self._flight.done():
            self._flight = group.create_task(self._refresh())
        return self._flight

    def refresh_for_unknown(
        self, group: asyncio.TaskGroup
    ) -> asyncio.Task[None] | None:
        """Return a fetch for an unknown key id, or None within the cooldown.

        A fetch under way is joined, whoever caused it.
        """
        if self._flight is None or self._flight.done():
            now = self._clock.monotonic()
            if self._asked_at is not None and now - self._asked_at < COOLDOWN_S:
                return None
            self._asked_at = now
        return self.refresh(group)

    def stop(self) -> None:
        """Let a fetch under way go: its thread ends by its own limits."""
        if self._flight is not None:
            self._flight.cancel()

    async def _refresh(self) -> None:
        """Replace the keys, or keep them and the problem."""
        try:
            keys = await asyncio.to_thread(self._fetch, self.rules)
        except KeysUnavailable as error:
            self.problem = str(error)
            return
        self._found = _indexed(self.rules, keys)
        self._fetched_at = self._clock.monotonic()
        self.problem = ""


class Keys:
    """The keys of all issuers.

    Use :meth:`refreshing` for the life of the process; outside it nothing is fetched
    and every look-up is :class:`~gateway.errors.Unavailable`.
    """

    def __init__(
        self,
        *,
        issuers: Iterable[IssuerRules],
        clock: Clock,
        fetch: Fetch = fetch_keys,
    ) -> None:
        """Take the issuers; ``fetch`` blocks and is called in a thread."""
        self.issuers = tuple(issuers)
        self._sources = [_Source(rules, clock, fetch) for rules in self.issuers]
        self._group: asyncio.TaskGroup | None = None

    @asynccontextmanager
    async def refreshing(self, group: asyncio.TaskGroup) -> AsyncIterator[Keys]:
        """Fetch all keys once, then keep refreshing them in the caller's group.

        An issuer that cannot be reached does not stop the start: what it signs is
        refused as unavailable until its keys are here.
        """
        self._group = group
        try:
            flights = [source.refresh(group) for source in self._sources]
            await _done(flights, WAIT_S)
            tasks = [group.create_task(_follow(item, group)) for item in self._sources]
            try:
                yield self
            finally:
                for task in tasks:
                    task.cancel()
                for source in self._sources:
                    source.stop()
        finally:
            self._group = None

    def allows(self, algorithm: str) -> bool:
        """Whether any issuer may sign with this algorithm."""
        return any(algorithm in rules.algorithms for rules in self.issuers)

    def candidates(self, kid: str, algorithm: str) -> list[IssuerKey]:
        """Return each issuer's key of this id and algorithm; usually one or none."""
        found = (source.find(kid, algorithm) for source in self._sources)
        return [key for key in found if key is not None]

    async def looked_for(self, kid: str, algorithm: str) -> list[IssuerKey]:
        """Return the candidates after asking the issuers once, within the cooldown.

        Raises:
            Unavailable: ``identity-unavailable`` when none was found and an issuer's
                keys are missing or stale: the token may be of that issuer.
        """
        if self._group is not None:
            asked = [item.refresh_for_unknown(self._group) for item in self._sources]
            if not await _done([item for item in asked if item is not None], WAIT_S):
                raise Unavailable(Cause.IDENTITY_UNAVAILABLE, "slow issuer")
        found = self.candidates(kid, algorithm)
        if not found and not all(source.usable for source in self._sources):
            raise Unavailable(Cause.IDENTITY_UNAVAILABLE, self._problems())
        return found

    def holds(self, found: IssuerKey, kid: str, algorithm: str) -> bool:
        """Whether a key found earlier is still the one in use, and not stale."""
        return any(source.find(kid, algorithm) is found for source in self._sources)

    def health(self) -> list[IssuerHealth]:
        """Return one line per issuer for readiness and ``doctor``."""
        return [
            IssuerHealth(
                issuer=source.rules.issuer,
                usable=source.usable,
                age_s=source.age_s,
                problem=source.problem,
            )
            for source in self._sources
        ]

    def _problems(self) -> str:
        """Say which issuers cannot be believed, for the operator."""
        return "; ".join(
            f"{source.rules.issuer}: {source.problem or 'keys are stale'}"
            for source in self._sources
            if not source.usable
        )


async def _follow(source: _Source, group: asyncio.TaskGroup) -> None:
    """Refresh for as long as the group lives; sooner after a failure."""
    while True:
        soon = min(RETRY_S, source.rules.refresh_s)
        await asyncio.sleep(soon if source.problem else source.rules.refresh_s)
        await _done([source.refresh(group)])


async def _done(
    flights: Sequence[asyncio.Task[None]], limit_s: float | None = None
) -> bool:
    """Wait for fetches without owning them; say whether all ended in time.

    A waiter that is cancelled stops waiting, never the fetch: others wait for it.
    """
    if not flights:
        return True
    _, pending = await asyncio.wait(flights, timeout=limit_s)
    return not pending


def _indexed(
    rules: IssuerRules, keys: Sequence[PyJWK]
) -> Mapping[tuple[str, str], IssuerKey]:
    """Index by (kid, algorithm); two keys of one name are no key at all."""
    names = [(str(key.key_id), key.algorithm_name) for key in keys]
    return MappingProxyType(
        {
            name: IssuerKey(rules=rules, key=key)
            for name, key in zip(names, keys, strict=True)
            if names.count(name) == 1
        }
    )
