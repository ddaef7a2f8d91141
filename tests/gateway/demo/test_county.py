"""The synthetic county's databases."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from gateway.demo.county import build_databases

TODAY = dt.date(2026, 3, 1)


def rows(path: Path, table: str) -> list[tuple[object, ...]]:
    """Return every row of a table, in key order."""
    with closing(sqlite3.connect(path)) as connection:
        query = f"SELECT * FROM {table} ORDER BY 1"  # noqa: S608 - a constant
        return connection.execute(query).fetchall()


def make(folder: Path, *, records: int = 300) -> Path:
    """Build the three databases in a new folder."""
    folder.mkdir()
    build_databases(folder, today=TODAY, records=records)
    return folder


def test_same_seed_same_rows(tmp_path: Path) -> None:
    """Two counties of one seed and day hold the same rows."""
    one, two = make(tmp_path / "one"), make(tmp_path / "two")

    for file, table in (
        ("jail.db", "bookings"),
        ("dmv.db", "drivers"),
        ("gang.db", "designations"),
    ):
        assert rows(one / file, table) == rows(two / file, table)


def test_a_larger_county_begins_with_the_same_people(tmp_path: Path) -> None:
    """More records add people; they change nobody."""
    small = make(tmp_path / "small", records=50)
    large = make(tmp_path / "large", records=80)

    assert rows(large / "jail.db", "bookings")[:50] == rows(
        small / "jail.db", "bookings"
    )


def test_counts_what_was_written(tmp_path: Path) -> None:
    """The returned counts are the tables' own."""
    counts = build_databases(tmp_path, today=TODAY, records=2_345)

    assert counts["jail.db"] == counts["dmv.db"] == 2_345
    assert counts["gang.db"] == len(rows(tmp_path / "gang.db", "designations"))
    assert 0 < counts["gang.db"] < 2_345


def test_progress_is_told_up_to_the_end(tmp_path: Path) -> None:
    """Whoever watches sees rising numbers that end with everybody."""
    seen: list[int] = []

    build_databases(tmp_path, today=TODAY, records=2_345, progress=seen.append)

    assert seen == [1_000, 2_000, 2_345]


def test_intelligence_is_dated_on_both_sides_of_five_years(tmp_path: Path) -> None:
    """There is an entry validated two years ago, and one over five years ago."""
    make(tmp_path / "county")
    found = {
        row[0]: str(row[6])
        for row in rows(tmp_path / "county" / "gang.db", "designations")
    }

    assert found["G-000025"] == "2024-03-01"
    assert found["G-000026"] < "2021-03-01"


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    """A folder that has the databases already is refused."""
    make(tmp_path / "county")

    with pytest.raises(sqlite3.OperationalError):
        build_databases(tmp_path / "county", today=TODAY)


@pytest.mark.slow
def test_a_large_county_costs_no_more_memory(tmp_path: Path) -> None:
    """Ten times the people take about the same memory to write."""
    (tmp_path / "small").mkdir()
    (tmp_path / "large").mkdir()
    tracemalloc.start()
    build_databases(tmp_path / "small", today=TODAY, records=1_000)
    _, small = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    build_databases(tmp_path / "large", today=TODAY, records=10_000)
    _, large = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert large < 1.5 * small
