"""A small database in a file, and what is asked of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from connectors import Fault, SourceUnavailable
from connectors.sqlite.session import Session

__all__ = ["ALL", "fault", "make"]

ALL = "SELECT k, v FROM t ORDER BY k"


def make(path: Path, value: str) -> Path:
    """Write a small database."""
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE t (k TEXT PRIMARY KEY, v TEXT)")
    database.executemany("INSERT INTO t VALUES (?, ?)", [("a", value), ("b", None)])
    database.commit()
    database.close()
    return path


def fault(session: Session, sql: str = ALL) -> Fault:
    """Return why a statement was not answered."""
    with pytest.raises(SourceUnavailable) as caught:
        session.rows(sql, ())
    return caught.value.fault
