"""Rows become records: only what the plan names, odd values dropped and counted."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.catalogue import Dataset
from gateway.redaction import Plan, Setting, plan_for, redact

SETTING = Setting(day=20260120, pseudonym_key=b"k" * 32)
OPEN = {"name": "release", "release_date": "release", "zip": "release"}


@pytest.fixture
def plan(dataset: Dataset) -> Plan:
    """A plan with a value, a null and a pointer."""
    fields = ["name", "released_on", "zip", "city", "roster", "notes"]
    return plan_for(dataset, fields=fields, outcomes=OPEN)


CONSTANT = {"city": None, "roster": {"public_page": "https://county.example/roster"}}


def test_records(plan: Plan) -> None:
    """A record has its read fields, nulls and pointers; the key is not released."""
    rows = [("B1", "Ann", "2026-03-04", "62704"), ("B2", None, None, None)]

    redacted = redact(plan, rows, SETTING)

    assert redacted.records == [
        {"name": "Ann", "released_on": "2026-03-04", "zip": "627", **CONSTANT},
        {"name": None, "released_on": None, "zip": None, **CONSTANT},
    ]
    assert redacted.odd == 0


def test_odd_values(plan: Plan) -> None:
    """A value that is not what the catalogue says is dropped from that record only."""
    rows = [
        ("B1", b"\xff", "soon", "62704"),
        ("B2", "Bob", "2026-13-01", "62704"),
        ("B3", "Eve", "2026-01-01", 1.5),
    ]

    redacted = redact(plan, rows, SETTING)

    assert redacted.records == [
        {"zip": "627", **CONSTANT},
        {"name": "Bob", "zip": "627", **CONSTANT},
        {"name": "Eve", "released_on": "2026-01-01", **CONSTANT},
    ]
    assert redacted.odd == 4


def test_no_rows(plan: Plan) -> None:
    """No rows, no records."""
    assert redact(plan, [], SETTING).records == []


@pytest.mark.parametrize("row", [("B1", "Ann", "2026-03-04"), ("B1", "a", "b", "c", 1)])
def test_a_row_of_another_length(plan: Plan, row: tuple[Any, ...]) -> None:
    """A row that does not fit the plan is never put under names that do."""
    with pytest.raises(ValueError, match="zip"):
        redact(plan, [row], SETTING)


def test_values_only(dataset: Dataset) -> None:
    """Without nulls and pointers a record is just its values."""
    plan = plan_for(dataset, fields=["name"], outcomes=OPEN)

    assert redact(plan, [("B1", "Ann")], SETTING).records == [{"name": "Ann"}]


def test_a_plan_that_reads_nothing(dataset: Dataset) -> None:
    """Nulls and pointers need no column."""
    plan = plan_for(dataset, fields=["city"], outcomes=OPEN)

    assert redact(plan, [("B1",)], SETTING).records == [{"city": None}]


RAW = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.binary(max_size=4),
    st.dates().map(str),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.just("key"), RAW, RAW, RAW), max_size=5))
def test_any_rows(plan: Plan, rows: list[tuple[Any, ...]]) -> None:
    """Whatever the source holds, each row gives one record that is JSON."""
    redacted = redact(plan, rows, SETTING)
    names = {"name", "released_on", "zip", *CONSTANT}

    assert len(redacted.records) == len(rows)
    assert all(set(record) <= names for record in redacted.records)
    missing = sum(len(names - set(record)) for record in redacted.records)
    assert redacted.odd == missing
    orjson.dumps(redacted.records)
