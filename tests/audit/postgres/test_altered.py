"""What an owner of the tables altered, after taking the triggers away."""

from __future__ import annotations

import re

import pytest

from tests.audit.kept import Database
from tests.audit.postgres.asked import run


def alter(database: Database, statement: str, address: str) -> str:
    """Do so as an owner without triggers; return where auditors reach it then."""
    database.execute(
        "SET session_replication_role = replica; SET search_path = sallyport_log;"
        + statement
    )
    return re.sub(r"/\w+\?", f"/{database.name}?", address)


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
    there = alter(altered, statement, address)
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
    there = alter(altered, statement, address)
    code, text = run(capsys, "doctor", there)
    assert (code, said in text) == (1, True), text
