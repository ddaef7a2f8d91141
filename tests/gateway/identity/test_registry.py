"""The registry: systems and their ORIs, persons, agreements, and who nobody is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity import (
    UNREGISTERED,
    ActingUnder,
    AgencyRegistry,
    Agreement,
    Registration,
    facts_of,
    person_digest,
)
from tests.gateway.identity.placed import LISTED, SHERIFF, at, resolved
from tests.gateway.identity.world import AGENCIES, FAMILIES, ISSUER, World


def test_a_system_of_one_component(registry: AgencyRegistry) -> None:
    """The registry says class, family, component, whose CA; the token only points."""
    found = resolved(registry, employer_ori="DCICE00E0")

    assert (
        found.agency_id,
        found.component,
        found.requester_class,
        found.family,
    ) == ("ice", "ero", "ice_ero", "dhs_immigration")
    assert found.acting_under is ActingUnder.OWN
    assert found.registration is Registration.REGISTERED
    assert person_digest(ISSUER, "person-17") == found.person
    rules = registry.client(ISSUER, "ice-ero-system")
    assert rules is not None
    assert rules.client_ca == "ice"


def test_the_agencies_there_are(registry: AgencyRegistry) -> None:
    """Their ids, for whoever checks a word that names one."""
    assert {"ice", "sheriff"} == set(registry.agencies)


@pytest.mark.parametrize(
    ("client_id", "ori", "component", "registration"),
    [
        ("ice-ero-system", "", "ero", Registration.REGISTERED),
        ("ice-ero-system", "DCICE00H0", "", Registration.ORI_MISMATCH),
        ("ice-ero-system", "IL0990000", "", Registration.ORI_MISMATCH),
        ("ice-ero-system", "XX0000000", "", Registration.ORI_MISMATCH),
        ("ice-any-system", "DCICE00H0", "hsi", Registration.REGISTERED),
        ("ice-any-system", "DCICE00E0", "ero", Registration.REGISTERED),
        ("ice-any-system", "", "", Registration.COMPONENT_UNKNOWN),
        ("sheriff-system", "", "office", Registration.REGISTERED),
        ("nobody", "DCICE00E0", "", Registration.CLIENT_UNKNOWN),
    ],
)
def test_the_employers_ori_must_be_the_systems(
    registry: AgencyRegistry,
    client_id: str,
    ori: str,
    component: str,
    registration: Registration,
) -> None:
    """An ORI of another component or agency is a mismatch, not that one's name."""
    found = resolved(registry, client_id=client_id, employer_ori=ori)

    assert (component, registration) == (found.component, found.registration)
    placed = registration is Registration.REGISTERED
    assert placed == (found.requester_class != UNREGISTERED)
    assert placed == (found.agency_id != UNREGISTERED)


@pytest.mark.parametrize(
    ("client_id", "subject", "named"),
    [
        ("sheriff-system", "deputy-1", True),
        ("sheriff-system", "sheriff-system", False),
        ("sheriff-system", "nightly-batch", False),
        ("sheriff-batch", "deputy-1", False),
    ],
)
def test_a_system_alone_is_no_person(
    registry: AgencyRegistry, client_id: str, subject: str, *, named: bool
) -> None:
    """`sub` = the client, a listed machine, or a batch system: nobody is named."""
    found = resolved(registry, client_id=client_id, subject=subject)

    assert named == found.person_named
    assert subject not in found.person


@pytest.mark.parametrize(
    ("now", "agreement"),
    [
        ("2025-12-31T23:59:59", Agreement.NONE),
        ("2026-01-01T00:00:00", Agreement.IN_FORCE),
        ("2026-12-31T23:59:59", Agreement.IN_FORCE),
        ("2027-01-01T00:00:00", Agreement.EXPIRED),
    ],
)
def test_an_agreement_is_looked_at_at_the_time_of_asking(
    registry: AgencyRegistry, now: str, agreement: Agreement
) -> None:
    """Midnight is midnight in the county, not in Greenwich."""
    assert agreement == resolved(registry, at(now), **SHERIFF).agreement


def test_agreements_are_a_components_own(registry: AgencyRegistry) -> None:
    """An agreement of one component is none for the other; an ended one is told."""
    hsi = resolved(registry, client_id="ice-any-system", employer_ori="DCICE00H0")
    ero = resolved(registry, client_id="ice-any-system", employer_ori="DCICE00E0")

    assert (hsi.agreement, ero.agreement) == (Agreement.EXPIRED, Agreement.NONE)


def test_certifications_by_code(registry: AgencyRegistry) -> None:
    """In force, ended and not begun yet are three states."""
    found = resolved(registry, **SHERIFF)

    assert found.certifications == {
        "part23": "in_force",
        "dmv_access": "expired",
        "no_immigration_use": "none",
    }


def test_the_unregistered_carry_nothing_but_what_the_token_said(
    registry: AgencyRegistry,
) -> None:
    """No agency, family, person, agreement: every one the word that no rule opens."""
    found = resolved(registry, client_id="nobody", aal=3)

    assert {UNREGISTERED} == found.families == found.agencies
    assert (
        found.person_named,
        found.agreement,
        found.certifications,
    ) == (False, Agreement.NONE, {})


TEXTS = st.sampled_from(
    [
        "ice-ero-system",
        "ice-any-system",
        "sheriff-system",
        "sheriff-batch",
        "nobody",
        "deputy-9",
        "person-17",
        "nightly-batch",
    ]
)
ORIS = st.sampled_from(
    ["", "DCICE00E0", "DCICE00H0", "IL0990000", "DCFBI00T0", "XX0000000"]
)


@given(
    client_id=TEXTS,
    subject=TEXTS,
    employer=ORIS,
    assignment=ORIS,
    now_ms=st.integers(at("2023-01-01T00:00:00"), at("2029-01-01T00:00:00")),
)
def test_whatever_a_token_says_the_registry_alone_places(
    registry: AgencyRegistry,
    *,
    client_id: str,
    subject: str,
    employer: str,
    assignment: str,
    now_ms: int,
) -> None:
    """Never an exception; placed wholly or not at all; only words that exist."""
    found = resolved(
        registry,
        now_ms,
        client_id=client_id,
        subject=subject,
        employer_ori=employer,
        assignment_ori=assignment,
    )

    placed = found.registration is Registration.REGISTERED
    assert placed == (found.requester_class != UNREGISTERED)
    assert placed == (UNREGISTERED not in found.families | found.agencies)
    assert FAMILIES[found.requester_class] == found.family
    federal = found.family != found.home_family
    assert federal == bool(found.assigned_to)
    assert federal == (found.acting_under is not ActingUnder.OWN)
    if subject == "deputy-9" and placed and client_id == "sheriff-system":
        in_force = at("2026-01-01T00:00:00") <= now_ms < at("2027-01-01T00:00:00")
        assert in_force == federal
    facts = facts_of(found)
    assert not {employer, assignment, subject, client_id} & {
        value for value in facts.values() if isinstance(value, str) and value
    }


def test_who_is_remembered_is_who_would_be_found_anew(world_once: World) -> None:
    """On both sides of every beginning and end, forwards and back."""
    asked = world_once.registry(AGENCIES + LISTED)
    moments = [
        moment + step
        for day in ("2025-12-31", "2026-01-01", "2026-07-01", "2027-01-01")
        for moment in (at(f"{day}T00:00:00"),)
        for step in (-1, 0, 1)
    ]
    for moment in [*moments, *reversed(moments)]:
        for changes in ({}, SHERIFF):
            fresh = world_once.registry(AGENCIES + LISTED)
            found = resolved(asked, moment, **changes)
            assert found == resolved(fresh, moment, **changes)
            assert resolved(asked, moment, **changes) is found


def test_few_are_remembered(
    registry: AgencyRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream of tokens fills no memory."""
    monkeypatch.setattr("gateway.identity.registry.MOST_KEPT", 3)
    for number in range(10):
        resolved(registry, token_id=f"token-{number}")
    assert len(registry._placed) <= 3
