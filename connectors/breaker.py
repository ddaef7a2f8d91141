"""A circuit breaker: a source that fails repeatedly is left alone for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from connectors.circuit import BreakerState, Circuit
from connectors.errors import ConnectorError, Fault, SourceUnavailable

__all__ = ["Breaker", "BreakerState"]

_ANSWERED = frozenset({Fault.TOO_LARGE, Fault.AMBIGUOUS})
"""The source answered; what it said is wrong for one query, not for all."""

_NOT_ASKED = frozenset({Fault.BREAKER, Fault.BUSY, Fault.CLOSED})
"""The source was not even asked."""


class Breaker:
    """Guards the calls to one source by a :class:`Circuit`."""

    def __init__(
        self,
        *,
        source: str,
        monotonic: Callable[[], float],
        threshold: int = 5,
        rest_s: float = 5.0,
    ) -> None:
        self._source = source
        self._circuit = Circuit(monotonic=monotonic, threshold=threshold, rest_s=rest_s)

    @property
    def state(self) -> BreakerState:
        """The state now."""
        return self._circuit.state

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Count what happens inside; refuse to enter while open.

        Cancellation and a caller's own mistake count neither way.

        Raises:
            SourceUnavailable: with ``breaker``, before anything was sent.
        """
        self.refuse_if_open()
        probe = self._circuit.enter()
        try:
            yield
        except SourceUnavailable as error:
            if error.fault in _ANSWERED:
                self._circuit.succeeded()
            elif error.fault not in _NOT_ASKED:
                self._circuit.failed()
            raise
        except ConnectorError:
            raise
        else:
            self._circuit.succeeded()
        finally:
            self._circuit.leave(probe=probe)

    def refuse_if_open(self) -> None:
        """Refuse what would only be refused a moment later; counts neither way.

        Raises:
            SourceUnavailable: with ``breaker``, while open or while a probe is out.
        """
        if self._circuit.refusing:
            raise SourceUnavailable(self._source, Fault.BREAKER)
