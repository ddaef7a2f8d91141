"""What auditors read of a log in a database, with a role that only reads."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Iterator
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
from tests.audit.builders import AUDITOR, CFG, KEYS, SCHEMA, FakeClock, act_note, entry
from tests.audit.kept import PASSWORD, Database, PostgresStore, copied
from tests.services.postgres import Server

COUNT = 600
KEYS_RING = Keyring.of(KEYS.verifiers)
ACT, NOTE = act_note()


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


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command; return its code and what it printed."""
    code = main([*arguments])
    return code, capsys.readouterr().out


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


@pytest.mark.parametrize(
    "case",
    [
        (
            "UPDATE seq SET leaves = set_byte(leaves, 300, 0) WHERE first = 0",
            1,
            "entry 0",
        ),
        ("UPDATE seq SET leaves = ''", 1, "tile/entries/000, entry 0: bundle changed"),
        ("DELETE FROM seq WHERE first = 0", 1, "entry 0: bundle changed: missing"),
        ("DELETE FROM seq WHERE first = 599", 1, "ends before entry 599"),
        (
            (
                "DELETE FROM seq WHERE first = 0;"
                "UPDATE seq SET leaves = set_byte(leaves, 30, 0) WHERE first = 599"
            ),
            1,
            "entry 599: leaf changed",
        ),
        (
            "ALTER TABLE seq ALTER leaves TYPE text USING encode(leaves, 'hex')",
            1,
            "entry 0: bundle changed: missing",
        ),
        (
            "INSERT INTO tile VALUES (0, -1, sha256(''))",
            1,
            "the table of tiles, 0, -1",
        ),
        ("UPDATE seq_coord SET next = -5", 3, "600"),
        (
            "UPDATE tile SET hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0))",
            1,
            "tile/",
        ),
        (
            "DELETE FROM tile WHERE level = 0 AND place = 1",
            1,
            "tile/0/001: tile changed: missing",
        ),
        (
            (
                "UPDATE sealed SET records ="
                " set_byte(records, 70, 255 - get_byte(records, 70)) WHERE first = 0"
            ),
            1,
            "part",
        ),
        ("UPDATE sealed SET records = '\\x00ff' WHERE first = 0", 1, "does not read"),
        ("DELETE FROM sealed WHERE first = 0", 2, "no sealed record of entries 0"),
        ("DELETE FROM epoch", 2, "missing; nobody can open"),
        ("UPDATE file SET body = 'x'", 1, "not those that it is named after"),
        (
            "ALTER TABLE file ALTER body DROP NOT NULL; UPDATE file SET body = NULL",
            2,
            "the database has no bytes of it",
        ),
        (
            (
                "ALTER TABLE sealed ALTER records DROP NOT NULL;"
                "UPDATE sealed SET records = NULL"
            ),
            2,
            "sealed: a sealed record: the database has no bytes of it",
        ),
        (
            "REVOKE SELECT ON sealed FROM log_auditor",
            2,
            "sealed: the database: permission denied for table sealed",
        ),
        (
            (
                "ALTER TABLE pub_coord ALTER note DROP NOT NULL;"
                "UPDATE pub_coord SET note = NULL"
            ),
            2,
            "the checkpoint: the database has no bytes of it",
        ),
        (
            (
                "ALTER TABLE tile ALTER hashes DROP NOT NULL;"
                "UPDATE tile SET hashes = NULL WHERE level = 0 AND place = 0"
            ),
            1,
            "the table of tiles, 0, 0",
        ),
        ("UPDATE pub_coord SET note = 'x'", 1, "note-no-signatures"),
        ("DELETE FROM pub_coord", 2, "there is no checkpoint"),
        ("DROP TABLE file CASCADE", 2, "there is no log in this database"),
    ],
)
def test_whatever_is_altered_is_said(
    altered: Database,
    address: str,
    keys: list[str],
    capsys: pytest.CaptureFixture[str],
    case: tuple[str, int, str],
) -> None:
    """An owner who took the triggers away first."""
    statement, code, said = case
    altered.execute(
        "SET session_replication_role = replica; SET search_path = sallyport_log;"
        + statement
    )
    there = re.sub(r"/\w+\?", f"/{altered.name}?", address)
    found, text = run(capsys, "verify", there, *keys)
    assert (found, said in text) == (code, True), text


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE seq_coord SET next = 10", "10 entries are stored"),
        ("DELETE FROM seq_coord", "0 entries are stored"),
        ("UPDATE int_coord SET size = 10", "10 entries are stored"),
        ("DELETE FROM int_coord", "coordinates are missing"),
        ("UPDATE pub_coord SET size = 10", "not those that were signed"),
        ("UPDATE pub_coord SET root = sha256('x')", "not those that were signed"),
    ],
)
def test_the_doctor_says_why_a_database_would_not_open(
    altered: Database,
    address: str,
    capsys: pytest.CaptureFixture[str],
    statement: str,
    said: str,
) -> None:
    """Whoever opens it refuses for the same."""
    altered.execute(
        "SET session_replication_role = replica; SET search_path = sallyport_log;"
        + statement
    )
    there = re.sub(r"/\w+\?", f"/{altered.name}?", address)
    code, text = run(capsys, "doctor", there)
    assert (code, said in text) == (1, True), text


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
