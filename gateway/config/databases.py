"""The databases of ``sallyport.yaml``: sources of each kind, and the state's.

Where a database is on a server, its password is in a file, and TLS verifies the
server's name unless it is on this machine.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, NamedTuple, cast
from urllib.parse import quote, unquote

from pydantic import Field

from gateway.config.types import File, Section

__all__ = [
    "LogDatabase",
    "LogRole",
    "OnServer",
    "Place",
    "PostgresSource",
    "Source",
    "SqliteSource",
    "StateSection",
]

Tls = Literal["verify-full", "none"]
"""Whether a database server must prove its name."""

_HOST = r"^(/[^\s,]+|[^\s,/@?#]+)$"
_NAME = r"^[^\s/@?#]{1,63}$"

_URL = re.compile(
    r"postgresql://(?P<user>[^:@/?#\s]+)"
    r"@(?P<host>\[[0-9A-Fa-f:.]+\]|[^:@/?#\s]+)(:(?P<port>\d{1,5}))?"
    r"/(?P<database>[^/?#\s]+)"
)
_STATE = (
    r"^(sqlite:///[^?#]+"
    r"|postgresql://[^:@/?#\s]+@(\[[0-9A-Fa-f:.]+\]|[^:@/?#\s]+)(:\d{1,5})?/[^/?#\s]+)$"
)
_SERVER = (
    r"^postgresql://[^:@/?#\s]+@(\[[0-9A-Fa-f:.]+\]|[^:@/?#\s]+)(:\d{1,5})?/[^/?#\s]+$"
)
_POSTGRES_PORT = 5432


class Place(NamedTuple):
    """A database on a server, and the role there."""

    host: str
    port: int
    database: str
    user: str


class _Bounded(Section):
    """What every source has."""

    kind: str = Field(description="The kind of source.")
    timeout_ms: int = Field(
        default=2000, ge=10, le=30_000, description="Longest statement."
    )
    max_rows: int = Field(
        default=100_000,
        ge=1,
        le=10_000_000,
        description="Most records one exchange may read.",
        json_schema_extra={"unit": "records"},
    )


class SqliteSource(_Bounded):
    """A SQLite file, opened read-only."""

    kind: Literal["sqlite"] = Field(description="The kind of source.")
    path: File = Field(description="The database file.")


class OnServer(Section):
    """How a database server is known, and who we are to it."""

    tls: Tls = Field(
        default="verify-full",
        description="Verify the server's certificate and name; none on this machine.",
    )
    ca_file: File | None = Field(
        default=None,
        description="PEM file: the authority of its certificate; else the system's.",
    )
    password_file: File | None = Field(
        default=None, description="File with the role's password, mode 0600."
    )
    client_certificate: File | None = Field(
        default=None, description="PEM file: our certificate, where it asks for one."
    )
    client_key: File | None = Field(
        default=None, description="PEM file: its private key, mode 0600."
    )


class _Placed(Section):
    """Where a database is on a server, and the role there."""

    host: str = Field(
        pattern=_HOST,
        description="The name its certificate carries, or a socket's folder.",
    )
    port: int = Field(
        default=_POSTGRES_PORT,
        ge=1,
        le=65_535,
        description="Its port.",
        json_schema_extra={"unit": "port"},
    )
    database: str = Field(pattern=_NAME, description="The database.")
    user: str = Field(pattern=_NAME, description="The role, which may only read.")
    connections: int = Field(
        default=4,
        ge=1,
        le=64,
        description="Most connections at the same time.",
        json_schema_extra={"unit": "connections"},
    )


class PostgresSource(_Bounded, _Placed, OnServer):
    """A PostgreSQL database, or the views of one that are meant for the gateway."""

    kind: Literal["postgres"] = Field(description="The kind of source.")


Source = Annotated[SqliteSource | PostgresSource, Field(discriminator="kind")]
"""A source of any kind."""


class _Kept(Section):
    """Where state is, and the key to what it holds."""

    url: str = Field(
        default="sqlite:///state.db",
        pattern=_STATE,
        description="sqlite:///PATH, relative to this file; or"
        " postgresql://USER@HOST:PORT/DATABASE.",
    )
    key: File = Field(description="32 random bytes, mode 0600.")
    timeout_ms: int = Field(default=2000, ge=10, le=30_000, description="Longest wait.")


class StateSection(_Kept, OnServer):
    """Reviews, tasks and cut-offs: a database and the key to what it holds."""

    @property
    def place(self) -> Place | None:
        """Where it is on a server; None where it is a SQLite file."""
        return _place_of(self.url)


class LogRole(Section):
    """A second role in the log's database, and how it is known there."""

    user: str = Field(pattern=_NAME, description="The role.")
    password_file: File | None = Field(
        default=None, description="File with its password, mode 0600."
    )
    client_certificate: File | None = Field(
        default=None, description="PEM file: its certificate, where one is asked for."
    )
    client_key: File | None = Field(
        default=None, description="PEM file: its private key, mode 0600."
    )


class _LogPlace(Section):
    """Which database the log is in, and who makes its tree."""

    url: str = Field(
        pattern=_SERVER,
        description="postgresql://USER@HOST:PORT/DATABASE: the role that only adds."
        " HOST may name several servers, parted by commas, of which one takes writes.",
    )
    integrator: LogRole = Field(description="The role that makes the tree.")
    timeout_ms: int = Field(
        default=5000, ge=100, le=30_000, description="Longest wait."
    )


class LogDatabase(_LogPlace, OnServer):
    """A PostgreSQL database that the log is kept in; see ``audit prepare``."""

    @property
    def place(self) -> Place:
        """Where it is, and the role that adds."""
        return cast("Place", _place_of(self.url))

    @property
    def integrating(self) -> LogDatabase:
        """The same database in the role that makes the tree."""
        own = self.integrator
        _, _, rest = self.url.partition("@")
        return self.model_copy(
            update={
                "url": f"postgresql://{quote(own.user, safe='')}@{rest}",
                "password_file": own.password_file,
                "client_certificate": own.client_certificate,
                "client_key": own.client_key,
            }
        )


def _place_of(url: str) -> Place | None:
    found = _URL.fullmatch(url)
    if found is None:
        return None
    return Place(
        host=unquote(found["host"]).strip("[]"),
        port=int(found["port"] or _POSTGRES_PORT),
        database=unquote(found["database"]),
        user=unquote(found["user"]),
    )
