"""Who may do what in a log's database, and how its tables come about."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from audit import LogFailed, LogMissing, LogUnavailable
from audit.cli import main
from audit.postgres.migrations.versions import v0001_first, v0002_news
from audit.postgres.prepare import prepare
from audit.postgres.schema import ROLES
from tests.audit.builders import entry
from tests.audit.kept import Database, PostgresStore, checked
from tests.services.postgres import OWNER, PASSWORDS, Server

LEAVES = ("seq", "sealed", "file", "epoch")
EVERYTHING = (
    *LEAVES,
    "tile",
    "dedup",
    "charter",
    "seq_coord",
    "int_coord",
    "pub_coord",
)
CHANGES = ("UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}")


@pytest.fixture
async def filled(postgres_store: PostgresStore) -> Database:
    """A database whose log has some entries."""
    async with postgres_store.opening(create=True) as log:
        for number in range(3):
            await log.append(entry(f"k{number}"))
    return postgres_store.database


def refused(database: Database, role: str, statement: str) -> str:
    """Return why a role may not do something; empty if it may."""
    session = database.server_of(role).connect()
    session.ends_at = float("inf")
    try:
        session.execute(statement.encode())
    except psycopg.Error as error:
        return error.diag.message_primary or "?"
    finally:
        session.close()
    return ""


@pytest.mark.parametrize("role", ROLES)
async def test_no_role_changes_what_was_written(filled: Database, role: str) -> None:
    """Neither leaves nor sealed records, files or epochs: it is not granted."""

    def tried() -> list[str]:
        return [
            refused(filled, role, change.format(f"sallyport_log.{table}", *pair))
            for table in LEAVES
            for change in CHANGES
            for pair in [_column(table)]
        ]

    for said in await asyncio.to_thread(tried):
        assert "permission denied" in said


def _column(table: str) -> tuple[str, str]:
    return {
        "seq": ("leaves", "''"),
        "sealed": ("records", "''"),
        "file": ("body", "''"),
        "epoch": ("document", "''"),
    }[table]


async def test_the_gateway_adds_by_functions_alone(filled: Database) -> None:
    """Its role writes to no table, and does not read what is sealed."""

    def tried() -> dict[str, str]:
        writes = {
            table: refused(
                filled, "writer", f"INSERT INTO sallyport_log.{table} DEFAULT VALUES"
            )
            for table in EVERYTHING
        }
        reads = {
            f"read {table}": refused(filled, "writer", f"TABLE sallyport_log.{table}")
            for table in ("sealed", "epoch", "dedup")
        }
        return writes | reads

    for what, said in (await asyncio.to_thread(tried)).items():
        assert "permission denied" in said, what


async def test_auditors_read_everything_and_do_nothing(filled: Database) -> None:
    """Each table, and none of the functions."""

    def tried() -> tuple[list[str], list[str]]:
        reads = [
            refused(filled, "auditor", f"TABLE sallyport_log.{table}")
            for table in EVERYTHING
        ]
        calls = [
            refused(filled, "auditor", f"SELECT sallyport_log.{call}")
            for call in ("take_turn()", "tell(1)", "settled('')", "known('{}', 1)")
        ]
        return reads, calls

    reads, calls = await asyncio.to_thread(tried)
    assert set(reads) == {""}
    assert all("permission denied" in said for said in calls)


async def test_the_owner_is_refused_by_triggers(filled: Database) -> None:
    """Whoever owns the tables has to take a trigger away first."""

    def tried() -> list[str]:
        return [
            refused(filled, "owner", change.format("sallyport_log.seq", "leaves", "''"))
            for change in CHANGES
        ] + [
            refused(filled, "owner", statement)
            for statement in (
                "UPDATE sallyport_log.file SET body = 'x'",
                "DELETE FROM sallyport_log.file",
                "UPDATE sallyport_log.tile SET hashes = sha256('')",
                "DELETE FROM sallyport_log.tile",
                "UPDATE sallyport_log.int_coord SET size = 1",
                "UPDATE sallyport_log.pub_coord SET root = ''",
            )
        ]

    said = await asyncio.to_thread(tried)
    assert said[:3] == [
        "a log only grows: UPDATE of seq is refused",
        "a log only grows: DELETE of seq is refused",
        "a log only grows: TRUNCATE of seq is refused",
    ]
    # The log of the fixture brought no file, so there is none to change.
    assert said[3:] == [
        "",
        "",
        "tile 0 of level 0 holds something else",
        "a log only grows: DELETE of tile is refused",
        "int_coord would run back from 3 to 1",
        "pub_coord would run back from 3 to 3",
    ]


def test_preparing_again_changes_nothing(log_database: Database) -> None:
    """The same tables; a role that is not named keeps what it has."""
    before = _privileges(log_database)
    prepare(log_database.server_of("owner"), {"writer": "log_writer"})
    assert _privileges(log_database) == before


def _privileges(database: Database) -> list[tuple[object, ...]]:
    return database.execute(
        "SELECT grantee, table_name, privilege_type"
        " FROM information_schema.role_table_grants"
        " WHERE table_schema = 'sallyport_log' ORDER BY 1, 2, 3"
    )


def test_there_is_no_way_back() -> None:
    """A log's tables are never taken away."""
    for version in (v0001_first, v0002_news):
        with pytest.raises(NotImplementedError):
            version.downgrade()


def test_tables_of_a_newer_version_are_refused(log_database: Database) -> None:
    """By who prepares, and by who opens the log."""
    log_database.execute("UPDATE sallyport_log.version SET version_num = '9999'")
    with pytest.raises(LogFailed, match="newer version"):
        prepare(log_database.server_of("owner"), {})

    async def run() -> None:
        await PostgresStore(log_database).opening(create=True)

    with pytest.raises(LogFailed, match=r"version 9999, .* run: audit prepare"):
        asyncio.run(run())


def test_a_database_without_tables_is_no_log(postgres: Server) -> None:
    """It is said what to run."""
    with postgres.database() as name:
        store = PostgresStore(Database(server=postgres, name=name))

        async def run() -> None:
            await store.opening(create=True)

        with pytest.raises(LogUnavailable, match="cannot be reached"):
            asyncio.run(_as_nobody(store))
        with pytest.raises(LogMissing, match="run: audit prepare"):
            asyncio.run(run())


async def _as_nobody(store: PostgresStore) -> None:
    server = store.database.server_of("nobody")
    await asyncio.to_thread(server.connect)


def test_a_role_that_is_not_there_is_named(log_database: Database) -> None:
    """Nothing is granted then."""
    before = _privileges(log_database)
    with pytest.raises(LogFailed, match='role "nobody_here" does not exist'):
        prepare(
            log_database.server_of("owner"),
            {"writer": "log_writer", "auditor": "nobody_here"},
        )
    assert _privileges(log_database) == before


def test_the_command_prepares(
    postgres: Server, monkeypatch: pytest.MonkeyPatch, log_template: str
) -> None:
    """``audit prepare`` with the roles; what is not said comes from libpq's own."""
    assert log_template
    monkeypatch.setenv("PGPASSWORD", PASSWORDS[OWNER])
    monkeypatch.setenv("PGSSLROOTCERT", str(postgres.ca_file))
    with postgres.database() as name:
        address = f"postgresql://{OWNER}@{postgres.host}:{postgres.port}/{name}"
        roles = [f"--{role}=log_{role}" for role in ROLES]
        assert main(["prepare", address, *roles]) == 0
        store = PostgresStore(Database(server=postgres, name=name))

        async def run() -> int:
            async with store.opening(create=True) as log:
                await log.append(entry())
            return (await checked(store)).size

        assert asyncio.run(run()) == 1
        assert main(["prepare", "postgresql://%%%"]) == 2
