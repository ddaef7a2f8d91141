"""An issuer that is away at the start, goes away later, or signs with a new key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo.cast import REQUESTERS
from gateway.demo.layout import Layout
from gateway.demo.pki import thumbprint
from gateway.demo.tokens import Issuer
from tests.exchange.accounts import account_of, balanced
from tests.exchange.beside import own_law, until
from tests.exchange.clock import SetClock
from tests.exchange.county import activate, running, write_county
from tests.exchange.requests import SHERIFF, custody
from tests.services.keyserver import KeyServer, key_server

pytestmark = pytest.mark.timeout(240)

STALE_S = 60


@pytest.fixture
def keys(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[KeyServer]:
    """A server of the issuer's keys, away at first."""
    with key_server(tmp_path, free_port(), "{}") as found:
        yield found


@pytest.fixture
def layout(tmp_path: Path, keys: KeyServer) -> Layout:
    """An activated county whose issuer publishes its keys at that server."""
    layout = write_county(tmp_path / "d", records=60)
    own_law(layout)
    keys.keys = layout.jwks.read_text()
    path = layout.config()
    path.write_text(
        path.read_text().replace(
            "    jwks_file: issuer/jwks.json\n",
            f"    jwks_url: {keys.url}\n    ca_file: {keys.ca_file}\n"
            f"    refresh_seconds: 5\n    max_stale_seconds: {STALE_S}\n",
        )
    )
    asyncio.run(activate(load(path)))
    return layout


@pytest.mark.fault("keys-at-start")
async def test_an_issuer_away_at_the_start_is_named_and_heals(
    layout: Layout, keys: KeyServer
) -> None:
    """It starts and listens; what it cannot judge is unavailable until it can."""
    async with (
        running(layout) as county,
        account_of(county, "keys-at-start") as account,
    ):
        await account.refused(SHERIFF, custody())
        ready = (await county.admin("/readyz")).body["parts"]
        await asyncio.to_thread(keys.come)
        await account.until(200, SHERIFF, custody())

    assert ready["identity"] != "ok"


@pytest.mark.fault("keys-later")
async def test_an_issuer_that_goes_away_is_believed_until_its_keys_are_stale(
    layout: Layout, keys: KeyServer
) -> None:
    """The keys there are go on for their time; then it is named, and heals."""
    clock = SetClock()
    await asyncio.to_thread(keys.come)
    async with (
        running(layout, clock=clock) as county,
        account_of(county, "keys-later") as account,
    ):
        await account.until(200, SHERIFF, custody())
        await asyncio.to_thread(keys.go)
        clock.quiet_s = STALE_S / 2
        await account.until(200, SHERIFF, custody())
        before = keys.fetched
        clock.quiet_s = STALE_S + 60.0
        await account.refused(SHERIFF, custody())
        age = await account.counted()
        await asyncio.to_thread(keys.come)
        await account.until(200, SHERIFF, custody())
        clock.quiet_s += 10.0  # and the gauge shows an age again

    assert keys.fetched > before
    assert age > STALE_S


def signed_by(issuer: Issuer, layout: Layout) -> str:
    """Return a token for the sheriff, signed with this key."""
    player, folder = REQUESTERS[SHERIFF], layout.requester(SHERIFF)
    certificate = x509.load_pem_x509_certificate(folder.certificate.read_bytes())
    return issuer.mint(
        client_id=player.client_id,
        subject=player.person,
        thumbprint=thumbprint(certificate),
        now_s=SystemClock().now_ms() // 1000,
        claims=player.claims,
    )


@pytest.mark.fault("key-rotated")
async def test_a_key_rotated_in_mid_traffic_is_not_noticed(
    layout: Layout, keys: KeyServer
) -> None:
    """While requests come, tokens of the new key are taken, and of the old still."""
    await asyncio.to_thread(keys.come)
    old = await asyncio.to_thread(Issuer.load, layout.issuer_key)
    new = Issuer(key=ec.generate_private_key(ec.SECP256R1()), kid="demo-2")
    both = json.loads(old.jwks)["keys"] + json.loads(new.jwks)["keys"]
    tokens = [await asyncio.to_thread(signed_by, old, layout)]
    async with running(layout) as county:
        size, answers = county.services.log.size, []
        enough = asyncio.Event()
        await county.session(SHERIFF)  # one for all of them

        async def traffic() -> None:
            while not enough.is_set():
                bearer = {"Authorization": f"Bearer {tokens[-1]}"}
                answers.append(await county.post(SHERIFF, custody(), headers=bearer))

        async def more(count: int) -> None:
            had = len(answers)
            await until(lambda: _reached(answers, had + count))

        async with asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(traffic())
            await more(20)
            keys.keys = json.dumps({"keys": both})
            before = keys.fetched
            tokens.append(await asyncio.to_thread(signed_by, new, layout))
            await more(20)
            tokens.append(tokens[0])
            await more(20)
            enough.set()
        fetched = keys.fetched - before
        await balanced(county, answers, since=size)

    assert {answer.status for answer in answers} == {200}
    assert fetched >= 1


async def _reached(answers: list[Any], count: int) -> bool:
    return len(answers) >= count
