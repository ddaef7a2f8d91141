"""How often a log may ask."""

from __future__ import annotations

from audit.witness.rate import Rate


def test_a_minutes_requests_at_once_then_as_time_passes() -> None:
    """Never more than a minute's are saved up."""
    now = 0.0
    rate = Rate(60, monotonic=lambda: now)

    assert [rate.take() for _ in range(61)] == [True] * 60 + [False]
    now = 2.5
    assert [rate.take() for _ in range(3)] == [True, True, False]
    now = 3.0
    assert rate.take()
    now = 1000.0
    assert [rate.take() for _ in range(61)].count(True) == 60
