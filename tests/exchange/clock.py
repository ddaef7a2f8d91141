"""The machine's clock as a test sets it: the wall time alone, or all that goes by."""

from __future__ import annotations

from gateway.clock import SystemClock

__all__ = ["SetClock"]


class SetClock(SystemClock):
    """The machine's clock, set back or forth; and with more time gone by."""

    shift_ms = 0
    """How far the wall time is off."""
    quiet_s = 0.0
    """How much more time went by, for both of a clock's times."""

    def monotonic(self) -> float:
        """Return the time that went by, with what was added."""
        return super().monotonic() + self.quiet_s

    def now_ms(self) -> int:
        """Return the wall time as it was set."""
        return super().now_ms() + self.shift_ms + int(self.quiet_s * 1000)
