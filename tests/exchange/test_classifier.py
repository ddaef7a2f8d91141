"""The classifier sees what there is to see: a test that rests on it could fail."""

from __future__ import annotations

import random

from tests.exchange.classifier import guessed

SEED = 20260430


def test_the_classifier_finds_what_is_there() -> None:
    """Times that differ by half their spread, or only in spread, are told apart."""
    dice = random.Random(SEED)  # noqa: S311 - a test's dice
    usual = [dice.gauss(30, 2) for _ in range(2000)]
    same = [dice.gauss(30, 2) for _ in range(2000)]
    later = [dice.gauss(31, 2) for _ in range(2000)]
    wider = [dice.gauss(30, 4) for _ in range(2000)]

    assert guessed(usual, same) <= 0.55
    assert guessed(usual, later) > 0.57
    assert guessed(later, usual) > 0.57
    assert guessed(usual, wider) > 0.6
