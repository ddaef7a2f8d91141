"""Sets of words as people read them: short, and never two sets alike."""

from __future__ import annotations

from itertools import combinations

import pytest

from gateway.policy.sentence.lists import day_text, joined, some, spaced, titles_of
from gateway.policy.words import Titled

TITLES = {letter: letter.upper() for letter in "abcdefgh"}
GROUPS = {"first": ["a", "b", "c", "d"], "pair": ["e", "f"], "alone": ["g"]}


def test_titles() -> None:
    """Two words with one title keep their words beside it."""
    words = {
        "a": Titled(title="Same"),
        "b": Titled(title="Same"),
        "c": Titled(title="C"),
    }
    assert titles_of(words) == {"a": "Same [a]", "b": "Same [b]", "c": "C"}


def test_joined() -> None:
    """Semicolons, for titles have commas."""
    assert joined(["A"]) == "A"
    assert joined(["A, B", "C"]) == "A, B; or C"
    assert joined(["A", "B", "C"], "and") == "A; B; and C"
    assert spaced("release_date") == "release date"


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ("abcdefgh", "any thing"),
        ("", "no thing"),
        ("a", "A"),
        ("abcd", 'any of "first"'),
        ("abc", 'any of "first" (not D)'),
        ("ab", "A; or B"),
        ("ef", 'any of "pair"'),
        ("bcdefgh", "any thing but A"),
        ("cdefgh", "any thing but A; and B"),
        ("efgh", 'any thing but any of "first"'),
        ("g", "G"),
    ],
)
def test_some(chosen: str, said: str) -> None:
    """The shorter of the list and what is missing; a group by its name."""
    assert some(chosen, TITLES, "thing", GROUPS) == said


def test_no_two_sets_read_the_same() -> None:
    """Each of the 256 sets has a text of its own, with groups and without."""
    sets = [c for size in range(9) for c in combinations("abcdefgh", size)]
    for groups in (GROUPS, None):
        assert len({some(chosen, TITLES, "thing", groups) for chosen in sets}) == 256


def test_day_text() -> None:
    """Days are written out."""
    assert day_text(20260203) == "3 February 2026"
