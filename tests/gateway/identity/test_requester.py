"""The requester as a value, and the facts that policy sees of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.identity import Requester, facts_of, person_digest
from tests.gateway.identity.signing import thumbprint
from tests.gateway.identity.world import AGENCIES, NOW_MS, World

PINNED = "003970cc8c7326f0b16156afd5fb92eab7c15e0d32278ffbc1ccbcebc470244a"


def test_a_person_is_a_digest_of_issuer_and_subject() -> None:
    """Pinned, because registries list it; another issuer's subject is somebody else."""
    digest = person_digest("https://issuer.example", "deputy-9")

    assert digest == PINNED
    assert digest != person_digest("https://other.example", "deputy-9")
    assert digest != person_digest("https://issuer.example", "deputy-90")


async def test_facts_hold_words_and_numbers_and_no_ids(world: World) -> None:
    """All that policy may know; what was not said is left out, so it is unknown."""
    requester = await _sheriff(world, aal=2, sworn=True, ncic_certified=False)

    assert facts_of(requester) == {
        "acting_under": "own",
        "agreement": "in_force",
        "certification.dmv_access": "expired",
        "certification.no_immigration_use": "none",
        "certification.part23": "in_force",
        "aal": 2,
        "person_named": True,
        "person_sworn": True,
        "person_ncic_certified": False,
        "registration": "registered",
    }


async def test_facts_that_the_vocabulary_does_not_have_are_left_out(
    world: World,
) -> None:
    """No rule can ask for them, so the question does not carry them."""
    requester = await _sheriff(world, aal=2)

    assert facts_of(requester, known={"aal", "agreement", "purpose"}) == {
        "aal": 2,
        "agreement": "in_force",
    }


async def test_what_the_registry_states_is_a_fact(world: World) -> None:
    """Of the component, and under an assignment of that instead."""
    own = "class: local_le, oris"
    text = AGENCIES.replace(own, own.replace(",", ", facts: {database_user: true},"))
    text = text.rstrip() + "\n    facts: {task_force_primary_immigration: false}\n"
    registry = await asyncio.to_thread(world.registry, text)
    office = await _sheriff(world)
    certificate = office.certificate_sha256
    again = registry.resolve(office.claims, certificate, NOW_MS)
    assert facts_of(again) == {**facts_of(office), "database_user": True}
    claims = replace(office.claims, assignment_ori="DCFBI00T0")
    facts = facts_of(registry.resolve(claims, certificate, NOW_MS))
    assert facts["task_force_primary_immigration"] is False
    assert "database_user" not in facts


async def test_the_token_is_not_shown_with_the_requester(world: World) -> None:
    """A requester in a log line or a trace shows no subject and no token id."""
    shown = repr(await _sheriff(world))

    assert "deputy-1" not in shown
    assert "token-1" not in shown


@pytest.mark.parametrize(
    ("agreed", "said", "level"),
    [(2, 3, 2), (2, 1, 1), (2, 2, 2), (2, ..., 2), (0, 3, 3)],
)
async def test_a_level_agreed_by_contract_stands_in_and_is_the_most(
    world: World, agreed: int, said: object, level: int
) -> None:
    """A silent token has the agreed level; a token may say less and not more."""
    keys = world.keys(world.rules(assurance_aal=agreed))
    async with world.kept(keys) as kept:
        requester = await world.authenticator(kept).authenticate(
            world.token(aal=said), world.ice.der
        )

    assert (0, level) == (requester.ial, requester.aal)


@pytest.mark.parametrize("level", [1, 2, 3])
async def test_an_asserted_level_is_taken_as_said(world: World, level: int) -> None:
    """Each level 1 to 3 arrives as itself."""
    requester = await _sheriff(world, ial=level)

    assert level == facts_of(requester)["ial"]


async def _sheriff(world: World, **changes: object) -> Requester:
    """A deputy of the sheriff, through the whole authenticator."""
    token = world.token(
        client_id="sheriff-system",
        sub="deputy-1",
        employer_ori="IL0990000",
        cnf={"x5t#S256": thumbprint(world.sheriff.der)},
        **changes,
    )
    async with world.kept() as keys:
        return await world.authenticator(keys).authenticate(token, world.sheriff.der)
