"""Facts: what cannot be read is unknown, and equal records are decided once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.catalogue import UNKNOWN, Dataset, FactVector, fact_reader

DAY = 20260120


def value(dataset: Dataset, name: str, raw: object) -> Any:  # noqa: ANN401 - a fact
    """Return one fact of a record."""
    reader = fact_reader(dataset, [name])
    vector = reader.vector([raw] * len(reader.columns), day=DAY)
    [*found] = [item[-1] for item in (*vector.record, *vector.categories)]
    return found[0]


@pytest.mark.parametrize(
    ("name", "raw", "fact"),
    [
        ("convicted", 1, True),
        ("convicted", "N", False),
        ("convicted", None, UNKNOWN),
        ("convicted", "maybe", UNKNOWN),
        ("convicted", b"\xff", UNKNOWN),
        ("validated_on", "2021-03-04", 20210304),
        ("validated_on", "2026-01-02T03:00:00Z", 20260101),
        ("validated_on", None, UNKNOWN),
        ("validated_on", "", UNKNOWN),
        ("validated_on", "9999-12-31", UNKNOWN),
        ("validated_on", "0001-01-01", UNKNOWN),
        ("validated_on", "1900-01-01", 19000101),
        ("in_custody", None, False),
        ("in_custody", "", True),
        ("in_custody", 0, True),
        ("level", "L", "low"),
        ("level", "H", "high"),
        ("level", "low", UNKNOWN),
        ("level", None, UNKNOWN),
        ("level", 1.5, UNKNOWN),
        ("strikes", 0, 0),
        ("strikes", 10, 10),
        ("strikes", 11, UNKNOWN),
        ("strikes", -1, UNKNOWN),
        ("strikes", True, UNKNOWN),
        ("strikes", "3", UNKNOWN),
        ("strikes", None, UNKNOWN),
        ("publicly_available", "yes", True),
        ("publicly_available", None, UNKNOWN),
        ("release_date.publicly_available", 0, False),
    ],
)
def test_values(dataset: Dataset, name: str, raw: object, fact: object) -> None:
    """Each type of fact takes what is plainly of it, and nothing else."""
    found = value(dataset, name, raw)

    assert found == fact
    assert type(found) is type(fact)


@pytest.mark.parametrize(
    ("written", "raw", "fact"),
    [
        ("{expression: {is_null: c}}", None, True),
        ("{expression: {is_null: c}}", 0, False),
        ("{expression: {equals: {column: c, value: F}}}", "F", True),
        ("{expression: {equals: {column: c, value: F}}}", "f", False),
        ("{expression: {equals: {column: c, value: F}}}", None, UNKNOWN),
        ("{expression: {equals: {column: c, value: '1'}}}", 1, True),
        ("{expression: {equals: {column: c, value: 1}}}", "1", False),
        ("{expression: {equals: {column: c, value: 1}}}", True, False),
        ("{expression: {equals: {column: c, value: 1}}}", 1.0, False),
        ("{expression: {in: {column: c, values: [A, B, 3]}}}", "B", True),
        ("{expression: {in: {column: c, values: [A, B, 3]}}}", 3, True),
        ("{expression: {in: {column: c, values: [A, B, 3]}}}", "C", False),
        ("{expression: {in: {column: c, values: [A, B, 3]}}}", None, UNKNOWN),
        ("{expression: {at_least: {column: c, value: 3}}}", 3, True),
        ("{expression: {at_least: {column: c, value: 3}}}", 2, False),
        ("{expression: {at_least: {column: c, value: 3}}}", None, UNKNOWN),
        ("{expression: {at_least: {column: c, value: 3}}}", "3", UNKNOWN),
        ("{expression: {at_least: {column: c, value: 3}}}", 3.5, UNKNOWN),
    ],
)
def test_expressions(
    load: Callable[[str], Dataset], text: str, written: str, raw: object, fact: object
) -> None:
    """Each small expression, on values it is for and others."""
    changed = load(text.replace("{column: q, type: boolean}", written))
    found = value(changed, "convicted", raw)

    assert found == fact
    assert type(found) is type(fact)


@pytest.mark.parametrize(
    ("raw", "years"),
    [
        ("2008-01-20", 18),
        ("2008-01-21", 17),
        ("2026-01-20", 0),
        ("2026-01-21", UNKNOWN),
        ("1900-01-01", UNKNOWN),
        ("soon", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_years(
    load: Callable[[str], Dataset], text: str, raw: object, years: object
) -> None:
    """Full years change on the day; the future and the impossible are unknown."""
    changed = load(
        text.replace(
            "  strikes:", "  age: {expression: {years_since: born}}\n  strikes:"
        )
    )

    assert value(changed, "age", raw) == years


@pytest.mark.parametrize(
    ("raw", "days"),
    [
        ("2026-01-20", 0),
        ("2026-01-21", 1),
        ("2026-03-01", 40),
        ("2028-03-01", UNKNOWN),
        ("2026-01-19", UNKNOWN),
        ("soon", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_days(
    load: Callable[[str], Dataset], text: str, raw: object, days: object
) -> None:
    """Days are counted from the question's; what is past says nothing."""
    changed = load(
        text.replace(
            "  strikes:", "  age: {expression: {days_until: born}}\n  strikes:"
        )
    )

    assert value(changed, "age", raw) == days


def test_codes_without_a_mapping(load: Callable[[str], Dataset], text: str) -> None:
    """A column may hold the vocabulary's codes themselves, and only those."""
    changed = load(text.replace(", values: {L: low, H: high}", ""))

    assert value(changed, "level", "low") == "low"
    assert value(changed, "level", "LOW") == UNKNOWN


def test_only_what_is_needed(dataset: Dataset) -> None:
    """Columns are selected for the named facts only; unknown names need none."""
    reader = fact_reader(dataset, {"convicted", "publicly_available", "elsewhere"})

    assert reader.columns == (
        "facts.convicted",
        "facts.release_date.publicly_available",
    )
    assert fact_reader(dataset, ()).columns == ()
    assert fact_reader(dataset, ["convicted"]) is fact_reader(dataset, {"convicted"})


def test_facts_of_one_column_share_it(
    load: Callable[[str], Dataset], text: str
) -> None:
    """A column that two facts look at is selected once."""
    changed = load(text.replace("not_null: booked_at", "is_null: q"))
    reader = fact_reader(changed, {"convicted", "in_custody"})

    assert reader.columns == ("facts.convicted",)
    assert reader.vector([None], day=DAY).record_facts() == {
        "convicted": UNKNOWN,
        "in_custody": True,
    }


def test_vectors(dataset: Dataset) -> None:
    """Rows that look alike to the rules share one vector, whatever was stored."""
    reader = fact_reader(dataset, {"convicted", "publicly_available"})
    rows = [("a", 1, 0), ("b", "Y", "no"), ("c", None, 0), ("d", 1, 0), ("e", 1.0, 0)]

    vectors, places = reader.vectors(rows, day=DAY)

    assert places == [0, 0, 1, 0, 1]
    assert vectors[0] == FactVector(
        record=(("convicted", True),),
        categories=(("release_date", "publicly_available", False),),
    )
    assert vectors[0].category_facts() == {
        "release_date": {"publicly_available": False}
    }
    assert vectors[1].record_facts() == {"convicted": UNKNOWN}


def test_no_rows(dataset: Dataset) -> None:
    """No rows, no vectors."""
    assert fact_reader(dataset, ["convicted"]).vectors([], day=DAY) == ([], [])


RAW = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=4),
    st.sampled_from(["Y", "N", "L", "2024-01-01", "2024-01-01T00:00:00Z"]),
)
NAMES = ["convicted", "validated_on", "in_custody", "level", "strikes"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.text(max_size=2), *[RAW] * len(NAMES)), max_size=8))
def test_any_rows(dataset: Dataset, rows: list[tuple[Any, ...]]) -> None:
    """Every row gets its own facts, all of the small language; nothing raises."""
    reader = fact_reader(dataset, NAMES)
    vectors, places = reader.vectors(rows, day=DAY)

    assert len(places) == len(rows)
    assert len(set(vectors)) == len(vectors)
    for row, place in zip(rows, places, strict=True):
        assert reader.vector(row[1:], day=DAY) == vectors[place]
    for vector in vectors:
        for name, fact in vector.record:
            assert type(fact) in {bool, int, str}
            assert name in NAMES
