"""From the file to the values everything else uses."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from gateway.catalogue import Dataset, DateFormat, ValueType


def test_the_table(dataset: Dataset) -> None:
    """Every part has a logical name of its own for one physical column."""
    assert dataset.table.name == "bookings"
    assert dataset.table.key == ("booking_no",)
    assert dict(dataset.table.columns) == {
        "selectors.booking_number": "booking_no",
        "selectors.name": "full_name",
        "selectors.dob": "born",
        "selectors.number": "no",
        "fields.release_date": "release_dt",
        "fields.zip": "zip",
        "fields.notes": "notes",
        "fields.draft": "draft",
        "fields.parked": "parked",
        "facts.convicted": "q",
        "facts.validated_on": "d",
        "facts.in_custody": "booked_at",
        "facts.level": "lvl",
        "facts.strikes": "strikes",
        "facts.release_date.publicly_available": "is_public",
    }


def test_a_compound_key(load: Callable[[str], Dataset], text: str) -> None:
    """Several columns may name a record."""
    dataset = load(text.replace("key: booking_no", "key: [booking_no, no]"))

    assert dataset.table.key == ("booking_no", "no")


def test_what_nobody_reviewed(dataset: Dataset) -> None:
    """No category and the word unreviewed are the same: none."""
    assert dataset.fields["draft"].category is None
    assert dataset.fields["parked"].category is None
    assert dataset.fields["zip"].category == "zip"


def test_selectors(dataset: Dataset) -> None:
    """A selector keeps how its column is written."""
    assert dataset.selectors["dob"].format is DateFormat.US
    assert dataset.selectors["dob"].type is ValueType.DATE
    assert dataset.selectors["name"].max_length == 40


def test_facts_are_typed_by_the_vocabulary(dataset: Dataset) -> None:
    """Type, codes and bound are the vocabulary's; the zone is the column's."""
    facts = {fact.name: fact for fact in dataset.facts}

    assert facts["validated_on"].type == "day"
    assert facts["validated_on"].zone == ZoneInfo("America/Chicago")
    assert facts["level"].codes == {"low", "high"}
    assert facts["strikes"].maximum == 10
    assert facts["publicly_available"].category == "release_date"


def test_titles(dataset: Dataset) -> None:
    """A field without a title is called by its name, in words."""
    assert dataset.fields["notes"].title == "Notes"
    assert dataset.fields["release_date"].title == "release date"


def test_all_mentioned_columns(dataset: Dataset) -> None:
    """What the file speaks of, left out or not, is not new."""
    assert {"booking_no", "created_at", "is_public"} <= dataset.mentioned
