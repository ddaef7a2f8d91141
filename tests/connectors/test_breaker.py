"""The circuit breaker opens, rests, probes once, and closes."""

from __future__ import annotations

import asyncio

import pytest

from connectors import Breaker, BreakerState, Fault, InvalidQuery, SourceUnavailable


class Time:
    """Monotonic time a test moves by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def time() -> Time:
    """Return time that stands still."""
    return Time()


@pytest.fixture
def breaker(time: Time) -> Breaker:
    """Return a breaker that opens at the third failure, for ten seconds."""
    return Breaker(source="s", monotonic=time, threshold=3, rest_s=10)


def fail(breaker: Breaker, fault: Fault = Fault.GONE) -> None:
    """Let one call fail."""
    with pytest.raises(SourceUnavailable) as caught, breaker.guard():
        raise SourceUnavailable("s", fault)
    assert caught.value.fault is fault


def succeed(breaker: Breaker) -> None:
    """Let one call succeed."""
    with breaker.guard():
        pass


def state(breaker: Breaker) -> BreakerState:
    """Return the state (a call, so that it is looked at anew each time)."""
    return breaker.state


def refused(breaker: Breaker) -> bool:
    """Tell whether a call is refused before anything is sent."""
    try:
        succeed(breaker)
    except SourceUnavailable as error:
        return error.fault is Fault.BREAKER
    return False


def test_it_opens_at_the_threshold(breaker: Breaker) -> None:
    """Two failures pass, the third in a row opens."""
    fail(breaker)
    fail(breaker)
    assert state(breaker) is BreakerState.CLOSED
    fail(breaker)

    assert state(breaker) is BreakerState.OPEN
    assert refused(breaker)


def test_a_success_starts_the_count_again(breaker: Breaker) -> None:
    """Failures count only in a row."""
    for _ in range(5):
        fail(breaker)
        fail(breaker)
        succeed(breaker)

    assert state(breaker) is BreakerState.CLOSED


def test_one_probe_after_the_rest(breaker: Breaker, time: Time) -> None:
    """After the rest one call goes through while others are still refused."""
    for _ in range(3):
        fail(breaker)
    time.now += 10
    assert state(breaker) is BreakerState.HALF_OPEN

    with breaker.guard():
        assert state(breaker) is BreakerState.HALF_OPEN
        assert refused(breaker)
        with pytest.raises(SourceUnavailable):
            breaker.refuse_if_open()

    assert state(breaker) is BreakerState.CLOSED
    breaker.refuse_if_open()


def test_a_failed_probe_opens_again(breaker: Breaker, time: Time) -> None:
    """The rest begins anew with the probe's failure, at the first one."""
    for _ in range(3):
        fail(breaker)
    time.now += 10
    fail(breaker)
    time.now += 9.9

    assert state(breaker) is BreakerState.OPEN
    time.now += 0.1
    succeed(breaker)
    assert state(breaker) is BreakerState.CLOSED


def test_a_cancelled_probe_lets_another_try(breaker: Breaker, time: Time) -> None:
    """A probe that was cancelled says nothing about the source."""
    for _ in range(3):
        fail(breaker)
    time.now += 10
    with pytest.raises(asyncio.CancelledError), breaker.guard():
        raise asyncio.CancelledError

    assert state(breaker) is BreakerState.HALF_OPEN
    assert not refused(breaker)


@pytest.mark.parametrize("fault", [Fault.TOO_LARGE, Fault.AMBIGUOUS])
def test_an_answer_is_an_answer(breaker: Breaker, fault: Fault) -> None:
    """A source that answers badly is there: failures before it do not count."""
    fail(breaker)
    fail(breaker)
    fail(breaker, fault)
    fail(breaker)

    assert state(breaker) is BreakerState.CLOSED


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.CLOSED, Fault.BREAKER])
def test_what_never_reached_the_source(breaker: Breaker, fault: Fault) -> None:
    """Our own lack of connections is not the source's failure."""
    for _ in range(10):
        fail(breaker, fault)

    assert state(breaker) is BreakerState.CLOSED


def test_a_callers_mistake_counts_neither_way(breaker: Breaker) -> None:
    """A wrong query neither opens nor heals."""
    fail(breaker)
    fail(breaker)
    for _ in range(3):
        with pytest.raises(InvalidQuery), breaker.guard():
            raise InvalidQuery("wrong")
    assert state(breaker) is BreakerState.CLOSED
    fail(breaker)

    assert state(breaker) is BreakerState.OPEN
