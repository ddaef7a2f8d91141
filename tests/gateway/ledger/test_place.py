"""Where a configured log lies: a folder, or a database in two roles."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from audit import LogKeys
from audit.directory import Directory
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.errors import InvalidFile
from gateway.ledger import Basis, log_place, log_source, open_ledger, rotate_keys
from tests.audit.kept import Database
from tests.gateway.county import GENESIS, ORIGIN, found_county, smallest
from tests.services.moving import LOG_PASSWORD

BASIS = Basis(policy="0" * 64, manifest="1" * 64)


def on_server(folder: Path, database: Database) -> Config:
    """Return a county whose log is in a database."""
    log = smallest()["log"]
    del log["directory"]
    for role in ("writer", "integrator"):
        file = folder / role
        file.touch(mode=0o600)
        file.write_text(LOG_PASSWORD)
    server = database.server
    log["database"] = {
        "url": f"postgresql://log_writer@{server.host}:{server.port}/{database.name}",
        "password_file": "writer",
        "ca_file": str(server.ca_file),
        "integrator": {"user": "log_integrator", "password_file": "integrator"},
    }
    return found_county(folder, log=log)


def test_a_folder_is_the_ordinary_place(tmp_path: Path) -> None:
    """Written through its directory, read at its live tree."""
    config = found_county(tmp_path)
    assert log_place(config) == Directory(config.log.directory)
    assert log_source(config).read("checkpoint") is None


@pytest.mark.services
async def test_a_log_begins_and_goes_on_in_a_database(
    tmp_path: Path, log_database: Database
) -> None:
    """Begun, read back after a restart, given new keys; verified by who reads it."""
    config = await asyncio.to_thread(on_server, tmp_path, log_database)
    async with open_ledger(config, clock=SystemClock(), create=True) as ledger:
        await ledger.registrar.write(lambda _: GENESIS, basis=BASIS)
        size = ledger.log.size
    async with open_ledger(config, clock=SystemClock()) as ledger:
        assert ledger.log.size == size

    def rotated() -> int:
        LogKeys.generate(ORIGIN).write(tmp_path / "new")
        return rotate_keys(
            config,
            tmp_path / "new",
            reason="scheduled",
            by="J. Example",
            uid=1000,
            clock=SystemClock(),
        )

    assert await asyncio.to_thread(rotated) == size
    source = log_source(config)
    checkpoint = await asyncio.to_thread(source.read, "checkpoint")
    assert checkpoint is not None
    assert checkpoint.splitlines()[1] == str(size + 1).encode()


def test_a_driver_that_is_not_installed_is_named(
    tmp_path: Path, log_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is opened."""
    config = on_server(tmp_path, log_database)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for look in (log_place, log_source):
        with pytest.raises(InvalidFile, match=r"log\.database"):
            look(config)
