"""A circuit breaker: a source that fails repeatedly is left alone for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from connectors.errors import ConnectorError, Fault, SourceUnavailable

__all__ = ["Breaker", "BreakerState"]

_ANSWERED = frozenset({Fault.TOO_LARGE, Fault.AMBIGUOUS})
"""The source answered; what it said is wrong for one query, not for all."""

_NOT_ASKED = frozenset({Fault.BREAKER, Fault.BUSY, Fault.CLOSED})
"""The source was not even asked."""


class BreakerState(StrEnum):
    """Closed lets everything through, open nothing, half-open one probe."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Breaker:
    """Opens after ``threshold`` failures in a row, for ``rest_s`` seconds.

    Then one probe is let through; its success closes the breaker, its failure
    opens it again. Uses monotonic time only.
    """

    def __init__(
        self,
        *,
        source: str,
        monotonic: Callable[[], float],
        threshold: int = 5,
        rest_s: float = 5.0,
    ) -> None:
        self._source = source
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

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Count what happens inside; refuse to enter while open.

        Cancellation and a caller's own mistake count neither way.

        Raises:
            SourceUnavailable: with ``breaker``, before anything was sent.
        """
        probe = self._enter()
        try:
            yield
        except SourceUnavailable as error:
            if error.fault in _ANSWERED:
                self._succeeded()
            elif error.fault not in _NOT_ASKED:
                self._failed()
            raise
        except ConnectorError:
            raise
        else:
            self._succeeded()
        finally:
            if probe:
                self._probing = False

    def refuse_if_open(self) -> None:
        """Refuse what would only be refused a moment later; counts neither way.

        Raises:
            SourceUnavailable: with ``breaker``, while open or while a probe is out.
        """
        if self._opened_at is None:
            return
        if self._probing or self.state is BreakerState.OPEN:
            raise SourceUnavailable(self._source, Fault.BREAKER)

    def _enter(self) -> bool:
        """Let a call through, telling whether it is the probe."""
        self.refuse_if_open()
        if self._opened_at is None:
            return False
        self._probing = True
        return True

    def _succeeded(self) -> None:
        """Close: the source answers."""
        self._failures = 0
        self._opened_at = None

    def _failed(self) -> None:
        """Count a failure; open at the threshold, or when the probe failed."""
        self._failures += 1
        if self._failures >= self._threshold or self._opened_at is not None:
            self._opened_at = self._monotonic()
