"""Drift: a lost column stops a dataset, a new one is withheld and shown."""

from __future__ import annotations

import pytest

from connectors import LiveColumn
from gateway.catalogue import Dataset, Drift, DriftKind, drift

LIVE = [
    *("booking_no", "full_name", "born", "no", "release_dt", "zip", "notes", "draft"),
    *("parked", "q", "d", "booked_at", "lvl", "strikes", "is_public", "created_at"),
]


def live(*names: str) -> list[LiveColumn]:
    """Return columns by name."""
    return [LiveColumn(name=name, type="TEXT") for name in names]


def test_no_drift(dataset: Dataset) -> None:
    """All mapped columns are there, and all others are spoken of."""
    assert drift(dataset, live(*LIVE)) == []


def test_names_are_compared_as_sql_does(dataset: Dataset) -> None:
    """Case makes no other column."""
    assert drift(dataset, live(*(name.upper() for name in LIVE))) == []


@pytest.mark.parametrize("name", [name for name in LIVE if name != "created_at"])
def test_a_missing_column(dataset: Dataset, name: str) -> None:
    """Key, selectors, fields and facts are all needed."""
    found = drift(dataset, live(*(other for other in LIVE if other != name)))

    assert found == [
        Drift(dataset="county-jail", kind=DriftKind.MISSING_COLUMN, column=name)
    ]
    assert found[0].fatal


def test_a_left_out_column_may_go(dataset: Dataset) -> None:
    """What was never read is not missed."""
    assert drift(dataset, live(*LIVE[:-1])) == []


def test_a_new_column(dataset: Dataset) -> None:
    """A column nobody has spoken of is named; the dataset still answers."""
    found = drift(dataset, live(*LIVE, "Gang_Notes", "x"))

    assert [item.column for item in found] == ["Gang_Notes", "x"]
    assert {item.kind for item in found} == {DriftKind.UNCLASSIFIED_COLUMN}
    assert not found[0].fatal


def test_a_missing_table(dataset: Dataset) -> None:
    """Without columns there is no table."""
    [found] = drift(dataset, [])

    assert found.kind is DriftKind.MISSING_TABLE
    assert found.fatal
