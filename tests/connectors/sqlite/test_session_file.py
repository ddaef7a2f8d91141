"""The file below a connection: gone, replaced, damaged, or held by somebody else."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import Fault
from connectors.sqlite.session import Session
from tests.connectors.sqlite.small import ALL, fault, make


def test_a_file_that_is_deleted(opened: Callable[..., Session], path: Path) -> None:
    """An open handle to a deleted file is not the source any more; a new file is."""
    session = opened()
    session.rows(ALL, ())
    path.unlink()
    assert fault(session) is Fault.GONE
    make(path, "two")

    assert session.rows(ALL, ())[0] == ("a", "two")


def test_a_file_that_is_replaced(opened: Callable[..., Session], path: Path) -> None:
    """A file moved over it (a nightly copy) is read at the next statement."""
    session = opened()
    session.rows(ALL, ())
    make(path.with_name("new.db"), "new").replace(path)

    assert session.rows(ALL, ())[0] == ("a", "new")


def test_a_replaced_file_does_not_split_a_transaction(
    opened: Callable[..., Session], path: Path
) -> None:
    """Inside a transaction the old file is read to the end."""
    session = opened()
    first = session.rows(ALL, (), begin=True)
    make(path.with_name("new.db"), "new").replace(path)

    assert session.rows(ALL, ()) == first
    session.end()
    assert session.rows(ALL, ())[0] == ("a", "new")


@pytest.mark.parametrize(
    "damage",
    [b"not a database, only text" * 100, b"SQLite format 3\x00" + b"\xff" * 4000],
)
def test_a_damaged_file(
    opened: Callable[..., Session], path: Path, damage: bytes
) -> None:
    """What is not a database is corrupt; the right file heals it."""
    good = path.read_bytes()
    path.write_bytes(damage)
    session = opened()
    assert fault(session) is Fault.CORRUPT
    path.write_bytes(good)

    assert len(session.rows(ALL, ())) == 2


def test_damaged_pages(opened: Callable[..., Session], path: Path) -> None:
    """A good header with broken pages behind it is corrupt too, never half read."""
    data = bytearray(path.read_bytes())
    data[4096:] = b"\x7f" * (len(data) - 4096)
    path.write_bytes(bytes(data))

    assert fault(opened()) is Fault.CORRUPT


def test_an_empty_file(opened: Callable[..., Session], path: Path) -> None:
    """An empty file is a database without tables."""
    path.write_bytes(b"")

    assert fault(opened()) is Fault.SCHEMA


def test_a_folder(opened: Callable[..., Session], path: Path) -> None:
    """A folder is not a source."""
    path.unlink()
    path.mkdir()

    assert fault(opened()) is Fault.GONE


def test_a_locked_file(opened: Callable[..., Session], path: Path) -> None:
    """While somebody holds the file it is tried again, until the deadline."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    session = opened()
    session.ends_at = time.monotonic() + 1
    assert fault(session) is Fault.LOCKED
    threading.Timer(0.2, session.interrupt).start()
    session.ends_at = time.monotonic() + 5
    start = time.monotonic()
    assert fault(session) is Fault.LOCKED
    assert time.monotonic() - start < 2
    session.ended = False
    other.execute("ROLLBACK")
    other.close()

    assert len(session.rows(ALL, ())) == 2


def test_a_wait_that_is_ended_in_a_try(
    opened: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An end that meets a try of a wait tells of the wait; else it is an end."""
    tries = {
        (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_INTERRUPT): Fault.LOCKED,
        (sqlite3.SQLITE_INTERRUPT,): Fault.TIMEOUT,
        (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CORRUPT): Fault.CORRUPT,
    }
    for codes, expected in tries.items():
        session, left = opened(), list(codes)

        def tried(*_: object, s: Session = session, left: list[int] = left) -> None:
            """Fail with the next code; an interrupted try is an ended one."""
            error = sqlite3.OperationalError()
            error.sqlite_errorcode = left.pop(0)
            s.ended = error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
            raise error

        monkeypatch.setattr(session, "_ready", tried)
        assert fault(session) is expected
