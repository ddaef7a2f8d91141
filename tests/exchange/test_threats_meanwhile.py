"""What changes while a request is under way: who may ask, and what a record is."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import ssl
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.answering.reading import Reader
from gateway.clock import SystemClock
from gateway.demo.identities import mint_token
from gateway.demo.layout import Layout
from tests.exchange.county import County, activated, running
from tests.exchange.requests import SHERIFF, custody
from tests.exchange.wire import HOST, head, line
from tests.tortured import trials

SECRET = "Zq91sealed"
TRIALS = trials(220)

pytestmark = pytest.mark.timeout(TRIALS.limit_s)


@pytest_asyncio.fixture
async def own(tmp_path: Path) -> Layout:
    """An activated county of the test's own."""
    return await activated(tmp_path)


# --- an open connection ----------------------------------------------------------


async def _ask_on(county: County, wire: Any, who: str) -> int:  # noqa: ANN401 - a line
    body = json.dumps(custody()).encode()
    request = head(
        lines=[
            f"Host: {HOST}",
            f"Authorization: {county.bearer(who)['Authorization']}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        ]
    )
    await wire.send(request + body)
    reply = await wire.reply()
    assert reply is not None
    return int(reply.status)


async def test_a_revoked_certificate_ends_on_an_open_connection(own: Layout) -> None:
    """Named as revoked in the registry and activated: 401 on the very same line."""
    async with running(own) as county, line(county, SHERIFF) as wire:
        first = await _ask_on(county, wire, SHERIFF)
        pem = await asyncio.to_thread(own.requester(SHERIFF).certificate.read_text)
        agencies = own.root / "agencies.yaml"
        text = await asyncio.to_thread(agencies.read_text)
        pinned = "client_ca: neighbour\n"
        revoked = f"{pinned}    revoked_certificates: ['{_sha256(pem)}']\n"
        await asyncio.to_thread(agencies.write_text, text.replace(pinned, revoked))
        began = time.monotonic()
        await county.command(command="draft-activation")
        second = await _ask_on(county, wire, SHERIFF)
        took = time.monotonic() - began

    assert first == 200
    assert second == 401
    # An activation compiles the policies first; from its entry on it is in force.
    assert took < 20


def _sha256(pem: str) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


@pytest.mark.parametrize(
    ("scope", "name"),
    [("agency", "neighbour-sheriff"), ("dataset", "county-jail"), ("all", "")],
)
async def test_a_cut_off_ends_an_open_connection_within_two_seconds(
    own: Layout, scope: str, name: str
) -> None:
    """On a line that was just answered, the next request is refused at once."""
    async with running(own) as county, line(county, SHERIFF) as wire:
        first = await _ask_on(county, wire, SHERIFF)
        began = time.monotonic()
        await county.command(command="cutoff-add", scope=scope, name=name, by="tests")
        second = await _ask_on(county, wire, SHERIFF)
        took = time.monotonic() - began

    assert (first, second) == (200, 403)
    assert took < 2


# --- a record that is sealed meanwhile ---------------------------------------------


def _write_ahead(path: Path) -> None:
    """Let the jail's own system write while it is read."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def _seal(path: Path, *, sealed: bool) -> None:
    """Seal a record and put a mark into what may not be seen; or undo both."""
    with sqlite3.connect(path, timeout=10) as connection:
        connection.execute(
            "UPDATE bookings SET sealed = ?, custody = ? WHERE booking_no = 'B-000041'",
            (int(sealed), SECRET if sealed else "in_custody"),
        )
    connection.close()


@pytest.mark.fault("sealed-between")
async def test_a_record_sealed_between_the_statements_is_never_released(
    own: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time it is sealed after its facts were read: never a sealed value."""
    jail = own.databases / "jail.db"
    await asyncio.to_thread(_write_ahead, jail)
    await asyncio.to_thread(_seal, jail, sealed=False)
    plain = Reader._values
    sealed_between = 0
    clock = SystemClock()

    async def late(self: Reader, *rest: Any) -> Sequence[Any]:  # noqa: ANN401 - as given
        nonlocal sealed_between
        await asyncio.to_thread(_seal, jail, sealed=True)
        sealed_between += 1
        return await plain(self, *rest)

    async with running(own) as county:
        with monkeypatch.context() as patched:
            patched.setattr(Reader, "_values", late)
            answers = []
            for number in range(TRIALS.count):
                if number % 100 == 0:  # a token lives ten minutes, many trials longer
                    await asyncio.to_thread(mint_token, own, SHERIFF, clock=clock)
                answers.append(await county.post(SHERIFF, custody(41)))
                await asyncio.to_thread(_seal, jail, sealed=False)
        await asyncio.to_thread(_seal, jail, sealed=True)
        afterwards = await county.post(SHERIFF, custody(41))

    assert sealed_between == TRIALS.count
    assert all(SECRET.encode() not in answer.data for answer in answers)
    assert {answer.status for answer in answers} <= {200, 403, 503}
    assert afterwards.status == 403
    assert SECRET.encode() not in afterwards.data
    TRIALS.tell(
        released_as_it_was=sum(answer.status == 200 for answer in answers),
        refused=sum(answer.status != 200 for answer in answers),
        sealed_values_released=sum(
            SECRET.encode() in answer.data for answer in answers
        ),
    )


async def test_sealing_at_any_moment_never_releases_a_sealed_value(
    own: Layout,
) -> None:
    """While somebody seals and unseals all the time, no answer has a sealed value."""
    jail = own.databases / "jail.db"
    await asyncio.to_thread(_write_ahead, jail)
    async with running(own) as county:
        done = asyncio.Event()

        async def flip() -> int:
            count = 0
            while not done.is_set():
                count += 1
                await asyncio.to_thread(_seal, jail, sealed=count % 2 == 1)
            return count

        async with asyncio.TaskGroup() as group:
            flipping = group.create_task(flip())
            answers = [
                await county.post(SHERIFF, custody(41)) for _ in range(TRIALS.count)
            ]
            done.set()

    assert flipping.result() > 50
    assert all(SECRET.encode() not in answer.data for answer in answers)
    assert {answer.status for answer in answers} == {200, 403}
