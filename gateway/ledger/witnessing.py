"""What the witnesses mean for who answers: how long unsigned, whose clock is off."""

from __future__ import annotations

from audit import Log
from audit.cosigning import Cosigner
from audit.standing import Standing
from gateway.clock import Clock
from gateway.config import Config
from gateway.errors import Cause, Unavailable

__all__ = ["Witnessing"]

_CLOCK_S = 300.0
"""How far our clock may be from the witnesses' before one of them must be wrong."""

_LOOK_S = 1.0
"""How long a look that found nothing is good for."""


class Witnessing:
    """The log's standing with its witnesses; without any, nothing is asked."""

    def __init__(
        self,
        log: Log,
        cosigner: Cosigner | None,
        *,
        clock: Clock,
        alarm_s: float,
        refuse_s: float,
    ) -> None:
        """Take the open log, who collects for it, and the two limits."""
        self._log = log
        self._cosigner = cosigner
        self._clock = clock
        self._alarm_s = alarm_s
        self._refuse_s = refuse_s
        self._good_until = float("-inf")

    @classmethod
    def of(
        cls, config: Config, log: Log, cosigner: Cosigner | None, *, clock: Clock
    ) -> Witnessing:
        """Return that of a log, with the limits of its configuration."""
        return cls(
            log,
            cosigner,
            clock=clock,
            alarm_s=config.log.unwitnessed_alarm_seconds,
            refuse_s=config.log.unwitnessed_refuse_seconds,
        )

    @property
    def standings(self) -> list[Standing]:
        """How each witness is."""
        return [] if self._cosigner is None else self._cosigner.standings

    @property
    def unwitnessed_s(self) -> float:
        """How long the newest entries have lacked a quorum, in seconds."""
        since_ms = self._log.unwitnessed_since_ms
        return 0.0 if since_ms is None else (self._clock.now_ms() - since_ms) / 1000

    @property
    def alarming(self) -> bool:
        """Whether that is worth an alarm."""
        return self.unwitnessed_s > self._alarm_s

    @property
    def clock_offset_s(self) -> float:
        """The witnesses' clocks against ours, in seconds; 0 if not known."""
        offset_s = None if self._cosigner is None else self._cosigner.offset_s
        return 0.0 if offset_s is None else offset_s

    def require(self) -> None:
        """Refuse while too much is unsigned, or the time is in doubt.

        Raises:
            Unavailable: log-unavailable or clock.
        """
        if self._cosigner is None or self._clock.monotonic() < self._good_until:
            return
        if self.unwitnessed_s > self._refuse_s:
            raise Unavailable(
                Cause.LOG_UNAVAILABLE,
                "no quorum of witnesses has signed for longer than allowed",
            )
        if abs(self.clock_offset_s) > _CLOCK_S:
            raise Unavailable(Cause.CLOCK, "the clock is not that of the witnesses")
        if self._clock.now_ms() / 1000 < self._cosigner.earliest_s - _CLOCK_S:
            raise Unavailable(Cause.CLOCK, "the clock is behind the witnesses")
        self._good_until = self._clock.monotonic() + _LOOK_S
