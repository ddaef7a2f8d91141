"""The page of prose words is what the table says."""

from __future__ import annotations

import pytest

from tests.policies.casebook import cases, library, words
from tests.policies.words_page import PAGE, page


@pytest.mark.blocking("reads one page of documentation")
def test_the_page_is_up_to_date() -> None:
    """Made again from the table, the page is the same bytes."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_word_of_the_table_is_of_the_vocabulary() -> None:
    """A right-hand side that no list has would never be read."""
    vocabulary = library().vocabulary
    lists = {
        "requesters": set(vocabulary.requester_classes),
        "purposes": set(vocabulary.purposes),
        "instruments": set(vocabulary.instruments),
        "datasets": set(vocabulary.datasets),
        "data": set(vocabulary.categories),
        "obligations": set(vocabulary.obligations),
    }
    for part, known in lists.items():
        read = [words()[part][prose] for prose in words()[part]]
        used = {word for some in read if isinstance(some, list) for word in some}
        assert used <= known


def test_what_is_read_as_nothing_says_why() -> None:
    """An obligation without a word has its reason beside it."""
    empty = {prose for prose, read in words()["obligations"].items() if read == []}
    assert empty - {"-"} == set(words()["unmapped"])


def test_facts_are_named_for_rows_that_exist() -> None:
    """Each row with facts has a case file."""
    rows = {case.source["row"] for case in cases().values() if case.source is not None}
    assert set(words()["facts"]) <= rows
