"""A dataset to redact."""

from __future__ import annotations

import pytest

from gateway.catalogue import Dataset, Words, parse_dataset

TEXT = """
schema: sallyport.dataset/1
id: county-jail
kind: jail
custodian: sheriff
title: Jail bookings
source: jail-db
table: bookings
key: booking_no
selectors: {number: {column: booking_no, category: number, type: text}}
minimum: [[number]]
fields:
  name: {column: full_name, category: name, type: text}
  released_on: {column: release_dt, category: release_date, type: date}
  zip: {column: zip, category: zip, type: text, transform: zip3}
  city: {column: city, category: zip, type: text, transform: "null"}
  notes: {column: notes, category: name, type: text, free_text: true}
  draft: {column: draft, type: text}
  parked: {column: parked, category: unreviewed, type: text}
  roster: {column: roster, category: name, type: text,
           transform: {public_pointer: {url: "https://county.example/roster"}}}
  kept: {column: kept, category: name, type: text, transform: withhold}
"""


@pytest.fixture
def words() -> Words:
    """The few words the dataset uses."""
    return Words(
        dataset_kinds=frozenset({"jail"}),
        custodian_types=frozenset({"sheriff"}),
        categories=frozenset({"number", "name", "release_date", "zip"}),
        record_facts={},
        category_facts={},
    )


@pytest.fixture
def dataset(words: Words) -> Dataset:
    """A dataset with a field of every sort, without a public page."""
    return parse_dataset(TEXT, name="jail.yaml", words=words, sources={"jail-db"})


@pytest.fixture
def with_page(words: Words) -> Dataset:
    """The same dataset with a public page."""
    text = TEXT + "public_page: https://county.example/jail\n"
    return parse_dataset(text, name="jail.yaml", words=words, sources={"jail-db"})
