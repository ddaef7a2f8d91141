"""The tables of the state database. Times are Unix milliseconds.

Nothing here is a record's content. What a requester wrote is sealed under a key of
its own row; what depends on a decision names the log entry that says so.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

__all__ = ["acts", "archive", "asked", "metadata", "reviews", "seal", "tasks"]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

reviews = Table(
    "reviews",
    metadata,
    Column("exchange", String(32), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("role", String(64), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger),
    Column("revision", String(128), nullable=False),
    Column("entry", BigInteger),
    Column("receipt", Text),
    Column("agency", String(64), nullable=False),
    Column("client", String(255), nullable=False),
    Column("retry", LargeBinary),  # of version 0001, and never filled
    Column("row_key", LargeBinary),
    Column("sealed", LargeBinary),
    Index(None, "state", "due_ms"),
)
"""Requests that wait, or waited, for a person."""

tasks = Table(
    "tasks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("exchange", String(32), nullable=False),
    Column("do", String(64), nullable=False),
    Column("parameters", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("due_ms", BigInteger),
    Column("closed_ms", BigInteger),
    Column("entry", BigInteger),
    Column("closing", BigInteger),
    Index(None, "exchange"),
    Index(None, "state", "due_ms"),
    Index(None, "state", "do"),
)
"""Obligations that somebody has to carry out, with their clock."""

acts = Table(
    "acts",
    metadata,
    Column("entry", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("note", LargeBinary, nullable=False),
)
"""The acts of the log, cached: cut-offs, activations and papers are their fold."""

seal = Table(
    "seal",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("origin", String(255), nullable=False),
    Column("log_size", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)
"""One row: how much of which log the acts above cover, under a key."""

archive = Table(
    "archive",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("question", LargeBinary, primary_key=True),
    Column("outcome", String(16), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""Questions that were asked, sealed, counted by day (YYYYMMDD)."""

asked = Table(
    "asked",
    metadata,
    Column("family", String(64), primary_key=True),
    Column("person", LargeBinary(8), primary_key=True),
    Column("way", LargeBinary(8), primary_key=True),
    Column("day", Integer, nullable=False),
    Column("rests", LargeBinary),
    Column("turn", BigInteger, nullable=False, server_default="0"),
    Index(None, "day"),
    Index(None, "turn"),
)
"""Whom a family asked about, and in which way: digests under a key that is not here.

``day`` is the number of the last day of the law on which it did (1 = 0001-01-01), and
``turn`` that of the write, so that other processes know what is new to them.
"""
