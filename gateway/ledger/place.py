"""Where the configured log lies: a folder, or a database with two roles there.

What a database needs is imported only where one is configured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.contract import Place
from audit.directory import Directory
from audit.reading import FolderSource, Source
from connectors import PostgresServer, driver_problem
from gateway.config import Config
from gateway.config.databases import LogDatabase
from gateway.databases import log_servers
from gateway.errors import InvalidFile, Mistake

if TYPE_CHECKING:
    from audit.postgres.server import Server as LogServer

__all__ = ["log_place", "log_source"]


def log_place(config: Config) -> Place:
    """Return where the log lies, for who writes it.

    Raises:
        InvalidFile: what a database needs is not installed.
    """
    database = config.log.database
    if database is None:
        return Directory(config.log.directory)
    _require_driver(config)
    from audit.postgres.place import Postgres  # noqa: PLC0415 - as said above

    writer, integrator = log_servers(database)
    return Postgres(
        writer=_server(writer, database), integrator=_server(integrator, database)
    )


def log_source(config: Config) -> Source:
    """Return the live tree, for who verifies it; nothing is opened yet.

    Raises:
        InvalidFile: as :func:`log_place`.
    """
    database = config.log.database
    if database is None:
        return FolderSource(config.log.directory / "live")
    _require_driver(config)
    from audit.postgres.source import PostgresSource  # noqa: PLC0415 - as said above

    writer, _ = log_servers(database)
    return PostgresSource(_server(writer, database))


def _require_driver(config: Config) -> None:
    if problem := driver_problem("postgres"):
        at = f"{config.path.name}:log.database"
        raise InvalidFile([Mistake(path=at, problem=problem)])


def _server(server: PostgresServer, database: LogDatabase) -> LogServer:
    from audit.postgres.server import Server  # noqa: PLC0415 - as said above

    return Server(
        parameters=server.parameters(),
        password=server.password,
        timeout_s=database.timeout_ms / 1000,
    )
