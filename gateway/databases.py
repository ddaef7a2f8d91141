"""From what is configured of a database to what opens it: sources, and the state's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from connectors import Connector, Limits, PostgresServer, open_connector
from gateway.config import Config, PostgresSource, Source, read_secret
from gateway.config.databases import LogDatabase, OnServer, Place
from gateway.errors import InvalidFile

__all__ = ["connector_of", "log_servers", "server_of", "state_server"]


def connector_of(name: str, source: Source) -> Connector:
    """Return a source's connector; nothing is opened until it is first used.

    Raises:
        DriverMissing: what its kind needs is not installed.
    """
    if isinstance(source, PostgresSource):
        return open_connector(
            name=name,
            kind=source.kind,
            server=server_of(source),
            limits=Limits(connections=source.connections),
        )
    return open_connector(
        name=name, kind=source.kind, path=source.path, limits=Limits()
    )


def server_of(source: Source) -> PostgresServer | None:
    """Return the server that a source is on; None where it is a file."""
    if not isinstance(source, PostgresSource):
        return None
    place = Place(source.host, source.port, source.database, source.user)
    return _server(source, place)


def state_server(config: Config) -> PostgresServer | None:
    """Return the server that state is on; None where it is a SQLite file."""
    place = config.state.place
    return None if place is None else _server(config.state, place)


def log_servers(database: LogDatabase) -> tuple[PostgresServer, PostgresServer]:
    """Return the log's server in the role that adds, and in that of the tree."""
    integrating = database.integrating
    return (
        _server(database, database.place),
        _server(integrating, integrating.place),
    )


def _server(settings: OnServer, place: Place) -> PostgresServer:
    file = settings.password_file
    return PostgresServer(
        host=place.host,
        port=place.port,
        database=place.database,
        user=place.user,
        tls=settings.tls != "none",
        ca_file=settings.ca_file,
        certificate=settings.client_certificate,
        key=settings.client_key,
        password=None if file is None else _password(file),
    )


def _password(file: Path) -> Callable[[], str]:
    def read() -> str:
        """Read the file as it is now, without the newline at its end.

        Raises:
            ValueError: it cannot be read, or is not text.
        """
        try:
            return read_secret(file).decode().rstrip("\r\n")
        except InvalidFile as error:
            raise ValueError(str(error)) from error

    return read
