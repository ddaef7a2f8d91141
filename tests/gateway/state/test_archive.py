"""The question archive's rows: counted by day, forgotten by day."""

from __future__ import annotations

import pytest

from gateway.state import ArchiveRows, Database


@pytest.fixture
def archive(database: Database) -> ArchiveRows:
    """An empty archive."""
    return ArchiveRows(database=database)


async def test_the_same_question_is_counted(archive: ArchiveRows) -> None:
    """One row a day, question and outcome; the first seal is kept."""
    for sealed, count in ((b"first", 1), (b"second", 4)):
        await archive.put(
            day=20261123, question=b"q", sealed=sealed, outcome="refused", count=count
        )
    await archive.put(day=20261123, question=b"q", sealed=b"x", outcome="released")
    await archive.put(day=20261124, question=b"q", sealed=b"y", outcome="refused")
    assert await archive.rows(since=20261123, until=20261124) == (
        (20261123, b"q", b"first", "refused", 5),
        (20261123, b"q", b"x", "released", 1),
    )


async def test_days_are_forgotten(archive: ArchiveRows) -> None:
    """Retention deletes whole days."""
    for day in (20261121, 20261122, 20261123):
        await archive.put(day=day, question=b"q", sealed=b"s", outcome="refused")
    assert await archive.days(since=20261122, until=20261123) == (20261122,)
    assert await archive.forget(before=20261123) == 2
    assert await archive.days(since=0, until=99999999) == (20261123,)
    rows = await archive.rows(since=0, until=99999999)
    assert [row[0] for row in rows] == [20261123]
