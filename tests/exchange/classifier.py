"""What an attacker learns from the times of answers alone."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

__all__ = ["guessed"]


def guessed(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the share that an attacker gets right, who learnt on half of the times.

    Two simple ones are tried, and the better is believed: one limit, and the shares
    of sixteen ranges of equal size.
    """
    learn = [(t, 0) for t in a[::2]] + [(t, 1) for t in b[::2]]
    held = [(t, 0) for t in a[1::2]] + [(t, 1) for t in b[1::2]]
    return max(_by_limit(learn, held), _by_ranges(learn, held))


Labelled = Sequence[tuple[float, int]]


def _by_limit(learn: Labelled, held: Labelled) -> float:
    """Learn the limit above which it is more often the second."""
    ordered = sorted(learn)
    score = best = sum(label for _, label in ordered)  # all are the second
    limit, upper = float("-inf"), 1
    for moment, label in ordered:
        score += 1 if label == 0 else -1
        if max(score, len(ordered) - score) > best:
            best = max(score, len(ordered) - score)
            limit, upper = moment, int(score == best)
    right = sum((moment > limit) == (label == upper) for moment, label in held)
    return right / len(held)


def _by_ranges(learn: Labelled, held: Labelled) -> float:
    """Learn for each range which of the two is in it more often."""
    moments = sorted(moment for moment, _ in learn)
    bounds = [moments[len(moments) * n // 16] for n in range(1, 16)]
    votes = [0] * 16
    for moment, label in learn:
        votes[bisect.bisect(bounds, moment)] += 1 if label else -1
    right = sum(
        (votes[bisect.bisect(bounds, moment)] > 0) == bool(label)
        for moment, label in held
    )
    return right / len(held)
