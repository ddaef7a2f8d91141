"""How often one log may ask: a bucket of requests that fills again at a steady rate."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Rate"]

_MINUTE_S = 60.0


class Rate:
    """A minute's requests at once, then as many as the minutes that pass bring."""

    def __init__(self, per_minute: int, *, monotonic: Callable[[], float]) -> None:
        """Take how many requests a minute, and a clock in seconds that never jumps."""
        self._most = float(per_minute)
        self._monotonic = monotonic
        self._left = self._most
        self._at = monotonic()

    def take(self) -> bool:
        """Take one request; False if there is none left."""
        now = self._monotonic()
        gained = (now - self._at) * self._most / _MINUTE_S
        self._left = min(self._most, self._left + gained)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
