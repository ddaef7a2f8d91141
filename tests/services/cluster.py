"""A PostgreSQL that is made and run for a block: its files, settings and roles."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import trustme

from tests.services.postgres import (
    CERTIFIED,
    HOST,
    KEEPER,
    OWNER,
    PASSWORDS,
    READER,
    Server,
    free_port,
)
from tests.services.users import as_somebody_else, folder_for_others

__all__ = ["run_server"]

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
