"""A real PgBouncer in front of the tests' PostgreSQL: sessions lent by transaction."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg

from connectors import PostgresServer
from tests.services import watched
from tests.services.postgres import HOST, PASSWORDS, Server
from tests.services.users import as_somebody_else, folder_for_others

__all__ = ["run_pooler"]

_READY_S = 30.0


@contextlib.contextmanager
def run_pooler(
    program: Path, server: Server, to: PostgresServer, *, tls: bool = True
) -> Iterator[PostgresServer]:
    """Run a pooler for the length of the block; yield how to connect through it.

    ``to`` is what it stands in front of. It lends one session to everybody in turn,
    so that whoever leaves something on a session is found out.
    """
    user, become = as_somebody_else()
    folder = folder_for_others("sallyport-pool-")
    port = _free_port()
    try:
        _write_folder(folder, port, server, tls=tls)
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, user)
        process = watched.start(
            [*become, program, "-q", folder / "pgbouncer.ini"],
            ended_by="TERM",
            log=folder / "said",
        )
        through = replace(to, port=port, tls=tls, ca_file=to.ca_file if tls else None)
        try:
            _wait(process, through, folder)
            yield through
        finally:
            watched.end(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_folder(folder: Path, port: int, server: Server, *, tls: bool) -> None:
    """Write the pooler's configuration, users and certificate."""
    users = "".join(f'"{role}" "{password}"\n' for role, password in PASSWORDS.items())
    (folder / "users").write_text(users)
    settings = {
        "listen_addr": HOST,
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "scram-sha-256",
        "auth_file": folder / "users",
        "logfile": folder / "log",
        "pool_mode": "transaction",
        "default_pool_size": 1,
        "server_tls_sslmode": "verify-full",
        "server_tls_ca_file": folder / "ca.pem",
        "client_tls_sslmode": "disable",
    }
    server.ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    if tls:
        certificate = server.ca.issue_cert(HOST)
        certificate.cert_chain_pems[0].write_to_path(str(folder / "own.pem"))
        certificate.private_key_pem.write_to_path(str(folder / "own.key"))
        settings |= {
            "client_tls_sslmode": "require",
            "client_tls_cert_file": folder / "own.pem",
            "client_tls_key_file": folder / "own.key",
        }
    lines = ["[databases]", f"* = host={server.host} port={server.port}", "[pgbouncer]"]
    lines += [f"{name} = {value}" for name, value in settings.items()]
    (folder / "pgbouncer.ini").write_text("\n".join(lines) + "\n")


def _wait(
    process: subprocess.Popen[bytes], through: PostgresServer, folder: Path
) -> None:
    """Wait until the pooler passes a connection on."""
    ends_at = time.monotonic() + _READY_S
    while True:
        try:
            told = through.parameters()
            assert through.password is not None
            made = psycopg.conninfo.make_conninfo(
                "", **told, password=through.password()
            )
            psycopg.connect(made).close()
        except psycopg.OperationalError:
            log = folder / "log"
            said = log.read_text()[-2000:] if log.exists() else ""
            assert process.poll() is None, said
            assert time.monotonic() < ends_at, said
            time.sleep(0.02)
        else:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
