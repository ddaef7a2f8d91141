"""How much may be asked: bounds of settings, and what ordinary use gets."""

from __future__ import annotations

import pytest

from gateway.config.limits import Limits
from tests.gateway.config.documents import mistakes, smallest


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subjects_per_day", 0),
        ("subjects_per_day", 1_000_001),
        ("guesses_per_day", 0),
        ("remember_days", 91),
        ("remember_days", -1),
        ("concurrency", 1),
        ("queue", 65_537),
        ("queue_ms", 0),
        ("reserve", 0),
    ],
)
def test_a_limit_out_of_bounds_is_named(name: str, value: int) -> None:
    """Each bound names the setting, and only that."""
    assert list(mistakes(smallest() | {"limits": {name: value}})) == [f"limits.{name}"]


def test_the_defaults_do_not_contradict_each_other() -> None:
    """A configuration that says nothing of limits has some, and they fit."""
    limits = Limits()

    assert limits.client.burst <= limits.agency.burst <= limits.family.burst
    assert limits.reserve < limits.concurrency
    assert limits.guesses_per_day == 5
