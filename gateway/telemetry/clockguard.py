"""Wall clock against monotonic clock: a jump closes the gateway for a while.

Legal days, expiries and the log's times come from the wall clock. Set back, it would
revive what has expired; so a jump is refused until it has been quiet.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.clock import Clock
from gateway.errors import Cause, Unavailable

__all__ = ["ClockGuard"]


class ClockGuard:
    """Compares the two clocks each time it is asked.

    Small corrections by time synchronisation move both clocks, or the wall clock by
    less than ``most_s``. A larger step, or several that sum up to one, trips the
    guard; the stepped time then counts as right, and ``quiet_s`` must pass without
    another step.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        stepped: Callable[[float], object],
        most_s: float = 5.0,
        quiet_s: float = 60.0,
    ) -> None:
        """Take the clock; what it says now counts as right.

        ``stepped`` is told of each step that trips the guard, in seconds.
        """
        self._clock = clock
        self._stepped = stepped
        self._most_s = most_s
        self._quiet_s = quiet_s
        self._base_s = self._difference()
        self._closed_until: float | None = None
        self._floor_ms = 0

    @property
    def offset_s(self) -> float:
        """How far the wall clock has moved against the monotonic one, in seconds."""
        return self._difference() - self._base_s

    def not_before(self, ms: int) -> None:
        """Require the wall clock to be at or after an instant the log knows (ms)."""
        self._floor_ms = max(self._floor_ms, ms)

    def check(self) -> None:
        """Refuse while the time is in doubt.

        Raises:
            Unavailable: clock.
        """
        now_ms, now = self._clock.now_ms(), self._clock.monotonic()
        offset = now_ms / 1000 - now - self._base_s
        if abs(offset) > self._most_s:
            self._base_s += offset
            self._closed_until = now + self._quiet_s
            self._stepped(offset)
        if now_ms < self._floor_ms - self._most_s * 1000:
            raise Unavailable(Cause.CLOCK, "the clock is behind the log")
        if self._closed_until is None:
            return
        if now < self._closed_until:
            raise Unavailable(Cause.CLOCK, "the clock was set")
        self._closed_until = None

    def _difference(self) -> float:
        return self._clock.now_ms() / 1000 - self._clock.monotonic()
