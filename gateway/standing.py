"""What must hold at the start of an exchange and again just before each release.

An emergency cut-off, the activation in force and its age, the clock, a doubt about an
engine, and whether the gateway is stopping: each may change while a source is being
read.

One activation follows another without a gap: what was begun under the one before may
end under it for ten seconds, and its entry says which one it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from gateway.acts import ActsInForce
from gateway.clock import Clock
from gateway.errors import Cause, Unauthenticated, Unavailable
from gateway.identity import Authenticator, CutOffs, Requester
from gateway.in_force import InForce
from gateway.ledger import Basis, Witnessing
from gateway.telemetry import ClockGuard

__all__ = ["GRACE_S", "Standing"]

GRACE_S = 10.0
"""How long after an activation the one before it may still be applied, in seconds."""

_ELSEWHERE = "another process of this gateway caught an engine saying something wrong"

_FOLLOW_S = 5.0
"""How long an exchange waits for the activation that an engine has already."""


class Standing:
    """Looks at everything that can end an exchange from outside it."""

    def __init__(
        self,
        *,
        in_force: InForce,
        activated_ms: int,
        authenticator: Authenticator,
        cutoffs: CutOffs,
        clock: Clock,
        clock_guard: ClockGuard,
        witnessing: Witnessing,
        policy_max_age_s: int,
    ) -> None:
        """Take what is in force, since when, and what else is looked at."""
        self.in_force = in_force
        self.doubt = in_force.policy.doubt
        self._before: InForce | None = None
        self._before_until = 0.0
        self._turn = asyncio.Event()
        self._newest: Basis | None = None
        self._behind_since: float | None = None
        self.closed = ""
        self.restored = False
        self.stopping = False
        self.authenticator = authenticator
        self._cutoffs = cutoffs
        self._clock = clock
        self._clock_guard = clock_guard
        self._witnessing = witnessing
        self._max_age_ms = policy_max_age_s * 1000
        self._activated_ms = activated_ms
        clock_guard.not_before(activated_ms)

    @property
    def clock_offset_s(self) -> float:
        """How far the wall clock has moved against the monotonic one, in seconds."""
        return self._clock_guard.offset_s

    @property
    def basis(self) -> Basis:
        """What an entry names that no rule decided: what holds by the log.

        It is what is in force here, but for moments, or while this process cannot take
        over what was activated.
        """
        law = self.in_force
        return self._newest or Basis(law.policy.revision, law.manifest)

    def activate(self, in_force: InForce, *, at_ms: int, grace_s: float) -> None:
        """Put another activation into force; its age counts from its entry's time.

        Args:
            in_force: what was activated.
            at_ms: the time of its entry.
            grace_s: how long from now the one before may still be applied.
        """
        self._before, self.in_force = self.in_force, in_force
        self._before_until = self._clock.monotonic() + grace_s
        self._activated_ms = at_ms
        self.closed = ""
        self._look_behind()
        turned, self._turn = self._turn, asyncio.Event()
        turned.set()

    def retire(self) -> None:
        """Let go of the activation before, once its time is over."""
        if self._clock.monotonic() > self._before_until:
            self._before = None

    async def heed(self, acts: ActsInForce) -> None:
        """Take note of what the log says holds, whichever process wrote it.

        Nothing is answered from a state that was put back, and nothing after an engine
        was caught in a doubt, until somebody has looked.
        """
        self.restored = "state-restored" in acts.causes
        if "policy-disagreement" in acts.causes and not self.doubt.detail:
            self.doubt.still(_ELSEWHERE)
        if (active := acts.activation) is not None:
            self._newest = Basis(active.policy, active.manifest)
            self._look_behind()

    def _look_behind(self) -> None:
        """Note since when the log is further than what is in force here, if it is."""
        law = self.in_force
        if self.basis == Basis(law.policy.revision, law.manifest):
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = self._clock.monotonic()

    @property
    def grace_until(self) -> float:
        """Until when what another activation ended may be applied (monotonic)."""
        now = self._clock.monotonic()
        return (now if self._behind_since is None else self._behind_since) + GRACE_S

    async def follow(self, law: InForce) -> bool:
        """Wait until another activation than this is in force; False if none comes."""
        try:
            async with asyncio.timeout(_FOLLOW_S):
                while self.in_force is law:
                    await self._turn.wait()
        except TimeoutError:
            return False
        return True

    def close(self, why: str) -> None:
        """Answer nothing more until a restart or an activation; ``why`` says so."""
        self.closed = why

    def require(self) -> None:
        """Refuse unless the gateway may answer at all.

        Raises:
            Unavailable: stopping, clock, log-unavailable, policy-disagreement,
                state-unavailable or policy-unavailable.
        """
        if self.stopping:
            raise Unavailable(Cause.STOPPING)
        self._clock_guard.check()
        self._witnessing.require()
        self.doubt.refuse()
        if self.restored:
            raise Unavailable(
                Cause.STATE_UNAVAILABLE, "the state is older than the log"
            )
        if self.closed:
            raise Unavailable(Cause.POLICY_UNAVAILABLE, self.closed)
        if self._behind_since is not None and (
            self._clock.monotonic() > self._behind_since + GRACE_S
        ):
            raise Unavailable(
                Cause.POLICY_UNAVAILABLE, "another activation holds by the log"
            )
        if self._clock.now_ms() - self._activated_ms > self._max_age_ms:
            raise Unavailable(
                Cause.POLICY_UNAVAILABLE, "the activated policy is older than allowed"
            )

    def require_unchanged(self, law: InForce, requester: Requester) -> None:
        """Refuse to release a page that was decided under what no longer holds.

        Raises:
            Unavailable: policy-unavailable or as :meth:`require`; identity-unavailable
                when the requester, its agreement or its certificate is no longer what
                it was.
        """
        self.require()
        if law is not self.in_force and not self._may_end(law):
            raise Unavailable(
                Cause.POLICY_UNAVAILABLE, "another activation came into force"
            )
        if not self._still(requester):
            raise Unavailable(
                Cause.IDENTITY_UNAVAILABLE, "the requester's standing has changed"
            )

    def _still(self, requester: Requester) -> bool:
        """Tell whether the registry in force says the same of a requester as before."""
        try:
            return self.authenticator.again(requester) == requester
        except Unauthenticated:
            return False  # the certificate was revoked, or the system taken out

    def _may_end(self, law: InForce) -> bool:
        """Tell whether what was begun under a former activation may end under it."""
        return law is self._before and self._clock.monotonic() <= self._before_until

    def cut_off(self, requester: Requester, dataset: str, also: Iterable[str]) -> bool:
        """Tell whether this requester, those it asks for, or this dataset is cut off.

        Raises:
            Unavailable: log-unavailable, when the list is too old to believe.
        """
        return self._cutoffs.matches(requester, dataset, also) is not None
