"""What auditors read of a log in a database, with a role that only reads."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from audit import CannotTell, LogDamaged
from audit.cli import main
from audit.keyfiles import write_secret
from audit.keyring import Keyring
from audit.postgres.keep import PostgresKeep
from audit.postgres.shelf import PostgresShelf
from audit.postgres.source import PostgresSource
from audit.sources import open_source
from audit.tiles import ENTRIES, Tile
from tests.audit.builders import AUDITOR, CFG, KEYS, entry
from tests.audit.kept import Database, PostgresStore
from tests.audit.postgres.asked import ACT, COUNT, NOTE, run

KEYS_RING = Keyring.of(KEYS.verifiers)


def test_a_database_is_verified_in_full(
    address: str, keys: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Tree, leaves, files and sealed records, by several processes at once."""
    how = ("-j", "2", "--json")
    code, text = run(capsys, "verify", address, *keys, *how)
    report = json.loads(text)
    assert code == 3, report
    assert report["entries"] == report["sealed_records"] == COUNT
    assert report["findings"] == report["cannot_tell"] == []


def test_one_entry_is_shown_proved_and_opened(
    address: str, keys: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As from a folder."""
    assert run(capsys, "show", address, "--index", "0", *keys)[0] == 0
    code, proof = run(capsys, "prove", address, "--index", "300", *keys)
    assert code == 0
    assert proof.startswith("c2sp.org/tlog-proof@v1\n")
    write_secret(tmp_path / "auditor.key", AUDITOR.secret_text + "\n")
    mine = ("--key", str(tmp_path / "auditor.key"))
    code, text = run(capsys, "open", address, "--index", "599", *mine, *keys)
    assert json.loads(text)["parts"]["who"]["person"] == "Jane Doe", code


def test_the_public_copy_is_made_from_it(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is older than the delay; and the doctor compares what others have."""
    code, text = run(capsys, "publish", address, str(tmp_path / "public"), "--json")
    assert (code, json.loads(text)["entries"]) == (0, COUNT)
    assert (tmp_path / "public" / "acts" / ACT).read_bytes() == NOTE
    seen = str(tmp_path / "public" / "checkpoint")
    code, text = run(capsys, "doctor", address, "--said", seen)
    assert code == 0
    assert "no synchronous standby is named" in text
    assert "does not wait for its disk" in text  # the server of the tests


def test_the_doctor_on_a_database_that_is_behind(
    address: str,
    made: Database,
    log_database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The sentence that opening it would say."""
    store = PostgresStore(log_database)

    async def fill() -> None:
        async with store.opening(create=True) as log:
            await log.append(entry())

    asyncio.run(fill())
    run(capsys, "publish", address, str(tmp_path / "public"))
    other = address.replace(f"/{made.name}?", f"/{log_database.name}?")
    seen = str(tmp_path / "public" / "checkpoint")
    code, text = run(capsys, "doctor", other, "--said", seen)
    assert code == 1
    assert "signed 600 entries, and 1 entries are stored" in text


def test_what_is_not_there_is_damage_or_none(made: Database) -> None:
    """Beyond the log, and of no epoch."""
    keep = PostgresKeep(made.server_of("auditor"))
    assert keep.name == f"the database {made.name}"
    assert keep.stored() == COUNT
    assert keep.epoch(b"other") is None
    assert keep.lost() == ()
    assert len(keep.record(599)) > 100
    with pytest.raises(LogDamaged, match="no sealed record of entry 600"):
        keep.record(COUNT)
    shelf = PostgresShelf(keep._links)
    assert [index for index, _ in shelf.leaves(590, 9999)] == list(range(590, 600))
    assert list(shelf.leaves(COUNT)) == list(shelf.leaves(5, 5)) == []
    assert shelf.read("tile/9/000.p/1", 1 << 80) is None
    with pytest.raises(LogDamaged, match="entry 768 is missing"):
        shelf.read("tile/entries/003.p/5", 1 << 80)
    keep.close()


def test_a_server_with_a_standby_risks_nothing(
    made: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as its settings tell."""
    keep = PostgresKeep(made.server_of("auditor"))
    monkeypatch.setattr(keep._links, "rows", lambda _: [("standby", "on", "on")])
    assert keep.risks() == []


def test_a_log_that_has_not_begun_is_none(log_database: Database) -> None:
    """It has neither checkpoint nor state."""
    keep = PostgresKeep(log_database.server_of("auditor"))
    assert keep.source().read("checkpoint") is None
    assert keep.source().read("tile/0/000") is None
    assert list(keep.source().tiles()) == []
    with pytest.raises(LogDamaged, match="no checkpoint"):
        keep.past(KEYS_RING)
    log_database.execute("DELETE FROM sallyport_log.seq_coord")
    assert keep.stored() == 0
    assert list(keep.source().tiles()) == []
    keep.close()


def test_its_tiles_are_named(made: Database) -> None:
    """Those of hashes, and the bundle that is not full."""
    source = PostgresSource(made.server_of("auditor"))
    assert list(source.tiles()) == [
        Tile(level=0, index=0),
        Tile(level=0, index=1),
        Tile(level=0, index=2, width=88),
        Tile(level=1, index=0, width=2),
        Tile(level=ENTRIES, index=2, width=88),
    ]
    assert sorted(source.files()) == [f"acts/{ACT}", f"schema/{CFG}.json"]
    source.close()


def test_a_driver_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who only verifies folders needs none."""
    for name in [name for name in sys.modules if name.startswith("audit.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(CannotTell, match="this needs psycopg, which is not installed"):
        open_source("postgresql://auditor@db.county.example/log")


def test_a_server_that_does_not_answer_tells_nothing() -> None:
    """It says nothing about the log."""
    assert main(["verify", "postgresql://nobody@127.0.0.1:9/log"]) == 2
