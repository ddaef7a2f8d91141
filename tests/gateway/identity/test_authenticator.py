"""The attack table: every way in that RFC 8725, 9068 and 8705 name, tried once.

Each row names its clause and the reason word it must be refused with. A control row
that differs from the attacks only in being honest is accepted.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.errors import Unauthenticated
from gateway.identity import Authenticator, Reason, Registration, Requester
from tests.gateway.identity.attacks.binding import BINDING
from tests.gateway.identity.attacks.claims import CLAIMS
from tests.gateway.identity.attacks.header import HEADER
from tests.gateway.identity.attacks.signature import SIGNATURE
from tests.gateway.identity.attacks.table import Attack, Try, seconds
from tests.gateway.identity.signing import compact, thumbprint
from tests.gateway.identity.world import AGENCIES, World

ATTACKS = [*SIGNATURE.rows, *HEADER.rows, *CLAIMS.rows, *BINDING.rows]


@asynccontextmanager
async def running(world: World) -> AsyncIterator[Authenticator]:
    """An authenticator whose keys are kept."""
    async with asyncio.TaskGroup() as group, world.keys().refreshing(group) as keys:
        yield world.authenticator(keys)


async def asked(world: World, attempt: Try) -> Requester:
    """Ask a fresh authenticator once."""
    async with running(world) as authenticator:
        return await authenticator.authenticate(*attempt)


@pytest.mark.parametrize(
    "row", ATTACKS, ids=[f"{row.clause}: {row.what}" for row in ATTACKS]
)
async def test_every_attack_is_refused_by_name(row: Attack, world: World) -> None:
    """The attempt is refused, with the word that says which check refused it."""
    attempt = row.attempt(world)

    async with running(world) as authenticator:
        with pytest.raises(Unauthenticated) as refused:
            await authenticator.authenticate(*attempt)

    assert row.reason == refused.value.reason


def test_the_table_is_large_and_its_rows_differ() -> None:
    """At least forty rows, each said once, each with its clause."""
    names = [(row.clause, row.what) for row in ATTACKS]

    assert len(set(names)) == len(names) >= 40


async def test_control_an_honest_token_is_accepted(world: World) -> None:
    """The same token without an attack resolves to the agency's component."""
    requester = await asked(world, (world.token(), world.ice.der))

    assert requester.requester_class == "ice_ero"
    assert requester.registration is Registration.REGISTERED
    assert requester.person_named


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": seconds(-29), "iat": seconds(-600)},
        {"iat": seconds(30)},
        {"nbf": seconds(30)},
        {"exp": seconds(600)},
        {"aal": 2, "ial": 3, "sworn": True, "scope": "anything"},
    ],
)
async def test_control_the_other_side_of_each_limit(
    world: World, changes: dict[str, Any]
) -> None:
    """One second inside each limit is accepted; so are claims nobody asks for."""
    requester = await asked(world, (world.token(**changes), world.ice.der))

    assert requester.agency_id == "ice"


async def test_control_key_pointers_in_an_honest_header_are_not_followed(
    world: World,
) -> None:
    """A token with jku, x5u, x5c and jwk is judged as if they were not there."""
    header = world.header(
        jku="https://evil.example", x5u="https://evil.example", x5c=["MIIB"], jwk={}
    )
    token = compact(header, world.claims(), world.key.sign)

    requester = await asked(world, (token, world.ice.der))

    assert requester.agency_id == "ice"


async def test_control_the_long_form_of_the_type(world: World) -> None:
    """`application/at+jwt` is the same type (RFC 9068 section 2.1)."""
    header = world.header(typ="application/at+jwt")
    token = compact(header, world.claims(), world.key.sign)

    assert (await asked(world, (token, world.ice.der))).agency_id == "ice"


async def test_a_system_nobody_registered_is_unregistered_not_an_error(
    world: World,
) -> None:
    """A genuine token of an unknown system is a value that policy refuses by name."""
    token = world.token(client_id="somebody")

    requester = await asked(world, (token, world.ice.der))

    assert (requester.requester_class, requester.registration) == (
        "unregistered",
        Registration.CLIENT_UNKNOWN,
    )


async def test_revoking_a_certificate_works_on_the_next_request(world: World) -> None:
    """A certificate revoked in the registry is refused although results are cached."""
    token, der = world.token(), world.ice.der
    async with running(world) as authenticator:
        before = await authenticator.authenticate(token, der)
        digest = hashlib.sha256(der).hexdigest()
        line = f"    client_ca: ice\n    revoked_certificates: ['{digest}']\n"
        text = AGENCIES.replace("    client_ca: ice\n", line)
        authenticator.use(await asyncio.to_thread(world.registry, text))
        with pytest.raises(Unauthenticated) as refused:
            await authenticator.authenticate(token, der)
        with pytest.raises(Unauthenticated) as stopped:
            authenticator.again(before)

    assert refused.value.reason == Reason.CERTIFICATE_REVOKED
    assert stopped.value.reason == Reason.CERTIFICATE_REVOKED


async def test_a_cached_token_still_expires(world: World) -> None:
    """Time is judged at each use: a token believed a moment ago expires on time."""
    token = world.token(iat=seconds(-580), exp=seconds(20))
    async with running(world) as authenticator:
        await authenticator.authenticate(token, world.ice.der)
        world.clock.pass_s(49)
        inside = await authenticator.authenticate(token, world.ice.der)
        world.clock.pass_s(1)
        with pytest.raises(Unauthenticated) as refused:
            await authenticator.authenticate(token, world.ice.der)

    assert inside.agency_id == "ice"
    assert refused.value.reason == Reason.EXPIRED


async def test_a_second_look_sees_an_agreement_end(world: World) -> None:
    """`again` resolves the same requester at the new moment."""
    token = world.token(
        client_id="sheriff-system",
        employer_ori="IL0990000",
        cnf={"x5t#S256": thumbprint(world.sheriff.der)},
    )
    async with running(world) as authenticator:
        first = await authenticator.authenticate(token, world.sheriff.der)
        same = authenticator.again(first)
        world.clock.pass_s(365 * 86_400)
        later = authenticator.again(first)

    assert (first.agreement, later.agreement) == ("in_force", "expired")
    assert first == same != later
