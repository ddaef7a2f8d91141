"""Who counts for which bucket, and when a day ends."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from gateway.config import parse_config
from gateway.errors import Limit, TooMany
from gateway.identity import AskedBefore, Limits, Requester
from gateway.identity.buckets import Rate
from tests.gateway.config.documents import HERE, smallest, written
from tests.gateway.identity.signing import thumbprint
from tests.gateway.identity.world import CHICAGO, FixedClock, World

ONE = Rate.per_minute(1, burst=1)
WIDE = Rate.per_minute(60_000, burst=60_000)


def limits(clock: FixedClock, **rates: Rate) -> Limits:
    """Return limits of which only the named rates are narrow."""
    chosen: dict[str, Any] = {"client": WIDE, "agency": WIDE, "family": WIDE}
    asked = AskedBefore(key=b"k" * 32, people=1, guesses=5, days=30)
    return Limits(**chosen | rates, asked=asked, clock=clock, zone=CHICAGO)


async def ice(world: World, client: str = "ice-ero-system") -> Requester:
    """Return one of ICE's systems."""
    return await _requester(world, world.ice.der, client_id=client)


async def sheriff(world: World, **claims: object) -> Requester:
    """Return the sheriff's system, or another one of its issuer."""
    said = {"client_id": "sheriff-system", "employer_ori": "IL0990000", **claims}
    return await _requester(world, world.sheriff.der, **said)


async def _requester(world: World, der: bytes, **claims: object) -> Requester:
    token = world.token(cnf={"x5t#S256": thumbprint(der)}, **claims)
    async with world.kept() as keys:
        return await world.authenticator(keys).authenticate(token, der)


async def test_what_was_exceeded_and_how_long_it_lasts(world: World) -> None:
    """The second request a minute is refused, with the time until it is not."""
    narrow = limits(world.clock, client=ONE)
    asks = await ice(world)
    narrow.admit(asks)
    world.clock.pass_s(20)

    with pytest.raises(TooMany) as caught:
        narrow.admit(asks)

    assert (caught.value.limit, caught.value.wait_s) == (Limit.CLIENT, 40.0)
    world.clock.pass_s(40)
    narrow.admit(asks)


@pytest.mark.parametrize(
    ("narrow", "shared"),
    [("client", False), ("agency", True), ("family", True)],
)
async def test_two_systems_of_one_agency(
    world: World, narrow: str, *, shared: bool
) -> None:
    """Each has a bucket of its own; the agency's and the family's are shared."""
    both = limits(world.clock, **{narrow: ONE})
    both.admit(await ice(world))
    second = await ice(world, "ice-any-system")

    if not shared:
        both.admit(second)
        return
    with pytest.raises(TooMany) as caught:
        both.admit(second)
    assert caught.value.limit is Limit(narrow)


async def test_a_deputy_counts_for_whom_he_is_assigned_to(world: World) -> None:
    """A deputy on a task force takes from the sheriff's bucket and from ICE's."""
    shared = limits(world.clock, agency=ONE)
    deputy = await sheriff(world, assignment_ori="DCFBI00T0")
    assert deputy.agencies == {"sheriff", "ice"}
    shared.admit(deputy)

    for asks in (await ice(world), await sheriff(world)):
        with pytest.raises(TooMany):
            shared.admit(asks)


async def test_systems_that_nobody_registered_share_their_buckets(
    world: World,
) -> None:
    """However many names they give themselves, they are one agency to the limits."""
    shared = limits(world.clock, agency=ONE)
    shared.admit(await sheriff(world, client_id="nobody-1"))

    with pytest.raises(TooMany) as caught:
        shared.admit(await sheriff(world, client_id="nobody-2"))
    assert caught.value.limit is Limit.AGENCY
    shared.admit(await sheriff(world))


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        ("2026-04-30T20:00", 4.0),
        ("2026-03-08T00:00", 23.0),
        ("2026-11-01T00:00", 25.0),
    ],
    ids=["evening", "spring", "autumn"],
)
async def test_a_budget_lasts_until_midnight(
    world: World, now: str, hours: float
) -> None:
    """A day is one of the law's, in its zone, however long it is."""
    at = dt.datetime.fromisoformat(now).replace(tzinfo=CHICAGO)
    budget = limits(world.clock)
    world.clock.ms = int(at.timestamp() * 1000)
    day = int(f"{at:%Y%m%d}")
    asked = [
        budget.asked.look(
            [(("name", name),)],
            families=["dhs_immigration"],
            recipient="",
            way=("purpose", "", "api"),
            day=day,
        )
        for name in "ab"
    ]
    budget.keep(asked[0], ordered=lambda: pytest.fail("asked for nothing"))

    with pytest.raises(TooMany) as caught:
        budget.keep(asked[1], ordered=lambda: False)

    assert (caught.value.limit, caught.value.wait_s) == (Limit.PEOPLE, hours * 3600)
    budget.keep(asked[1], ordered=lambda: True)
    with pytest.raises(TooMany):
        budget.keep(asked[1], ordered=lambda: False)


def test_several_processes_share_a_rate_out() -> None:
    """Three of them allow together what one would; none of them nothing."""
    config = parse_config(written(smallest()), HERE)
    several = config.model_copy(update={"replicas": 3})
    narrow = Limits.configured(several, key=b"k" * 32, clock=FixedClock())

    assert narrow._client == Rate(interval_ns=1_500_000_000, burst=20)
    assert narrow._family == Rate(interval_ns=150_000_000, burst=133)
