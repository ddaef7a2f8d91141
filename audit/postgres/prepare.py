"""Makes a log's tables in a database, or brings them up to this version; its owner's.

Roles are granted what they need and nothing else. Run again it changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from audit.errors import LogFailed
from audit.postgres.schema import GRANTS, SCHEMA
from audit.postgres.server import Server, Session

__all__ = ["prepare"]

_LOCK = 0x73616C6C79
"""One at a time: an advisory lock of this number."""


def prepare(server: Server, roles: Mapping[str, str]) -> None:
    """Make or migrate the tables and grant to the roles what is theirs.

    Args:
        server: the database, in the role that is to own the tables.
        roles: ``writer``, ``integrator`` or ``auditor`` to the name of a role that
            is there already.

    Raises:
        LogFailed: a newer version made the tables, or a role can't be granted to.
        LogUnavailable: the server can't be reached.
    """
    session = server.connect()
    session.ends_at = float("inf")
    session.autocommit = False  # all of it or nothing
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: session, poolclass=StaticPool
    )
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            config = Config()
            folder = str(Path(__file__).parent / "migrations")
            config.set_main_option("script_location", folder.replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            _grant(session, roles)
    except CommandError:
        raise LogFailed(
            "the log's tables were made by a newer version of this program"
        ) from None
    except (SQLAlchemyError, psycopg.Error) as error:
        cause = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise LogFailed(f"the log's tables: {cause}") from None
    finally:
        engine.dispose()
        session.close()


def _grant(session: Session, roles: Mapping[str, str]) -> None:
    """Take everything from each role, and give what is its own."""
    for role in map(sql.Identifier, roles.values()):
        for what in ("TABLES", "FUNCTIONS"):
            session.execute(
                sql.SQL("REVOKE ALL ON ALL {} IN SCHEMA {} FROM PUBLIC, {}").format(
                    sql.SQL(what), sql.Identifier(SCHEMA), role
                )
            )
    for kind, name in roles.items():
        for grant in GRANTS[kind]:
            statement = sql.SQL("GRANT {} TO {}").format(
                sql.SQL(_qualified(grant)), sql.Identifier(name)
            )
            session.execute(statement)


def _qualified(grant: str) -> str:
    """Return a grant with its tables and functions in the log's schema."""
    may, _, names = grant.partition(" ON ")
    if names.startswith("SCHEMA"):
        return grant.format(schema=SCHEMA)
    kind = "FUNCTION " if names.startswith("FUNCTION ") else ""
    each = names.removeprefix("FUNCTION ").split(", ")
    return f"{may} ON {kind}{', '.join(f'{SCHEMA}.{name}' for name in each)}"
