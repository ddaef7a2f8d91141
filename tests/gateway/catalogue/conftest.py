"""A vocabulary and a dataset file to try things on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.catalogue import Dataset, FactWord, Words, parse_dataset
from gateway.errors import InvalidFile

TEXT = """\
schema: sallyport.dataset/1
id: county-jail
kind: jail
custodian: sheriff
title: Jail bookings
source: jail-db
table: bookings
key: booking_no
minimum: [[booking_number], [name, dob]]
response_floor_ms: 30
selectors:
  booking_number: {column: booking_no, category: booking_number, type: text}
  name: {column: full_name, category: name, type: text, case: upper, max_length: 40}
  dob: {column: born, category: dob, type: date, format: MM/DD/YYYY}
  number: {column: no, category: booking_number, type: integer}
fields:
  release_date: {column: release_dt, category: release_date, type: date}
  zip: {column: zip, category: zip, type: text, transform: {zip3: {}}}
  notes: {column: notes, category: name, type: text, free_text: true, title: Notes}
  draft: {column: draft, type: text}
  parked: {column: parked, category: unreviewed, type: text}
facts:
  convicted: {column: q, type: boolean}
  validated_on: {column: d, type: date, time_zone: America/Chicago}
  in_custody: {expression: {not_null: booked_at}}
  level: {column: lvl, type: code, values: {L: low, H: high}}
  strikes: {column: strikes, type: integer}
category_facts:
  release_date:
    publicly_available: {column: is_public, type: boolean}
left_out: [created_at]
"""


@pytest.fixture
def text() -> str:
    """A dataset file without mistakes."""
    return TEXT


@pytest.fixture
def words() -> Words:
    """The words of the vocabulary."""
    return Words(
        dataset_kinds=frozenset({"jail", "dmv"}),
        custodian_types=frozenset({"sheriff", "police"}),
        categories=frozenset({"booking_number", "name", "dob", "release_date", "zip"}),
        record_facts={
            "convicted": FactWord(type="boolean"),
            "validated_on": FactWord(type="day"),
            "in_custody": FactWord(type="boolean"),
            "level": FactWord(type="code", values=frozenset({"low", "high"})),
            "strikes": FactWord(type="integer", maximum=10),
            "age": FactWord(type="integer", maximum=120),
        },
        category_facts={"publicly_available": FactWord(type="boolean")},
    )


@pytest.fixture
def load(words: Words) -> Callable[[str], Dataset]:
    """Return a function that reads a dataset from text."""
    return lambda text: parse_dataset(
        text, name="jail.yaml", words=words, sources={"jail-db", "dmv-db"}
    )


@pytest.fixture
def changed(load: Callable[[str], Dataset], text: str) -> Callable[[str, str], Dataset]:
    """Return a function that reads the dataset with one text replaced."""
    return lambda old, new: load(text.replace(old, new))


@pytest.fixture
def dataset(load: Callable[[str], Dataset], text: str) -> Dataset:
    """The dataset without mistakes."""
    return load(text)


@pytest.fixture
def mistakes(load: Callable[[str], Dataset], text: str) -> Callable[..., list[str]]:
    """Return a function that changes the file and returns what is wrong with it."""

    def changed(*changes: tuple[str, str]) -> list[str]:
        """Replace each first text by the second."""
        written = text
        for old, new in changes:
            assert old in written
            written = written.replace(old, new)
        with pytest.raises(InvalidFile) as caught:
            load(written)
        return [str(mistake) for mistake in caught.value.mistakes]

    return changed
