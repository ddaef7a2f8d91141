"""The clock guard: a jump closes, quiet opens, nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Cause, Unavailable
from gateway.telemetry import ClockGuard
from tests.gateway.state.conftest import Hands


def guarding(clock: Hands, stepped: Callable[[float], object] = abs) -> ClockGuard:
    """Return a guard of a clock; nobody is told, but who says so."""
    return ClockGuard(clock=clock, stepped=stepped)


def closed(guard: ClockGuard) -> bool:
    """Tell whether the guard refuses."""
    try:
        guard.check()
    except Unavailable as error:
        return error.cause is Cause.CLOCK
    return False


def test_an_honest_clock_passes() -> None:
    """Both hands moving together never close the guard."""
    clock = Hands()
    guard = guarding(clock)
    for _ in range(100):
        clock.advance(3600)
        assert not closed(guard)
    assert guard.offset_s == pytest.approx(0)


@pytest.mark.parametrize("step_ms", [-86_400_000, -5001, 5001, 86_400_000])
def test_a_jump_closes_for_sixty_quiet_seconds(step_ms: int) -> None:
    """A day back, a day on, or little more than five seconds: closed for a minute."""
    clock = Hands()
    guard = guarding(clock)
    clock.ms += step_ms
    assert closed(guard)
    clock.advance(59.9)
    assert closed(guard)
    clock.advance(0.2)
    assert not closed(guard)
    assert not closed(guard)


def test_each_jump_is_told_once() -> None:
    """Who is told hears each step that closes, in seconds, and no other time."""
    clock, told = Hands(), list[float]()
    guard = guarding(clock, told.append)
    clock.ms += 4000
    assert not closed(guard)
    clock.ms -= 90_000
    assert closed(guard)
    assert closed(guard)
    clock.ms += 7000
    assert closed(guard)
    assert told == pytest.approx([-86, 7])


def test_another_jump_starts_the_minute_again() -> None:
    """Quiet means that nothing moves meanwhile."""
    clock = Hands()
    guard = guarding(clock)
    clock.ms += 10_000
    assert closed(guard)
    clock.advance(50)
    clock.ms -= 10_000
    assert closed(guard)
    clock.advance(50)
    assert closed(guard)
    clock.advance(11)
    assert not closed(guard)


def test_small_steps_sum_up() -> None:
    """Going back a second at a time does not get past the guard."""
    clock = Hands()
    guard = guarding(clock)
    found = []
    for _ in range(6):
        clock.advance(100)
        clock.ms -= 1000
        found.append(closed(guard))
    assert found == [False] * 5 + [True]


def test_time_before_the_log_is_refused_as_long_as_it_lasts() -> None:
    """A clock that was behind the log from the start on is in doubt."""
    clock = Hands()
    guard = guarding(clock)
    guard.not_before(clock.ms + 5000)
    assert not closed(guard)
    guard.not_before(clock.ms + 60_000)
    guard.not_before(0)
    assert closed(guard)
    clock.advance(54)
    assert closed(guard)
    clock.advance(2)
    assert not closed(guard)


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(-4000, 4000)), max_size=40))
def test_after_a_large_step_no_check_passes_within_a_minute(
    steps: list[tuple[float, int]],
) -> None:
    """Whatever happens around it, the minute after a large jump is closed."""
    clock = Hands()
    guard = guarding(clock)
    clock.ms -= 3_600_000
    assert closed(guard)
    jumped = clock.seconds
    for seconds, drift in steps:
        clock.advance(seconds)
        clock.ms += drift
        if clock.seconds - jumped < 60:
            assert closed(guard)
