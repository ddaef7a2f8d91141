"""What libpq is told of a server: all that could otherwise come from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors import PostgresServer, Query, Table, is_here
from tests.connectors.postgres.conftest import SOON_S, Connect
from tests.services.postgres import CERTIFIED, READER, Server

pytestmark = pytest.mark.services

SERVER = PostgresServer(host="db.example", port=5432, database="jail", user="reader")
PEOPLE = Table(name="people", key=("id",), columns=(("name", "name"),))


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("/run/postgresql", True),
        ("10.0.0.1", False),
        ("db.example", False),
        ("localhost.example", False),
    ],
)
def test_which_hosts_are_this_machine(host: str, *, here: bool) -> None:
    """Only loopback and a socket's folder are; a name is not asked about."""
    assert is_here(host) is here


def test_the_name_is_verified_unless_said_otherwise() -> None:
    """By default TLS 1.2 or later, a verified name, the system's authorities."""
    told = SERVER.parameters()

    assert (told["sslmode"], told["sslrootcert"]) == ("verify-full", "system")
    assert told["ssl_min_protocol_version"] == "TLSv1.2"
    assert told["sslcertmode"] == "disable"
    assert told["require_auth"] == "none"


def test_a_password_is_only_ever_proved() -> None:
    """Whoever asks for it in the clear, or by MD5, is not answered; it is not shown."""
    server = PostgresServer(
        host="/run", port=1, database="d", user="u", password=lambda: "CANARY"
    )

    assert server.parameters()["require_auth"] == "scram-sha-256"
    assert server.parameters()["sslmode"] == "disable"
    assert "CANARY" not in f"{server} {server.parameters()}"


async def test_the_environment_changes_nothing(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What libpq would take from variables is said already."""
    for name, value in {
        "PGSSLMODE": "disable",
        "PGSSLROOTCERT": str(tmp_path / "no.pem"),
        "PGUSER": "postgres",
        "PGDATABASE": "postgres",
        "PGOPTIONS": "-c search_path=nowhere",
        "PGSSLCERT": str(tmp_path / "no.pem"),
        "PGREQUIREAUTH": "password",
    }.items():
        monkeypatch.setenv(name, value)
    connector = connect()

    rows = await connector.select(Query(table=PEOPLE), deadline_s=SOON_S)

    assert rows == [("a1",), ("b2",)]


async def test_a_certificate_instead_of_a_password(
    connect: Connect, postgres: Server, database: str
) -> None:
    """A role may be known by its certificate alone."""
    connector = connect(postgres.as_role(CERTIFIED, database))

    await connector.ping(deadline_s=SOON_S)


async def test_a_socket_of_this_machine(
    connect: Connect, postgres: Server, database: str
) -> None:
    """A Unix socket needs no TLS; the password is proved as elsewhere."""
    server = PostgresServer(
        host=str(postgres.folder),
        port=postgres.port,
        database=database,
        user=READER,
        password=postgres.as_role(READER, database).password,
    )

    await connect(server).ping(deadline_s=SOON_S)
