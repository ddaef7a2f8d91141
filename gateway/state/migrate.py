"""Bringing the state database to the schema of this version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from gateway.errors import GatewayError

__all__ = ["StateRefused", "migrate"]


class StateRefused(GatewayError):
    """The state cannot be used by this gateway or with this log; a sentence says why.

    Nothing heals this by itself: an operator has to look.
    """


def migrate(connection: Connection) -> None:
    """Apply the migrations that the database has not seen, in its transaction.

    Raises:
        StateRefused: when a newer version of the gateway wrote it.
    """
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
