"""A real PostgreSQL for tests: Debian's, on loopback, with TLS, gone at the end.

One server serves a whole run of the suite (one worker of it), and each test or module
takes a database of its own. Nothing is kept: the server does not wait for the disk.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import trustme

from connectors import PostgresServer
from scripts.packages import PACKAGES, find
from tests.services import watched

__all__ = [
    "CERTIFIED",
    "HOST",
    "KEEPER",
    "OWNER",
    "PASSWORDS",
    "READER",
    "Server",
    "free_port",
    "programs",
]

HOST = "127.0.0.1"
OWNER = "postgres"
READER = "sallyport_reader"
KEEPER = "sallyport_state"
CERTIFIED = "sallyport_certified"
PASSWORDS = {
    OWNER: "of the superuser",
    READER: "of who may only read",
    KEEPER: "of who keeps state",
}
"""Synthetic passwords by role; the last role shows a certificate instead."""

_READY_S = 60.0
_NUMBERS = itertools.count()


def programs() -> Path | None:
    """Return the folder of the newest installed server's programs, or None."""
    package = next(item for item in PACKAGES if item.name == "postgresql")
    found = find(package)
    return None if found is None else found.parent


@dataclass(kw_only=True)
class Server:
    """A running PostgreSQL."""

    programs: Path
    folder: Path
    port: int
    ca: trustme.CA
    become: Sequence[str]
    host: str = HOST
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def ca_file(self) -> Path:
        """The authority its certificate is signed by, PEM."""
        return self.folder / "ca.pem"

    @property
    def client_certificate(self) -> Path:
        """The certificate of the role that has no password, PEM."""
        return self.folder / "client.pem"

    @property
    def client_key(self) -> Path:
        """Its key, PEM, 0600."""
        return self.folder / "client.key"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "log"

    def password_file(self, role: str) -> Path:
        """Return a file with a role's password, 0600."""
        return self.folder / f"{role}.password"

    def admin(self, database: str = "postgres") -> psycopg.Connection:
        """Connect as the superuser; each statement is a transaction of its own."""
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=OWNER,
            password=PASSWORDS[OWNER],
            dbname=database,
            sslmode="verify-full",
            sslrootcert=str(self.ca_file),
            autocommit=True,
        )

    def as_role(self, role: str, database: str) -> PostgresServer:
        """Return how the gateway would connect as a role."""
        certified = role == CERTIFIED
        return PostgresServer(
            host=self.host,
            port=self.port,
            database=database,
            user=role,
            ca_file=self.ca_file,
            certificate=self.client_certificate if certified else None,
            key=self.client_key if certified else None,
            password=None if certified else lambda: PASSWORDS[role],
        )

    @contextlib.contextmanager
    def database(self, *, owner: str = OWNER) -> Iterator[str]:
        """Make a database for the length of the block; yield its name."""
        name = f"of_a_test_{next(_NUMBERS)}"
        with self.admin() as admin:
            # One connection for both: its password costs more than the database.
            admin.execute(f"CREATE DATABASE {name} OWNER {owner} TEMPLATE template0")
            try:
                yield name
            finally:
                # A test may have restarted the server meanwhile.
                with admin if _alive(admin) else self.admin() as again:
                    again.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def environment(self) -> dict[str, str]:
        """Return the variables with which ``psql`` is the administrator here."""
        return {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": OWNER,
            "PGPASSWORD": PASSWORDS[OWNER],
            "PGDATABASE": "postgres",
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": str(self.ca_file),
        }

    @contextlib.contextmanager
    def cleaned(self) -> Iterator[None]:
        """Remove the databases and roles that are made within the block."""
        databases = "SELECT datname FROM pg_database"
        roles = "SELECT rolname FROM pg_roles"
        with self.admin() as admin:
            before = {row[0] for row in admin.execute(f"{databases} UNION {roles}")}
            try:
                yield
            finally:
                for kind, asked in (("DATABASE", databases), ("ROLE", roles)):
                    made = {row[0] for row in admin.execute(asked)} - before
                    for name in sorted(made):
                        admin.execute(f'DROP {kind} "{name}"')

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.process = watched.start(
            [
                *self.become,
                *(self.programs / "postgres", "-D", self.folder / "data"),
                *("-p", str(self.port), "-k", self.folder),
            ],
            ended_by="INT",
            log=self.log,
        )
        ends_at = time.monotonic() + _READY_S
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < ends_at, self.log.read_text()[-2000:]
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop: every session is told, and ended."""
        process, self.process = self.process, None
        if process is not None:
            watched.end(process)

    def crash(self) -> None:
        """Stop as a crash would: nobody is told."""
        pid = (self.folder / "data/postmaster.pid").read_text().split()[0]
        os.kill(int(pid), signal.SIGQUIT)
        self.stop()

    def _answers(self) -> bool:
        try:
            self.admin().close()
        except psycopg.OperationalError:
            return False
        return True


def _alive(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("SELECT")
    except psycopg.OperationalError:
        return False
    return True


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
