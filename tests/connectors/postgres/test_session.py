"""A connection comes about only to who it should be, and reads only."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from connectors import (
    Fault,
    Limits,
    PostgresServer,
    SourceTimeout,
    SourceUnavailable,
)
from connectors.postgres.session import Session, open_session
from connectors.postgres.wire import Command
from tests.connectors.postgres.conftest import SOON_S, Admin
from tests.services.postgres import OWNER, READER, Server

pytestmark = pytest.mark.services

Changes = Callable[[PostgresServer, Path], PostgresServer]


async def opened(server: PostgresServer, *, within_s: float = SOON_S) -> Session:
    """Open a connection."""
    return await open_session(
        server,
        time.monotonic() + within_s,
        source="jail",
        limits=Limits(),
        monotonic=time.monotonic,
    )


def other_authority(server: PostgresServer, folder: Path) -> PostgresServer:
    """Trust somebody else."""
    trustme.CA().cert_pem.write_to_path(str(folder / "other.pem"))
    return replace(server, ca_file=folder / "other.pem")


def unreadable() -> str:
    """Have no password."""
    raise ValueError("no such file")


UNTRUSTED: dict[str, tuple[Changes, Fault, str]] = {
    "wrong host": (
        lambda server, _: replace(server, host="localhost"),
        Fault.UNTRUSTED,
        "its certificate is another's",
    ),
    "wrong authority": (
        other_authority,
        Fault.UNTRUSTED,
        "its certificate is not verified",
    ),
    "the system's authorities": (
        lambda server, _: replace(server, ca_file=None),
        Fault.UNTRUSTED,
        "its certificate is not verified",
    ),
    "no authority": (
        lambda server, folder: replace(server, ca_file=folder / "none.pem"),
        Fault.UNTRUSTED,
        "no authority to verify by",
    ),
    "wrong password": (
        lambda server, _: replace(server, password=lambda: "wrong"),
        Fault.REFUSED,
        "authentication failed",
    ),
    "no password": (
        lambda server, _: replace(server, password=unreadable),
        Fault.REFUSED,
        "its password cannot be read",
    ),
    "it asks for a password": (
        lambda server, _: replace(server, password=None),
        Fault.UNTRUSTED,
        "it asks otherwise than SCRAM",
    ),
    "no such database": (
        lambda server, _: replace(server, database="nowhere"),
        Fault.REFUSED,
        "no such database or role",
    ),
    "nobody listens": (
        lambda server, _: replace(server, port=1),
        Fault.GONE,
        "nobody listens there",
    ),
    "no such host": (
        lambda server, _: replace(server, host="db.invalid"),
        Fault.GONE,
        "no such host",
    ),
}


@pytest.mark.parametrize("case", list(UNTRUSTED))
async def test_who_is_not_who_was_configured_is_refused_by_name(
    postgres: Server, database: str, tmp_path: Path, case: str
) -> None:
    """Each way in which it is not the server, or does not let us in, has its word."""
    change, fault, detail = UNTRUSTED[case]
    server = await asyncio.to_thread(
        change, postgres.as_role(READER, database), tmp_path
    )

    with pytest.raises(SourceUnavailable) as caught:
        await opened(server)

    assert (caught.value.fault, caught.value.detail) == (fault, detail)


async def test_a_server_without_tls_is_refused(plain: PostgresServer) -> None:
    """Where the other side offers no TLS, it is not even told who we are."""
    with pytest.raises(SourceUnavailable) as caught:
        await opened(replace(plain, tls=True))

    assert caught.value.fault is Fault.UNTRUSTED
    assert caught.value.detail == "it offers no TLS"


async def test_who_does_not_answer_is_late(postgres: Server, database: str) -> None:
    """A port that takes connections and says nothing is left at the deadline."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port: int = silent.getsockname()[1]
        server = replace(postgres.as_role(READER, database), port=port)

        with pytest.raises(SourceTimeout):
            await opened(server, within_s=0.1)


WRITES = [
    "INSERT INTO people VALUES ('z9', 'Eve', 1)",
    "UPDATE people SET name = 'Eve'",
    "DELETE FROM people",
    "TRUNCATE people",
    "CREATE TABLE mine (x int)",
    "DROP TABLE people",
    "GRANT ALL ON people TO PUBLIC",
    "SELECT set_config('transaction_read_only', 'off', true)",
    "SET TRANSACTION READ WRITE",
]


@pytest.mark.parametrize("write", WRITES)
async def test_nothing_can_be_written(
    postgres: Server, database: str, admin: Admin, write: str
) -> None:
    """Even as a superuser, a write inside our transaction fails at the server."""
    session = await opened(postgres.as_role(OWNER, database))
    ends_at = time.monotonic() + SOON_S

    # A read first: after it the transaction cannot be made to write any more.
    await session.describe("people", ends_at=ends_at)
    with pytest.raises(SourceUnavailable) as caught:
        await session.ask(Command(write.encode()), ends_at=ends_at)
    await session.settle()
    with pytest.raises(SourceUnavailable):
        # Nor outside of one, where the session is ours alone.
        await session.wire.trip([Command(b"DELETE FROM people")], ends_at=ends_at)
    session.wire.close()

    assert caught.value.fault in {Fault.SCHEMA, Fault.GONE}
    rows = await asyncio.to_thread(
        lambda: admin.execute("SELECT name FROM people ORDER BY id").fetchall()
    )
    assert rows == [("Ann",), ("Bob",)]


async def test_nothing_can_be_written_through_a_pooler(
    pooler: PostgresServer, postgres: Server
) -> None:
    """Where nothing may be said to the session, each transaction is read-only."""
    owner = postgres.as_role(OWNER, pooler.database)
    session = await opened(replace(pooler, user=OWNER, password=owner.password))

    with pytest.raises(SourceUnavailable, match="25006 ReadOnlySqlTransaction"):
        await session.ask(
            Command(b"DELETE FROM people"), ends_at=time.monotonic() + SOON_S
        )
    session.wire.close()


async def test_a_direct_connection_is_told_from_a_pooled_one(
    postgres: Server, database: str, pooler: PostgresServer
) -> None:
    """Only to a session of our own is anything said that stays."""
    direct = await opened(postgres.as_role(READER, database))
    pooled = await opened(pooler)

    assert (direct.pooled, pooled.pooled) == (False, True)
    assert direct.wire.encrypted
    assert pooled.wire.encrypted
    for session in (direct, pooled):
        session.wire.close()


async def test_the_server_has_a_clock_of_its_own(
    postgres: Server, database: str
) -> None:
    """Each transaction has a bound at the server, for when nobody can cancel."""
    session = await opened(postgres.as_role(READER, database))
    said: list[bytes] = []
    asked = Command(
        b"SELECT current_setting('statement_timeout') || ' '"
        b" || current_setting('idle_in_transaction_session_timeout')",
        receive=lambda result: said.append(result.get_value(0, 0) or b""),
    )

    await session.ask(asked, ends_at=time.monotonic() + 5.0)
    session.wire.close()

    bounds = [int(word.removesuffix("ms")) for word in said[0].decode().split()]
    assert all(4_000 < bound <= 5_100 for bound in bounds)
