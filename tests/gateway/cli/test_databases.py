"""Databases on servers, as check and doctor see them: a real one, each part wrecked."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from gateway.cli.databases import (
    database_mistakes,
    server_looked_at,
    state_looked_at,
)
from gateway.cli.finding import Verdict
from gateway.config import load
from tests.gateway.cli.conftest import Sallyport
from tests.services.moving import move_county
from tests.services.postgres import KEEPER, OWNER, READER, Server

pytestmark = [pytest.mark.slow, pytest.mark.services, pytest.mark.timeout(240)]


WHO = " and so may whoever has its password"


@pytest.fixture
def databases(postgres: Server) -> Iterator[tuple[str, str]]:
    """A database for the sources, and one that the role for state owns."""
    with postgres.database() as sources, postgres.database(owner=KEEPER) as state:
        yield sources, state


@pytest.fixture
def moved(county: Path, postgres: Server, databases: tuple[str, str]) -> Path:
    """The county's folder, its databases and its state on a server."""
    sources, state = databases
    move_county(
        county / "databases",
        county / "sallyport.yaml",
        postgres,
        sources=sources,
        state=state,
    )
    return county


def change(county: Path, before: object, after: object) -> None:
    """Change the county's configuration."""
    path = county / "sallyport.yaml"
    path.write_text(path.read_text().replace(str(before), str(after)))


async def test_what_the_doctor_says_of_a_server(
    postgres: Server, databases: tuple[str, str]
) -> None:
    """Version, way, libraries; and what our role may do that it does not need."""
    with postgres.admin(databases[0]) as admin:
        admin.execute(
            "CREATE TABLE drivers (id text); CREATE TABLE more (id text);"
            f"GRANT SELECT, UPDATE ON drivers TO {READER};"
            f"GRANT SELECT ON more TO {READER}"
        )
    reader = postgres.as_role(READER, databases[0])
    owner = postgres.as_role(OWNER, databases[0])

    found = [item async for item in server_looked_at("dmv", reader, ["drivers"])]
    powerful = [item async for item in server_looked_at("dmv", owner, [])]

    way, *warnings = found
    assert way.verdict is Verdict.WELL
    assert re.fullmatch(
        r"PostgreSQL 15\..* answers over TLS; libpq \d.* with OpenSSL .*", way.sentence
    )
    assert [item.sentence for item in warnings] == [
        f"the role {READER} may change drivers",
        f"the role {READER} may read 1 tables or views more than datasets have,{WHO}",
    ]
    assert warnings[0].advice == "grant it SELECT only"
    assert {item.verdict for item in warnings} == {Verdict.WARNING}
    assert any("SUPERUSER" in item.advice for item in powerful)


async def test_what_the_doctor_says_of_state(
    postgres: Server, databases: tuple[str, str]
) -> None:
    """There we write on purpose; what could lose it is said."""
    keeper = postgres.as_role(KEEPER, databases[1])

    found = [item async for item in server_looked_at("state", keeper, (), state=True)]

    assert [item.verdict for item in found] == [Verdict.WELL, Verdict.WARNING]
    assert "fsync" in found[1].sentence


async def test_what_is_wrong_with_a_server_is_said(
    moved: Path, postgres: Server
) -> None:
    """Another authority than its certificate's: one line, and nothing made up."""
    other = moved / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    change(moved, postgres.ca_file, other)
    config = await asyncio.to_thread(load, moved / "sallyport.yaml")

    (finding,) = [item async for item in state_looked_at(config)]

    assert (finding.part, finding.verdict) == ("state", Verdict.WRONG)
    assert "untrusted (its certificate is not verified)" in finding.sentence


Wreck = Callable[[Path, Server], None]


def _no_certificate(county: Path, server: Server) -> None:
    (county / "not.pem").write_text("x")
    change(county, server.ca_file, county / "not.pem")


def _no_password(county: Path, server: Server) -> None:
    (county / "none").touch(mode=0o600)
    change(county, server.password_file(READER), county / "none")


def _another_key(county: Path, server: Server) -> None:
    pair = (
        f"client_certificate: {server.client_certificate},"
        f" client_key: {county / 'keys/server.key'}"
    )
    change(county, f"password_file: {server.password_file(READER)}", pair)


WRECKS: dict[str, tuple[Wreck, str, int]] = {
    "authority": (_no_certificate, "holds no certificate in PEM", 4),
    "password": (_no_password, "holds no password", 3),
    "key": (_another_key, "is not the private key of", 3),
}


@pytest.mark.parametrize("part", list(WRECKS))
def test_files_that_hold_something_else(
    moved: Path, postgres: Server, part: str
) -> None:
    """Each is named by its setting before any server is asked."""
    wreck, sentence, times = WRECKS[part]
    wreck(moved, postgres)

    found = list(database_mistakes(load(moved / "sallyport.yaml")))

    assert len(found) == times
    assert all(sentence in item.problem for item in found)


def test_files_as_they_should_be(moved: Path) -> None:
    """Nothing is said of what is well."""
    assert list(database_mistakes(load(moved / "sallyport.yaml"))) == []


def test_without_the_driver_it_is_one_sentence(
    moved: Path, sallyport: Sallyport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing extra is named for each database that needs it, with the remedy."""
    monkeypatch.setitem(sys.modules, "psycopg", None)

    code, said = sallyport("check")

    assert code == 2
    assert "sources.jail-db: PostgreSQL needs the extra: pip install" in said
    assert "state: PostgreSQL needs the extra" in said
    assert not load(moved / "sallyport.yaml").log.directory.exists()
