"""What the doctor is told of a server and of our role there."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from connectors import PostgresServer, SourceUnavailable
from connectors.postgres import report as module
from connectors.postgres.report import Report, driver, report
from tests.connectors.postgres.conftest import SOON_S, Admin
from tests.services.postgres import OWNER, READER, Server

pytestmark = pytest.mark.services


@pytest.fixture
def reader(postgres: Server, database: str) -> PostgresServer:
    """The role that may only read."""
    return postgres.as_role(READER, database)


async def asked(server: PostgresServer, *tables: str) -> Report:
    """Ask a server about itself."""
    return await report(server, tables, name="jail", deadline_s=SOON_S)


async def test_a_role_that_only_reads(reader: PostgresServer) -> None:
    """TLS, no pooler, nothing to write, and how much more it could read."""
    found = await asked(reader, "people", "nowhere")

    assert found.version.startswith("15.")
    assert found.encrypted
    assert not found.pooled
    assert not found.standby
    assert not found.powerful
    assert found.writable == ()
    # texts, never and narrow of its database; people was asked about.
    assert found.others == 3


async def test_a_role_that_may_do_more(
    reader: PostgresServer, postgres: Server, admin: Admin
) -> None:
    """Privileges on a table or on one of its columns, and powers of the role, show."""
    await asyncio.to_thread(admin.execute, f"GRANT UPDATE (age) ON people TO {READER}")
    granted = await asked(reader, "people", "texts")
    await asyncio.to_thread(admin.execute, f"REVOKE UPDATE ON people FROM {READER}")
    await asyncio.to_thread(
        admin.execute, f"REVOKE UPDATE (age) ON people FROM {READER}"
    )
    owner = await asked(postgres.as_role(OWNER, reader.database), "texts")

    assert granted.writable == ("people",)
    assert owner.writable == ("texts",)
    assert owner.powerful


async def test_a_pooler_is_told(pooler: PostgresServer) -> None:
    """Whether somebody stands in between."""
    assert (await asked(pooler)).pooled


async def test_a_server_that_may_lose_what_it_wrote(reader: PostgresServer) -> None:
    """The tests' server does not wait for its disk, and that is said."""
    assert not (await asked(reader)).durable


async def test_one_that_does_not_answer(reader: PostgresServer) -> None:
    """Nothing is made up."""
    with pytest.raises(SourceUnavailable, match="jail: gone"):
        await asked(replace(reader, port=1))


def test_which_openssl_libpq_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named with its version; where that cannot be found out, it is said."""
    known = driver()
    monkeypatch.setattr(module, "_MAPS", module._MAPS / "none")
    unknown = driver()

    assert known.startswith("libpq ")
    assert " with OpenSSL " in known
    assert unknown.endswith("with an OpenSSL that cannot be told")
