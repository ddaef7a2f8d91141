"""Keys: one fetch for all who wait, a cooldown, stale keys believed only so long."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from jwt import PyJWK

from gateway.errors import Cause, Unauthenticated, Unavailable
from gateway.identity import IssuerRules, Keys, Reason, Verifier
from gateway.identity import keys as keys_module
from gateway.identity.fetch import KeysUnavailable
from gateway.identity.keys import COOLDOWN_S, Fetch
from tests.gateway.identity.signing import SigningKey, compact
from tests.gateway.identity.world import FixedClock, World, until

SECOND = SigningKey.es256("key-2")


@dataclass
class Source:
    """An issuer's key set that a test changes; counts how often it was fetched."""

    published: list[SigningKey] = field(default_factory=list)
    down: bool = False
    delay_s: float = 0.0
    fetched: int = 0
    threads: set[str] = field(default_factory=set)

    def __call__(self, _rules: IssuerRules) -> Sequence[PyJWK]:
        """Fetch, as the real one does: blocking."""
        self.fetched += 1
        self.threads.add(threading.current_thread().name)
        time.sleep(self.delay_s)
        if self.down:
            raise KeysUnavailable("refused")
        return [PyJWK.from_dict(key.jwk, "ES256") for key in self.published]


@pytest.fixture
def source(world: World) -> Source:
    """A source that publishes the world's key."""
    return Source(published=[world.key])


def keys_of(world: World, *sources: Fetch) -> Keys:
    """Keys of one issuer for each source; the source is told by the audience."""
    rules = [
        world.rules(
            issuer=f"https://issuer-{n}.example" if n else "https://issuer.example"
        )
        for n in range(len(sources))
    ]
    by_name = dict(zip([item.issuer for item in rules], sources, strict=True))
    return Keys(
        issuers=rules, clock=world.clock, fetch=lambda item: by_name[item.issuer](item)
    )


def signed(world: World, key: SigningKey, **claims: object) -> str:
    """A token signed with this key and naming it."""
    header = world.header(kid=key.jwk["kid"])
    return compact(header, world.claims(**claims), key.sign)


async def test_many_waiters_cause_one_fetch_in_a_thread(
    world: World, source: Source
) -> None:
    """Fifty requests with a new key id wait for one fetch, off the loop's thread."""
    async with world.kept(keys_of(world, source)) as keys:
        source.published, source.delay_s = [SECOND], 0.05
        asked = [keys.looked_for("key-2", "ES256") for _ in range(50)]
        found = await asyncio.gather(*asked)

    assert all(len(item) == 1 for item in found)
    assert source.fetched == 2
    assert threading.main_thread().name not in source.threads


async def test_a_key_rotated_in_mid_traffic_is_found(
    world: World, source: Source
) -> None:
    """Tokens of the new key are accepted at once; the old key goes with its set."""
    async with world.kept(keys_of(world, source)) as keys:
        verifier = Verifier(keys=keys, clock=world.clock)
        old = signed(world, world.key)
        await verifier.verify(old, b"")
        source.published = [world.key, SECOND]
        await verifier.verify(signed(world, SECOND), b"")
        await verifier.verify(old, b"")
        source.published = [SECOND]
        world.clock.pass_s(COOLDOWN_S)
        await keys.looked_for("unknown", "ES256")
        with pytest.raises(Unauthenticated) as refused:
            await verifier.verify(old, b"")

    assert refused.value.reason == Reason.KEY_UNKNOWN


async def test_a_flood_of_unknown_key_ids_is_one_fetch_a_cooldown(
    world: World, source: Source
) -> None:
    """Invented key ids do not reach the issuer more than once in thirty seconds."""
    async with world.kept(keys_of(world, source)) as keys:
        for number in range(100):
            assert await keys.looked_for(f"invented-{number}", "ES256") == []
        during = source.fetched
        world.clock.pass_s(COOLDOWN_S)
        await keys.looked_for("invented", "ES256")

    assert (during, source.fetched) == (2, 3)


async def test_keys_are_believed_until_they_are_stale(
    world: World, source: Source
) -> None:
    """A failed fetch leaves the keys for `max_stale_s`; then cached results go too."""
    async with world.kept(keys_of(world, source)) as keys:
        verifier = Verifier(keys=keys, clock=world.clock)
        source.down = True
        await keys.looked_for("unknown", "ES256")
        world.clock.seconds += 3600
        await verifier.verify(world.token(), b"")
        world.clock.seconds += 0.001
        with pytest.raises(Unavailable) as refused:
            await verifier.verify(world.token(), b"")
        (health,) = keys.health()

    assert source.fetched >= 2
    assert refused.value.cause == Cause.IDENTITY_UNAVAILABLE
    assert not health.usable
    assert health.problem == "refused"


async def test_an_issuer_down_at_start_heals_by_itself(
    world: World, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is accepted until the keys are here; then it is, without a restart."""
    monkeypatch.setattr(keys_module, "RETRY_S", 0.01)
    source.down = True
    async with world.kept(keys_of(world, source)) as keys:
        verifier = Verifier(keys=keys, clock=world.clock)
        with pytest.raises(Unavailable) as refused:
            await verifier.verify(world.token(), b"")
        source.down = False
        await until(lambda: keys.health()[0].usable)
        claims = await verifier.verify(world.token(), b"")

    assert refused.value.cause == Cause.IDENTITY_UNAVAILABLE
    assert claims.subject == "person-17"


async def test_one_issuer_down_does_not_stop_another(
    world: World, source: Source
) -> None:
    """Keys that are here are used; a key id nobody has is then unavailable, not 401."""
    down = Source(down=True)
    async with world.kept(keys_of(world, source, down)) as keys:
        verifier = Verifier(keys=keys, clock=world.clock)
        claims = await verifier.verify(world.token(), b"")
        with pytest.raises(Unavailable):
            await verifier.verify(signed(world, SECOND), b"")

    assert claims.subject == "person-17"


async def test_two_issuers_with_one_key_id_are_told_apart_by_the_signature(
    world: World, source: Source
) -> None:
    """Whose key verifies must be the issuer that the token names."""
    twin = SigningKey.es256("key-1")
    both = keys_of(world, source, Source(published=[twin]))
    async with world.kept(both) as keys:
        verifier = Verifier(keys=keys, clock=world.clock)
        theirs = await verifier.verify(
            signed(world, twin, iss="https://issuer-1.example"), b""
        )
        with pytest.raises(Unauthenticated) as refused:
            await verifier.verify(signed(world, twin), b"")

    assert theirs.issuer == "https://issuer-1.example"
    assert refused.value.reason == Reason.ISSUER


async def test_a_slow_issuer_is_unavailable_not_waited_for(
    world: World, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request waits only so long for the fetch it caused."""
    monkeypatch.setattr(keys_module, "WAIT_S", 0.01)
    async with world.kept(keys_of(world, source)) as keys:
        source.delay_s = 0.2
        with pytest.raises(Unavailable, match="slow"):
            await keys.looked_for("key-2", "ES256")


async def test_a_waiter_that_goes_away_stops_nobody_elses_fetch(
    world: World, source: Source
) -> None:
    """Cancelling the request that caused a fetch leaves the fetch to the others."""
    async with world.kept(keys_of(world, source)) as keys:
        source.published, source.delay_s = [SECOND], 0.05
        async with asyncio.TaskGroup() as requests:
            first = requests.create_task(keys.looked_for("key-2", "ES256"))
            await asyncio.sleep(0.01)
            second = requests.create_task(keys.looked_for("key-2", "ES256"))
            await asyncio.sleep(0)
            first.cancel()
        found = second.result()

    assert len(found) == 1
    assert source.fetched == 2


async def test_keys_are_refreshed_in_the_background(world: World) -> None:
    """A new set is taken up without any request for it."""
    source = Source(published=[world.key])
    rules = world.rules(refresh_s=0.01)
    own = Keys(issuers=[rules], clock=FixedClock(), fetch=source)
    async with world.kept(own) as keys:
        source.published = [SECOND]
        await until(lambda: bool(keys.candidates("key-2", "ES256")))
        old = keys.candidates("key-1", "ES256")

    assert old == []


async def test_outside_its_life_nothing_is_fetched(
    world: World, source: Source
) -> None:
    """Before the start and after the end a look-up is unavailable."""
    keys = keys_of(world, source)

    with pytest.raises(Unavailable):
        await keys.looked_for("key-1", "ES256")

    assert source.fetched == 0


async def test_two_keys_of_one_name_are_no_key(world: World, source: Source) -> None:
    """A set that names two keys alike does not say which one is meant."""
    source.published = [world.key, SigningKey.es256("key-1"), SECOND]
    async with world.kept(keys_of(world, source)) as keys:
        found = [keys.candidates(name, "ES256") for name in ("key-1", "key-2")]

    assert [len(item) for item in found] == [0, 1]
