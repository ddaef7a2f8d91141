"""What SQLite's result codes mean for us; messages never leave, they may quote data."""

from __future__ import annotations

import sqlite3

from connectors.errors import (
    ConnectorError,
    Fault,
    InvalidQuery,
    SourceTimeout,
    SourceUnavailable,
)

__all__ = ["fault_of", "is_busy", "is_undecodable"]

_FAULTS = {
    sqlite3.SQLITE_BUSY: Fault.LOCKED,
    sqlite3.SQLITE_LOCKED: Fault.LOCKED,
    sqlite3.SQLITE_CORRUPT: Fault.CORRUPT,
    sqlite3.SQLITE_NOTADB: Fault.CORRUPT,
    sqlite3.SQLITE_FORMAT: Fault.CORRUPT,
    sqlite3.SQLITE_ERROR: Fault.SCHEMA,
    sqlite3.SQLITE_SCHEMA: Fault.SCHEMA,
    sqlite3.SQLITE_TOOBIG: Fault.TOO_LARGE,
}
"""Primary result codes; every other one means that the file cannot be used."""


def fault_of(source: str, error: BaseException) -> ConnectorError:
    """Return the contract's error for whatever the driver raised."""
    if isinstance(error, ConnectorError):
        return error
    if isinstance(error, (OverflowError, UnicodeEncodeError)):
        return InvalidQuery("a value cannot be bound")
    code = _code(error)
    if code == sqlite3.SQLITE_INTERRUPT:
        return SourceTimeout(source)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return SourceUnavailable(source, _FAULTS.get(code, Fault.GONE), name)


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether another connection holds the file just now."""
    return _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def is_undecodable(error: sqlite3.Error) -> bool:
    """Tell whether a text in the answer is not UTF-8 (the driver gives no code)."""
    return not hasattr(error, "sqlite_errorcode") and "decode" in str(error)


def _code(error: BaseException) -> int:
    """Return the primary result code, or -1 where there is none."""
    code: int = getattr(error, "sqlite_errorcode", -1)
    return code & 0xFF if code >= 0 else code
