"""Moving a county from files to a server: typed tables, another configuration."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from psycopg import sql

from tests.services.postgres import KEEPER, READER, Server

__all__ = ["LOG_PASSWORD", "configure", "log_lines", "move", "move_county"]

LOG_PASSWORD = "of a role of the log"
"""Synthetic, and of each of its roles."""

DAYS = {"dob", "booked_at", "release_dt", "court_dt", "q_7282_5_a3_on", "validated_on"}
TRUTHS = {
    *("sealed", "protected", "juvenile", "on_roster", "proved_status", "victim"),
    *("q_7282_5_a", "pc_872"),
}
"""Columns that SQLite keeps as text or 0 and 1, and PostgreSQL as what they are."""


def move_county(
    databases: Path,
    configuration: Path,
    server: Server,
    *,
    sources: str,
    state: str,
    log: str | None = None,
) -> None:
    """Move all of a county's tables, and have its gateway look for them there."""
    for file in sorted(databases.glob("*.db")):
        move(file, server, sources)
        file.unlink()
    configure(configuration, server, sources, state, log)


def move(file: Path, server: Server, database: str) -> None:
    """Put the table of a SQLite file into a database, its columns typed."""
    with closing(sqlite3.connect(file)) as lite, server.admin(database) as admin:
        ((table,),) = lite.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'"
        )
        columns = [
            (row[1], _type(row[1], row[2]))
            for row in lite.execute("SELECT * FROM pragma_table_info(?)", (table,))
        ]
        declared = [
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
            for name, kind in columns
        ]
        admin.execute(
            sql.SQL("CREATE TABLE {} ({})").format(
                sql.Identifier(table), sql.SQL(", ").join(declared)
            )
        )
        copy = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
        with admin.cursor().copy(copy) as rows:
            for row in lite.execute(f"SELECT * FROM {table}"):  # noqa: S608 - read from the schema
                rows.write_row(row)
        grant = sql.SQL("GRANT SELECT ON {} TO {}")
        admin.execute(grant.format(sql.Identifier(table), sql.Identifier(READER)))


def _type(name: str, declared: str) -> str:
    if name in DAYS:
        return "date"
    return "boolean" if name in TRUTHS else declared


def configure(
    path: Path, server: Server, sources: str, state: str, log: str | None = None
) -> None:
    """Have a county's configuration name the server for its sources and its state.

    For its log too, if a database for it is named.
    """
    place = f"host: {server.host}, port: {server.port}, ca_file: {server.ca_file}"
    lines = []
    for line in path.read_text().splitlines():
        if line.strip().startswith(("jail-db:", "dmv-db:", "gang-db:")):
            name = line.strip().partition(":")[0]
            lines.append(
                f"  {name}: {{kind: postgres, {place}, database: {sources},"
                f" user: {READER}, password_file: {server.password_file(READER)}}}"
            )
        elif log is not None and line.strip().startswith("directory:"):
            lines += log_lines(path.parent, server, log)
        elif line.strip().startswith("url: sqlite:"):
            url = f"postgresql://{KEEPER}@{server.host}:{server.port}/{state}"
            lines += [
                f"  url: {url}",
                f"  password_file: {server.password_file(KEEPER)}",
                f"  ca_file: {server.ca_file}",
            ]
        else:
            lines.append(line)
    path.write_text("\n".join(lines) + "\n")


def log_lines(folder: Path, server: Server, database: str) -> list[str]:
    """Return the lines that put a log into a database, and write its passwords."""
    files = {}
    for role in ("writer", "integrator"):
        files[role] = folder / f"log-{role}.password"
        files[role].touch(mode=0o600)
        files[role].write_text(LOG_PASSWORD)
    where = f"{server.host}:{server.port}/{database}"
    integrator = f"user: log_integrator, password_file: {files['integrator']}"
    return [
        "  database:",
        f"    url: postgresql://log_writer@{where}",
        f"    password_file: {files['writer']}",
        f"    ca_file: {server.ca_file}",
        f"    integrator: {{{integrator}}}",
    ]
