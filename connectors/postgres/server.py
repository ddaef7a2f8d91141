"""Where a PostgreSQL server is, who it must prove to be, and who we are to it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["PostgresServer", "is_here"]

_APPLICATION = "sallyport"


def is_here(host: str) -> bool:
    """Tell whether a host is this machine: a socket's folder, or a loopback name."""
    if host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, kw_only=True, slots=True)
class PostgresServer:
    """One database on one server, and the role we take there.

    Attributes:
        host: a name or address that the server's certificate must carry, or the
            folder of a Unix socket.
        port: its port, also part of a socket's name.
        database: the database.
        user: the role.
        tls: verify the server's certificate and name (``verify-full``); without it
            nothing is encrypted, which only the same machine allows.
        ca_file: the authority that signs the server's certificate; by default those
            of the system.
        certificate: our own certificate, where the server asks for one.
        key: its private key.
        password: returns the role's password, asked at each new connection, so that
            a new one needs no restart; may block. ``ValueError`` = there is none.
    """

    host: str
    port: int
    database: str
    user: str
    tls: bool = True
    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    password: Callable[[], str] | None = field(default=None, repr=False)

    def parameters(self) -> dict[str, str | int]:
        """Return what libpq is told, the password left out.

        Everything that could come from the environment or a user's home instead is
        said here. A server is only answered by SCRAM-SHA-256 (RFC 7677), which never
        shows it the password, or by our certificate.
        """
        return {
            "host": self.host,
            "port": self.port,
            "dbname": self.database,
            "user": self.user,
            "application_name": _APPLICATION,
            "client_encoding": "UTF8",
            "options": "",
            "gssencmode": "disable",
            "require_auth": "none" if self.password is None else "scram-sha-256",
            # A peer that is gone is noticed while a statement runs.
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
            **self._tls(),
        }

    def _tls(self) -> dict[str, str | int]:
        if not self.tls or self.host.startswith("/"):
            return {"sslmode": "disable"}
        own: dict[str, str | int] = {"sslcertmode": "disable"}
        if self.certificate is not None and self.key is not None:
            own = {"sslcert": str(self.certificate), "sslkey": str(self.key)}
        return {
            "sslmode": "verify-full",
            "sslrootcert": "system" if self.ca_file is None else str(self.ca_file),
            "ssl_min_protocol_version": "TLSv1.2",
            **own,
        }
