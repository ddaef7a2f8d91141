"""A county that has all of its own in PostgreSQL answers as one with files does."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from audit import Receipt
from audit.keyfiles import read_vkeys
from audit.merkle import leaf_hash
from audit.postgres.source import PostgresSource
from audit.proof import leaf_at
from audit.report import Report
from audit.verify import Trust, verify
from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo.layout import Layout
from gateway.demo.people import person
from gateway.ledger import log_keys, trust_policy
from tests.audit.kept import Database
from tests.exchange.beside import until
from tests.exchange.county import Answer, County, activate, running, write_county
from tests.exchange.requests import (
    SHERIFF,
    asking,
    booking,
    custody,
    gang,
    immigration_status,
    licence,
    release_date,
)
from tests.services.moving import move_county
from tests.services.postgres import KEEPER, Server
from tests.services.witness import serve_witness, trust_lines

pytestmark = [pytest.mark.services, pytest.mark.asyncio(loop_scope="module")]


@functools.cache
def _made_at_ms() -> int:
    """Return when the first county is made: its tokens live ten minutes from then."""
    return SystemClock().now_ms()


class Stopped(SystemClock):
    """The instant both counties are made at."""

    def now_ms(self) -> int:
        """Return the same for both."""
        return _made_at_ms()


TODAY = dt.datetime.fromtimestamp(SystemClock().now_ms() / 1000, tz=dt.UTC).date()
BORN = person(17, today=TODAY)

QUESTIONS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "released": (
        SHERIFF,
        custody(fields=["custody_status", "court_date", "name", "dob"]),
    ),
    "several": (
        SHERIFF,
        asking(
            "county-jail",
            "criminal_investigation",
            subjects=[*booking(3), *booking(4), *booking(18)],
            fields=["custody_status", "phone", "release_date"],
        ),
    ),
    "partly": (
        SHERIFF,
        custody(fields=["custody_status", "notes"]),
    ),
    "with facts": (
        SHERIFF,
        gang(25),
    ),
    "driver": (
        SHERIFF,
        asking(
            "county-dmv",
            "criminal_investigation",
            subjects=licence(31),
            fields=["name", "dob", "licence_class"],
            statements={"dppa_use": "b1"},
        ),
    ),
    "by a day": (
        SHERIFF,
        asking(
            "county-jail",
            "criminal_investigation",
            subjects=[{"name": BORN.name, "dob": BORN.born.isoformat()}],
            fields=["custody_status", "dob", "release_date"],
        ),
    ),
    "nobody": (
        SHERIFF,
        gang(999_999),
    ),
    "refused": (
        "ice-ero",
        release_date(),
    ),
    "waits": (
        "ice-ero",
        immigration_status(),
    ),
}


@pytest.fixture(scope="module")
def databases(postgres: Server) -> Iterator[tuple[str, str]]:
    """A database for the sources, and one that the role for state owns."""
    with postgres.database() as sources, postgres.database(owner=KEEPER) as state:
        yield sources, state


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on_files(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """The county as it was: SQLite files."""
    root = tmp_path_factory.mktemp("files")
    layout = await asyncio.to_thread(write_county, root / "d", clock=Stopped())
    await activate(await asyncio.to_thread(load, layout.config()))
    async with running(layout) as found:
        yield found


@pytest.fixture(scope="module")
def moved(
    tmp_path_factory: pytest.TempPathFactory,
    postgres: Server,
    databases: tuple[str, str],
    log: Database,
) -> Layout:
    """The same county, its tables, its state and its log on the server."""
    layout = write_county(tmp_path_factory.mktemp("server") / "d", clock=Stopped())
    sources, state = databases
    path = layout.config()
    path.write_text(path.read_text().replace("witness: none", "witness: trust.policy"))
    move_county(
        layout.databases,
        layout.config(),
        postgres,
        sources=sources,
        state=state,
        log=log.name,
    )
    return layout


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on_server(
    moved: Layout, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[County]:
    """The county on the server, running, its log with a witness."""
    keys = await asyncio.to_thread(read_vkeys, [moved.log_keys()])
    own = [key for key in keys if key.name == keys[0].name]
    folder = tmp_path_factory.mktemp("witness")
    async with serve_witness(folder, own) as witness:
        path = moved.root / "trust.policy"
        await asyncio.to_thread(path.write_text, trust_lines(witness))
        await activate(await asyncio.to_thread(load, moved.config()))
        async with running(moved) as found:
            yield found


def without_its_own(answer: Answer) -> tuple[int, bytes]:
    """Return status and bytes, what each exchange has of its own put away.

    Its random id, its receipt, and when it is due; nothing of what was read. The
    receipts differ in length by the digits of a time, which padding makes up for.
    """
    body = answer.body
    text = answer.data.decode().rstrip(" ")
    for own in ("receipt", "exchange", "due"):
        said = json.dumps(body.get(own), separators=(",", ":"), ensure_ascii=False)
        assert own not in body or said in text
        text = text.replace(said, own)
    return answer.status, text.encode()


STATUSES = {
    **dict.fromkeys(("released", "several", "partly", "with facts"), 200),
    **dict.fromkeys(("driver", "by a day"), 200),
    **dict.fromkeys(("nobody", "refused"), 403),
    "waits": 202,
}


@pytest.mark.parametrize("name", list(QUESTIONS))
async def test_the_same_bytes(on_files: County, on_server: County, name: str) -> None:
    """Each kind of answer is the same to the byte, whatever the database is."""
    who, body = QUESTIONS[name]

    from_files = await on_files.post(who, body)
    from_server = await on_server.post(who, body)

    assert from_files.status == STATUSES[name]
    assert without_its_own(from_server) == without_its_own(from_files)
    assert len(from_server.data) == len(from_files.data)


async def test_what_waits_is_in_the_server_s_database(
    on_server: County, postgres: Server, databases: tuple[str, str], moved: Layout
) -> None:
    """A review is stored there, sealed; no file of state is made beside it."""
    who, body = QUESTIONS["waits"]
    exchange = (await on_server.post(who, body)).body["exchange"]

    def stored() -> list[Any]:
        """Look into the database."""
        with postgres.admin(databases[1]) as admin:
            return admin.execute(
                "SELECT state, agency, sealed FROM reviews WHERE exchange = %s",
                (exchange,),
            ).fetchall()

    ((state, agency, sealed),) = await asyncio.to_thread(stored)

    assert (state, agency) == ("waiting", "ice")
    assert b"B-000018" not in bytes(sealed)
    assert not list(moved.root.glob("state.db*"))
    shown = await on_server.get(who, f"/v1/exchanges/{exchange}")
    assert shown.body["state"] == "waiting"


async def test_every_answer_is_in_the_server_s_log(
    on_server: County, moved: Layout, log: Database
) -> None:
    """The entry is there, signed, witnessed, in the tree; no folder is made beside."""
    answer = await on_server.post(*QUESTIONS["released"])
    receipt = Receipt.from_json(json.dumps(answer.body["receipt"]).encode())
    await on_server.services.log.settle()

    def verified() -> tuple[Report, bytes]:
        """Verify it in the auditor's role."""
        source = PostgresSource(log.server_of("auditor"))
        config = load(moved.config())
        keys = log_keys(config).verifiers
        report = verify(source, Trust(keys=keys, policy=trust_policy(config)))
        return report, leaf_at(source, receipt.index, report.facts["entries"])

    report, leaf = await asyncio.to_thread(verified)
    assert [each.text for each in report.findings] == report.doubts == []
    assert report.witnessed
    assert leaf_hash(leaf) == receipt.leaf_hash
    assert not (moved.root / "store").exists()


async def test_the_source_s_log_names_each_exchange(
    on_server: County, postgres: Server, databases: tuple[str, str]
) -> None:
    """What the database's own log has of an exchange can be found in ours."""
    who, body = QUESTIONS["with facts"]

    def logged(how: str) -> None:
        """Set whether new connections are logged, and end the old ones."""
        with postgres.admin() as admin:
            admin.execute(f"ALTER DATABASE {databases[0]} {how}")
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s",
                (databases[0],),
            )

    await asyncio.to_thread(logged, "SET log_statement = 'all'")
    exchange = (await on_server.post(who, body)).body["exchange"]
    await asyncio.to_thread(logged, "RESET log_statement")

    lines = (await asyncio.to_thread(postgres.log.read_text)).splitlines()
    tagged = [line for line in lines if f"/* sallyport:{exchange} */ SELECT" in line]
    assert len(tagged) == 2  # first the facts, then the values
    assert len({line.split()[0] for line in tagged}) == 1  # on one connection


@pytest.mark.fault("source-restarted", "state-restarted")
async def test_a_restart_of_the_server_heals_by_itself(
    on_server: County, postgres: Server
) -> None:
    """Sources, state and log are used again as soon as the cut-offs were read."""
    await asyncio.to_thread(postgres.stop)
    gone = [await on_server.post(*QUESTIONS[name]) for name in ("released", "waits")]
    parts = (await on_server.admin("/readyz")).body["parts"]
    await asyncio.to_thread(postgres.start)

    async def answers() -> bool:
        return (await on_server.post(*QUESTIONS["released"])).status == 200

    await until(answers)
    back = [await on_server.post(*QUESTIONS[name]) for name in ("released", "waits")]

    assert [answer.status for answer in gone] == [503, 503]
    assert all("records" not in answer.body for answer in gone)
    assert "gone" in parts["state"]
    assert "gone" in parts["source jail-db"]
    assert [answer.status for answer in back] == [200, 202]
