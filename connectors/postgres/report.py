"""What an operator should know of a PostgreSQL source; for ``sallyport doctor``."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg import pq
from psycopg.pq.abc import PGresult

from connectors.contract import Limits
from connectors.postgres.connector import PostgresConnector
from connectors.postgres.relation import quoted
from connectors.postgres.server import PostgresServer
from connectors.postgres.wire import Command

__all__ = ["Report", "driver", "report"]

_MAPS = Path("/proc/self/maps")
"""What this process has loaded, on Linux (proc(5))."""

_TEXT_OID = 25


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The server, the way to it, and what our role may do there.

    Attributes:
        version: the server's version.
        encrypted: whether TLS protects the connection.
        pooled: whether a pooler stands between us and the server.
        standby: whether it is a standby, which nobody can write to.
        durable: whether the server itself writes what it promises to have written.
        powerful: whether the role may do more than any reader should: it is a
            superuser, replicates, passes row security, or makes roles or databases.
        writable: the asked tables and views that the role may change.
        others: how many further tables and views the role may read.
    """

    version: str
    encrypted: bool
    pooled: bool
    standby: bool
    durable: bool
    powerful: bool
    writable: tuple[str, ...]
    others: int


_SERVER = b"""\
SELECT pg_catalog.current_setting('server_version'), pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('fsync') = 'on'
       AND pg_catalog.current_setting('full_page_writes') = 'on',
       rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
FROM pg_catalog.pg_roles WHERE rolname = current_user
"""

_WRITABLE = b"""\
SELECT pg_catalog.has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
       OR pg_catalog.has_any_column_privilege(oid, 'INSERT, UPDATE')
FROM pg_catalog.to_regclass($1) AS asked(oid) WHERE oid IS NOT NULL
"""

_READABLE = b"""\
SELECT pg_catalog.count(*)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
"""


async def report(
    server: PostgresServer, tables: Sequence[str], *, name: str, deadline_s: float
) -> Report:
    """Ask a server about itself and about the tables and views of its datasets.

    Raises:
        SourceUnavailable: it did not say.
    """
    connector = PostgresConnector(
        name=name, server=server, limits=Limits(), monotonic=time.monotonic
    )
    try:
        return await _asked(connector, tables, deadline_s)
    finally:
        await connector.close()


async def _asked(
    connector: PostgresConnector, tables: Sequence[str], deadline_s: float
) -> Report:
    """Ask one question after another, each in a read-only transaction."""
    cells: list[bytes] = []
    way: dict[str, bool] = {}

    async def ask(sql: bytes, *values: str) -> bytes:
        """Ask one question; return the first cell of its answer, or nothing."""
        cells.clear()
        bound = [value.encode() for value in values]
        types = [_TEXT_OID] * len(bound)
        command = Command(sql, bound, types, lambda found: cells.extend(_row(found)))
        session = await connector.ask(command, deadline_s=deadline_s)
        way.update(encrypted=session.wire.encrypted, pooled=session.pooled)
        return cells[0] if cells else b""

    await ask(_SERVER)
    version, standby, durable, powerful = cells
    granted = {table: await ask(_WRITABLE, quoted(table)) for table in tables}
    return Report(
        version=version.decode(),
        encrypted=way["encrypted"],
        pooled=way["pooled"],
        standby=standby == b"t",
        durable=durable == b"t",
        powerful=powerful == b"t",
        writable=tuple(table for table, said in granted.items() if said == b"t"),
        others=int(await ask(_READABLE)) - sum(map(bool, granted.values())),
    )


def driver() -> str:
    """Return which libpq is in use, and its OpenSSL, which is often one of its own."""
    version = pq.version()
    name = f"libpq {version // 10_000}.{version % 10_000}"
    return f"{name} with {_openssl() or 'an OpenSSL that cannot be told'}"


def _row(result: PGresult) -> list[bytes]:
    """Return the first row's cells."""
    return [result.get_value(0, place) or b"" for place in range(result.nfields)]


def _openssl() -> str:
    """Ask the OpenSSL that lies beside the loaded libpq, else the system's own."""
    try:
        loaded = {line.split()[-1] for line in _MAPS.read_text().splitlines()}
    except OSError:
        return ""
    files = [Path(name) for name in sorted(loaded) if name.startswith("/")]
    beside = {file.parent for file in files if file.name.startswith("libpq")}
    crypto = [file for file in files if file.name.startswith("libcrypto")]
    crypto.sort(key=lambda file: file.parent not in beside)
    try:
        asked = ctypes.CDLL(str(crypto[0])).OpenSSL_version
    except (IndexError, OSError, AttributeError):
        return ""
    asked.restype = ctypes.c_char_p
    said: bytes = asked(0)
    return said.decode()
