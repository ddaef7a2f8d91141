"""Token buckets: so many at once, so many a minute in the long run.

Kept as one number a bucket, the time at which it will be full again (the generic cell
rate algorithm, ITU-T I.371): no timer refills anything, and a bucket that is full
need not be kept at all. Whole nanoseconds of a monotonic clock, so that nothing
accumulates and a property can be exact.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

__all__ = ["Buckets", "Rate"]

_MINUTE_NS = 60_000_000_000

_KEPT = 4_096
"""How many buckets are kept before those that are full again are dropped."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What a bucket allows: ``burst`` at once, one more each ``interval_ns``."""

    interval_ns: int
    burst: int
    most_ns: int = field(init=False, repr=False, compare=False)
    """How long before it is full again a bucket still has one."""

    def __post_init__(self) -> None:
        """Work out once what each request would."""
        object.__setattr__(self, "most_ns", self.interval_ns * (self.burst - 1))

    @classmethod
    def per_minute(cls, count: int, *, burst: int, share: int = 1) -> Rate:
        """Return the rate of so many a minute, or of one of equal shares of it.

        The interval is rounded up.
        """
        return cls(interval_ns=-(-_MINUTE_NS * share // count), burst=burst)


class Buckets:
    """Many buckets; what takes from several takes from all of them or from none."""

    def __init__(self) -> None:
        """Start with every bucket full."""
        self._full_at: dict[Hashable, int] = {}
        self._most = _KEPT

    def take(
        self, wanted: Sequence[tuple[Hashable, Rate]], *, now_ns: int
    ) -> tuple[int, int]:
        """Take one from each bucket, if each has one.

        Args:
            wanted: the buckets by key, each with its rate.
            now_ns: nanoseconds of a monotonic clock.

        Returns:
            The place in ``wanted`` of the bucket that is longest without one, and how
            many nanoseconds it will be; ``(-1, 0)`` when all were taken.
        """
        place, wait = -1, 0
        full_at = self._full_at
        after = []
        for number, (key, rate) in enumerate(wanted):
            full = full_at.get(key, 0)
            short = full - now_ns - rate.most_ns
            if short > wait:
                place, wait = number, short
            after.append(max(full, now_ns) + rate.interval_ns)
        if wait:
            return place, wait
        for (key, _), full in zip(wanted, after, strict=True):
            full_at[key] = full
        if len(full_at) > self._most:
            self._drop_full(now_ns)
        return -1, 0

    def _drop_full(self, now_ns: int) -> None:
        """Forget every bucket that is full again; look next when there are twice."""
        self._full_at = {k: at for k, at in self._full_at.items() if at > now_ns}
        self._most = max(_KEPT, 2 * len(self._full_at))
