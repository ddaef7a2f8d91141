"""A real PostgreSQL for tests: Debian's, on loopback, with TLS, gone at the end.

One server serves a whole run of the suite (one worker of it), and each test or module
takes a database of its own. Nothing is kept: the server does not wait for the disk.
"""

from __future__ import annotations

import contextlib
import getpass
import itertools
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
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
    "as_somebody_else",
    "folder_for_others",
    "free_port",
    "programs",
    "run_server",
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

_SETTINGS: dict[str, object] = {
    "listen_addresses": HOST,
    "ssl": "on",
    # Whatever is in it is gone with the run, so nothing waits for the disk.
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "16MB",
    "log_line_prefix": "%p %u %d ",
}
_ADMISSION = f"""\
hostssl all {CERTIFIED} {HOST}/32 cert
host all all {HOST}/32 scram-sha-256
local all all scram-sha-256
host replication {OWNER} {HOST}/32 scram-sha-256
"""
_READY_S = 60.0
_USERS = ("postgres", "nobody")
_NUMBERS = itertools.count()
_EVERYBODY = stat.S_ISVTX | stat.S_IWOTH | stat.S_IXOTH


def programs() -> Path | None:
    """Return the folder of the newest installed server's programs, or None."""
    package = next(item for item in PACKAGES if item.name == "postgresql")
    found = find(package)
    return None if found is None else found.parent


def as_somebody_else() -> tuple[str, Sequence[str]]:
    """Return another user and how to become it: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return getpass.getuser(), ()
    user = next(name for name in _USERS if _exists(name))
    found = pwd.getpwnam(user)
    setpriv = shutil.which("setpriv")
    assert setpriv is not None, "util-linux has setpriv"
    ids = (f"--reuid={found.pw_uid}", f"--regid={found.pw_gid}")
    return user, (setpriv, *ids, "--clear-groups")


def folder_for_others(prefix: str) -> Path:
    """Make a folder where temporary files lie and other users may come.

    The folders of pytest, and of a suite that writes into memory, only its own user
    may enter; above them is one that is for everybody.
    """
    here = Path(tempfile.gettempdir()).resolve()
    open_to_all = (
        above
        for above in (here, *here.parents)
        if above.stat().st_mode & _EVERYBODY == _EVERYBODY
    )
    return Path(tempfile.mkdtemp(prefix=prefix, dir=next(open_to_all, here)))


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


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


@contextlib.contextmanager
def run_server(
    programs: Path, settings: Mapping[str, object] | None = None
) -> Iterator[Server]:
    """Make and run a server for the length of the block."""
    user, become = as_somebody_else()
    folder = folder_for_others("sallyport-pg-")
    server = Server(
        programs=programs,
        folder=folder,
        port=free_port(),
        ca=trustme.CA(),
        become=become,
    )
    try:
        shutil.chown(folder, user)
        for path in _server_files(server):
            shutil.chown(path, user)
        _initialise(server, settings or {})
        _client_files(server)
        server.start()
        _make_roles(server)
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _server_files(server: Server) -> Sequence[Path]:
    """Write what the server reads; return it."""
    folder = server.folder
    certificate = server.ca.issue_cert(HOST)
    certificate.cert_chain_pems[0].write_to_path(str(folder / "server.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "server.key"))
    server.ca.cert_pem.write_to_path(str(server.ca_file))
    (folder / "first").write_text(PASSWORDS[OWNER])
    (folder / "server.key").chmod(0o600)
    return [folder / name for name in ("server.pem", "server.key", "ca.pem", "first")]


def _client_files(server: Server) -> None:
    """Write passwords and a certificate for who connects."""
    client = server.ca.issue_cert("client@example.invalid", common_name=CERTIFIED)
    client.cert_chain_pems[0].write_to_path(str(server.client_certificate))
    client.private_key_pem.write_to_path(str(server.client_key))
    server.client_key.chmod(0o600)
    for role, password in PASSWORDS.items():
        server.password_file(role).write_text(f"{password}\n")
        server.password_file(role).chmod(0o600)


def _initialise(server: Server, settings: Mapping[str, object]) -> None:
    """Make the server's data folder."""
    data = server.folder / "data"
    subprocess.run(
        [
            *server.become,
            *(
                server.programs / "initdb",
                "-D",
                data,
                "-U",
                OWNER,
                "-A",
                "scram-sha-256",
            ),
            *("--pwfile", server.folder / "first", "--no-sync"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions"),
        ],
        check=True,
        capture_output=True,
    )
    files = {
        "ssl_cert_file": server.folder / "server.pem",
        "ssl_key_file": server.folder / "server.key",
        "ssl_ca_file": server.ca_file,
    }
    lines = [
        f"{name} = '{value}'\n"
        for name, value in (_SETTINGS | files | dict(settings)).items()
    ]
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(lines)
    (data / "pg_hba.conf").write_text(_ADMISSION)


def _make_roles(server: Server) -> None:
    """Make the roles that may log in."""
    with server.admin() as admin:
        for role in (READER, KEEPER):
            admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORDS[role]}'")
        admin.execute(f"CREATE ROLE {CERTIFIED} LOGIN")


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
