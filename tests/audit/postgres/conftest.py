"""A log in a database, as its auditors reach it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audit.builders import CFG, KEYS, SCHEMA, FakeClock, entry
from tests.audit.kept import PASSWORD, Database, PostgresStore, copied
from tests.audit.postgres.asked import ACT, COUNT, NOTE
from tests.services.postgres import Server


@pytest.fixture(scope="module")
def made(postgres: Server, log_template: str) -> Iterator[Database]:
    """A log of some entries, two epochs, and files."""
    found = copied(postgres, log_template)
    database = next(found)

    async def run() -> None:
        clock = FakeClock()
        async with PostgresStore(database).opening(
            create=True, clock=clock, delay_s=3600
        ) as log:
            files = {f"acts/{ACT}": NOTE, f"schema/{CFG}.json": SCHEMA}
            await log.append(entry(act=ACT, decision="genesis", attachments=files))
            await asyncio.gather(*(log.append(entry()) for _ in range(COUNT - 2)))
            await log.settle()
            clock.ms += 3600_000
            await log.append(entry())
            await log.settle()

    asyncio.run(run())
    yield database
    next(found, None)


@pytest.fixture
def address(made: Database, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address that an auditor gives."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    server = made.server
    where = f"postgresql://log_auditor@{server.host}:{server.port}/{made.name}"
    return f"{where}?sslmode=verify-full&sslrootcert={server.ca_file}"


@pytest.fixture
def altered(postgres: Server, made: Database) -> Iterator[Database]:
    """A copy of that log, to be altered."""
    throw_out(made)
    yield from copied(postgres, made.name)


def throw_out(database: Database) -> None:
    """End every session there: what is in use is not copied."""
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


@pytest.fixture
def keys(tmp_path: Path) -> list[str]:
    """Who must have signed."""
    KEYS.write(tmp_path / "keys")
    return ["--vkey", str(tmp_path / "keys" / "log.vkeys")]
