"""The states of a circuit breaker, and nothing else: pure, for whatever may fail."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

__all__ = ["BreakerState", "Circuit"]


class BreakerState(StrEnum):
    """Closed lets everything through, open nothing, half-open one probe."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Circuit:
    """Opens after ``threshold`` failures in a row, for ``rest_s`` seconds.

    Then one probe is let through; its success closes the circuit, its failure opens
    it again. Uses monotonic time only. Whoever calls says what a failure is: ask
    :attr:`refusing`, then :meth:`enter`, tell how it went, and :meth:`leave`.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float],
        threshold: int = 5,
        rest_s: float = 5.0,
    ) -> None:
        """Begin closed."""
        self._monotonic = monotonic
        self._threshold = threshold
        self._rest_s = rest_s
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    @property
    def state(self) -> BreakerState:
        """The state now."""
        if self._opened_at is None:
            return BreakerState.CLOSED
        if self._probing or self._monotonic() - self._opened_at >= self._rest_s:
            return BreakerState.HALF_OPEN
        return BreakerState.OPEN

    @property
    def refusing(self) -> bool:
        """Whether a call would be refused now: open, or a probe is out."""
        if self._opened_at is None:
            return False
        return self._probing or self.state is BreakerState.OPEN

    def enter(self) -> bool:
        """Begin a call that is not refused; tell whether it is the probe."""
        self._probing = self._opened_at is not None
        return self._probing

    def leave(self, *, probe: bool) -> None:
        """End a call, however it went."""
        if probe:
            self._probing = False

    def succeeded(self) -> None:
        """Close: it answers."""
        self._failures = 0
        self._opened_at = None

    def failed(self) -> bool:
        """Count a failure; tell whether it opened a closed circuit.

        Opens at the threshold, or when the probe failed.
        """
        self._failures += 1
        was_closed = self._opened_at is None
        if self._failures >= self._threshold or not was_closed:
            self._opened_at = self._monotonic()
            return was_closed
        return False
