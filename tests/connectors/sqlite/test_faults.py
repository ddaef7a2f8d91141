"""Every way SQLite can fail has one word, and none of its messages gets out."""

from __future__ import annotations

import sqlite3

import pytest

from connectors import Fault, InvalidQuery, SourceTimeout, SourceUnavailable
from connectors.sqlite.faults import fault_of, is_busy, is_undecodable


def failure(code: int, name: str = "SQLITE_X") -> sqlite3.Error:
    """Return an error as the driver raises it."""
    error = sqlite3.OperationalError("near GARCIA: syntax error")
    error.sqlite_errorcode = code
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (sqlite3.SQLITE_BUSY, Fault.LOCKED),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, Fault.LOCKED),
        (sqlite3.SQLITE_LOCKED, Fault.LOCKED),
        (sqlite3.SQLITE_CORRUPT, Fault.CORRUPT),
        (sqlite3.SQLITE_NOTADB, Fault.CORRUPT),
        (sqlite3.SQLITE_ERROR, Fault.SCHEMA),
        (sqlite3.SQLITE_SCHEMA, Fault.SCHEMA),
        (sqlite3.SQLITE_TOOBIG, Fault.TOO_LARGE),
        (sqlite3.SQLITE_CANTOPEN, Fault.GONE),
        (sqlite3.SQLITE_IOERR_READ, Fault.GONE),
        (sqlite3.SQLITE_READONLY, Fault.GONE),
        (sqlite3.SQLITE_PERM, Fault.GONE),
        (255, Fault.GONE),
    ],
)
def test_codes(code: int, fault: Fault) -> None:
    """The primary code decides; the message, which may quote data, is dropped."""
    error = fault_of("s", failure(code))

    assert isinstance(error, SourceUnavailable)
    assert error.fault is fault
    assert "GARCIA" not in str(error)


def test_an_interrupt_is_a_timeout() -> None:
    """A statement is only ever interrupted because its time was up."""
    assert isinstance(fault_of("s", failure(sqlite3.SQLITE_INTERRUPT)), SourceTimeout)


def test_what_is_not_sqlite() -> None:
    """Our own errors pass, an unbindable value is the caller's, the rest is gone."""
    own = SourceTimeout("s")

    assert fault_of("s", own) is own
    assert isinstance(fault_of("s", OverflowError()), InvalidQuery)
    missing = fault_of("s", FileNotFoundError("/srv/GARCIA.db"))
    assert str(missing) == "s: gone (FileNotFoundError)"


def test_busy() -> None:
    """Busy and locked are worth another try."""
    assert is_busy(failure(sqlite3.SQLITE_BUSY))
    assert is_busy(failure(sqlite3.SQLITE_LOCKED_SHAREDCACHE))
    assert not is_busy(failure(sqlite3.SQLITE_CORRUPT))
    assert not is_busy(sqlite3.ProgrammingError("no code"))


def test_undecodable() -> None:
    """The driver's decoding error is told from all others."""
    assert is_undecodable(sqlite3.OperationalError("Could not decode to UTF-8"))
    assert not is_undecodable(failure(sqlite3.SQLITE_ERROR))
