"""An engine is dropped by the thread that made it, whichever thread lets it go."""

from __future__ import annotations

from collections import deque

from gateway.policy.embedded import _no_longer_needed


def test_what_another_thread_made_waits_for_that_thread() -> None:
    """Letting go of another thread's engine only notes it on that thread's list."""
    theirs: deque[int] = deque()

    _no_longer_needed(theirs, 7)

    assert list(theirs) == [7]
