"""The state database: private, migrated, in order, and refusing by name."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from gateway.errors import Cause, Unavailable
from gateway.state import Database, StateRefused
from gateway.state.tables import metadata, seal


async def test_the_file_is_private(tmp_path: Path) -> None:
    """The file is made with mode 0600."""
    database = await Database.open(tmp_path / "deep/state.db", timeout_s=1.0)
    await database.close()
    mode = (tmp_path / "deep/state.db").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


async def test_the_migrations_make_exactly_the_tables(database: Database) -> None:
    """What the migrations make is what the code declares."""
    difference = await database.run(
        lambda c: compare_metadata(MigrationContext.configure(c), metadata)
    )
    assert difference == []


async def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    """Opening again migrates nothing and keeps what was stored."""
    path = tmp_path / "state.db"
    for _ in range(2):
        database = await Database.open(path, timeout_s=1.0)
        await database.ping()
        await database.close()


async def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """A database written by a newer gateway is not guessed at."""
    path = tmp_path / "state.db"
    database = await Database.open(path, timeout_s=1.0)
    await database.run(
        lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    )
    await database.close()
    with pytest.raises(StateRefused, match="newer version"):
        await Database.open(path, timeout_s=1.0)


@pytest.mark.parametrize("wrong", ["folder", "text"])
async def test_a_file_that_is_no_database_is_named(tmp_path: Path, wrong: str) -> None:
    """With its place, and the system's or SQLite's own word for what is wrong."""
    path = tmp_path / "state.db"
    if wrong == "folder":
        path.mkdir()
    else:
        path.write_text("x" * 5000)
    with pytest.raises(Unavailable) as caught:
        await Database.open(path, timeout_s=1.0)
    words = {"folder": "Is a directory", "text": "SQLITE_NOTADB"}
    assert caught.value.detail == f"{path}: {words[wrong]}"


async def test_work_that_fails_leaves_nothing(database: Database) -> None:
    """A transaction that raises is rolled back whole."""

    def broken(connection: Connection) -> None:
        wrong = {"id": 0, "origin": "x", "log_size": 1, "mac": b"x"}
        connection.execute(seal.insert().values(wrong))
        raise KeyError

    with pytest.raises(KeyError):
        await database.run(broken)
    count = await database.run(
        lambda c: c.execute(text("SELECT count(*) FROM seal")).scalar_one()
    )
    assert count == 0


async def test_a_locked_database_is_unavailable(tmp_path: Path) -> None:
    """Somebody else's lock ends in state-unavailable, and heals by itself."""
    path = tmp_path / "state.db"
    database = await Database.open(path, timeout_s=0.1)
    other = await asyncio.to_thread(
        sqlite3.connect, path, isolation_level=None, check_same_thread=False
    )
    await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
    with pytest.raises(Unavailable) as caught:
        await database.ping()
    assert caught.value.cause is Cause.STATE_UNAVAILABLE
    await asyncio.to_thread(other.execute, "ROLLBACK")
    await asyncio.to_thread(other.close)
    await database.ping()
    await database.close()


async def test_work_that_hangs_is_unavailable(tmp_path: Path) -> None:
    """Work that does not end in time is not waited for."""
    database = await Database.open(tmp_path / "state.db", timeout_s=5.0)
    database._timeout_s = 0.05
    go = threading.Event()
    with pytest.raises(Unavailable) as caught:
        await database.run(lambda _connection: go.wait(10))
    assert caught.value.cause is Cause.STATE_UNAVAILABLE
    go.set()
    await database.close()


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    """A corrupted file is named by its cause; the text of the error is not kept."""
    path = tmp_path / "state.db"
    path.write_bytes(b"CANARY" * 1000)
    with pytest.raises(Unavailable) as caught:
        await Database.open(path, timeout_s=1.0)
    assert caught.value.cause is Cause.STATE_UNAVAILABLE
    assert "CANARY" not in str(caught.value)


async def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    """A path through a file is state-unavailable."""
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable):
        await Database.open(tmp_path / "file/state.db", timeout_s=1.0)


async def test_after_closing_nothing_runs(tmp_path: Path) -> None:
    """A closed database is unavailable, not a crash."""
    database = await Database.open(tmp_path / "state.db", timeout_s=1.0)
    await database.close()
    with pytest.raises(Unavailable):
        await database.ping()


async def test_work_runs_in_the_order_it_came(database: Database) -> None:
    """One thread: what was asked first is done first."""
    done: list[int] = []

    def note(number: int, _connection: Connection) -> None:
        done.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(database.run(partial(note, number)))
    assert done == list(range(20))
