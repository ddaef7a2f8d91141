"""Past questions from the archive; whoever reads them has let the log know before."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from gateway.config import Config
from gateway.databases import state_server
from gateway.policy.archive import Archive, ArchiveRow
from gateway.policy.compare.past import Past
from gateway.state import ArchiveRows, Database, StateKeys

__all__ = ["Asked", "asked_since"]

A_DAY = 1_000_000
"""Most rows of one day that are read."""
LAST_DAY = 99_999_999


@dataclass(kw_only=True, slots=True)
class Asked:
    """What was asked, and how many rows do not open."""

    past: list[Past] = field(default_factory=list)
    shut: int = 0


def asked_since(config: Config, since: int) -> Asked:
    """Return every archived question from a day on (YYYYMMDD).

    Raises:
        InvalidFile: when the state's key cannot be used.
        StateRefused: when a newer version wrote the state.
        Unavailable: state-unavailable.
    """
    return asyncio.run(_read(config, since))


async def _read(config: Config, since: int) -> Asked:
    keys = await asyncio.to_thread(StateKeys.read, config.state.key)
    archive = Archive(secret=keys.archive)
    database = await Database.open(
        state_server(config) or config.state_path,
        timeout_s=config.state.timeout_ms / 1000,
    )
    found = Asked()
    try:
        store = ArchiveRows(database=database)
        for day in await store.days(since=since, until=LAST_DAY):
            rows = await store.rows(since=day, until=day + 1, most=A_DAY)
            for row_day, question, sealed, outcome, count in rows:
                row = ArchiveRow(
                    day=row_day,
                    question_sha=question.hex(),
                    sealed=sealed,
                    outcome=outcome,
                )
                _open(found, archive, row, count)
    finally:
        await database.close()
    return found


def _open(found: Asked, archive: Archive, row: ArchiveRow, count: int) -> None:
    try:
        found.past.append(Past(question=archive.opened(row), count=count))
    except ValueError:
        found.shut += 1
