"""Past questions are read from the archive, day by day, and opened."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.cli.policy_archive import asked_since
from gateway.config import Config
from gateway.policy import Vector
from gateway.policy.archive import Archive
from gateway.policy.compare.past import past_of
from gateway.state import ArchiveRows, Database, StateKeys
from tests.gateway.county import found_county
from tests.gateway.policy.small import question, vocabulary

DAYS = (20260101, 20260120, 20260121)
ASKED = question(vocabulary())
RECORD = Vector(facts={"convicted": True})


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A county whose archive has a question of each day, and a row of another key."""
    made = found_county(tmp_path / "c")

    own = Archive(secret=StateKeys.read(made.state.key).archive)

    async def fill() -> None:
        database = await Database.open(made.state_path, timeout_s=10)
        store = ArchiveRows(database=database)
        for archive in (own, Archive(secret=bytes(32))):
            for day in DAYS:
                (row,) = archive.rows(ASKED, [RECORD], "release", day)
                await store.put(
                    day=day,
                    question=bytes.fromhex(row.question_sha),
                    sealed=row.sealed,
                    outcome=row.outcome,
                    count=day % 100,
                )
        await database.close()

    asyncio.run(fill())
    return made


def test_asked_since(config: Config) -> None:
    """From a day on, with how often each was asked; what does not open is counted."""
    found = asked_since(config, 20260120)
    assert [past.question for past in found.past] == [
        past_of(ASKED, RECORD).question
    ] * 2
    assert ([past.count for past in found.past], found.shut) == ([20, 21], 2)
    assert len(asked_since(config, 0).past) == 3
    assert asked_since(config, 20270101).past == []
