"""Token buckets: never more than said, never less, and the wait told is the wait."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from gateway.identity import buckets
from gateway.identity.buckets import Buckets, Rate

RATES = st.builds(
    lambda count, burst: Rate.per_minute(count, burst=burst),
    st.integers(min_value=1, max_value=10_000),
    st.integers(min_value=1, max_value=50),
)
PAUSES = st.lists(
    st.integers(min_value=0, max_value=90_000_000_000), min_size=1, max_size=60
)
START_NS = 5_000_000_000


class Counted:
    """The same bucket as a textbook has it: so many tokens, refilled with time."""

    def __init__(self, rate: Rate) -> None:
        """Start full."""
        self.rate, self.tokens, self.at = rate, Fraction(rate.burst), START_NS

    def take(self, now_ns: int) -> bool:
        """Take one, if there is a whole one."""
        gained = Fraction(now_ns - self.at, self.rate.interval_ns)
        self.tokens = min(Fraction(self.rate.burst), self.tokens + gained)
        self.at = now_ns
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@given(rate=RATES, pauses=PAUSES)
def test_a_bucket_is_what_the_textbook_says(rate: Rate, pauses: list[int]) -> None:
    """Whatever the times, it gives exactly when a counted bucket would."""
    kept, counted, now = Buckets(), Counted(rate), START_NS
    for pause in pauses:
        now += pause
        _, wait = kept.take([("a", rate)], now_ns=now)

        assert (wait == 0) == counted.take(now)


@given(rate=RATES, pauses=PAUSES)
def test_the_wait_that_is_told_is_exact(rate: Rate, pauses: list[int]) -> None:
    """After the wait there is one, and a nanosecond before there is none."""
    kept, now = Buckets(), START_NS
    for pause in pauses:
        now += pause
        place, wait = kept.take([("a", rate)], now_ns=now)
        if wait:
            assert place == 0
            assert kept.take([("a", rate)], now_ns=now + wait - 1)[1] == 1
            assert kept.take([("a", rate)], now_ns=now + wait) == (-1, 0)
            now += wait


@given(rates=st.tuples(RATES, RATES, RATES), pauses=PAUSES)
def test_all_are_taken_or_none(
    rates: tuple[Rate, Rate, Rate], pauses: list[int]
) -> None:
    """What one bucket refuses costs the others nothing; the longest wait is named."""
    together, now = Buckets(), START_NS
    alone = [Counted(rate) for rate in rates]
    wanted = [(str(number), rate) for number, rate in enumerate(rates)]
    for pause in pauses:
        now += pause
        for each in alone:  # refill all, so that none of them is behind
            if each.take(now):
                each.tokens += 1
        short = [number for number, each in enumerate(alone) if each.tokens < 1]
        place, _ = together.take(wanted, now_ns=now)

        assert (place in short) if short else place == -1
        if not short:
            for each in alone:
                each.tokens -= 1


def test_what_is_full_again_is_not_kept() -> None:
    """Keys that come once each do not stay: memory is bounded by the rate."""
    rate = Rate.per_minute(60_000, burst=1)
    kept = Buckets()
    most = 0
    for number in range(3 * buckets._KEPT):
        kept.take([(number, rate)], now_ns=START_NS + number * 2_000_000)
        most = max(most, len(kept._full_at))

    assert most <= buckets._KEPT + 1


def test_a_minute_is_never_more_than_said() -> None:
    """A rate that does not divide a minute is rounded to less, not to more."""
    rate = Rate.per_minute(7, burst=1)

    assert rate.interval_ns * 7 >= 60_000_000_000
