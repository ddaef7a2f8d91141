"""Bringing the state database to the schema of this version."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from gateway.errors import GatewayError

__all__ = ["HEAD", "StateRefused", "migrate"]

HEAD = "0004"
"""The newest migration; at it there is nothing to do."""

_VERSIONS = "alembic_version"

_LOCK = 0x73616C6C7973
"""The number of the advisory lock."""


class StateRefused(GatewayError):
    """The state cannot be used by this gateway or with this log; a sentence says why.

    Nothing heals this by itself: an operator has to look.
    """


def migrate(connection: Connection) -> None:
    """Apply the migrations that the database has not seen, in its transaction.

    Raises:
        StateRefused: when a newer version of the gateway wrote it.
    """
    if _version(connection) == HEAD:
        return
    if connection.dialect.name == "postgresql":
        # One at a time. Who waited here does not see yet what the other one made, so
        # its work fails and is done anew; then it does.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    # Slower to load than all else that a command needs, and seldom wanted.
    from alembic import command  # noqa: PLC0415 - as said above
    from alembic.config import Config  # noqa: PLC0415 - as said above
    from alembic.util import CommandError  # noqa: PLC0415 - as said above

    folder = str(Path(__file__).parent / "migrations")
    config = Config()
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StateRefused(
            "the state database was written by a newer version of the gateway"
        ) from error


def _version(connection: Connection) -> str | None:
    """Return the migration that a database is at; none where there was none yet."""
    if not inspect(connection).has_table(_VERSIONS):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalars()  # noqa: S608 - a name of our own
    versions = [str(version) for version in found]
    return versions[0] if len(versions) == 1 else None
