"""The words passed in are closed lists."""

from __future__ import annotations

import dataclasses

import pytest

from gateway.catalogue import UNREVIEWED, FactWord, Words


def test_words_cannot_be_changed(words: Words) -> None:
    """A vocabulary does not grow while files are read."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        words.categories = frozenset()  # type: ignore[misc]  # on purpose


def test_the_unbounded_integer() -> None:
    """Without a bound an integer fact stays within what JSON holds exactly."""
    assert FactWord(type="integer").maximum == 2**53 - 1


def test_unreviewed_is_no_category(words: Words) -> None:
    """The mark of the unclassified is not a word of the vocabulary."""
    assert UNREVIEWED not in words.categories
