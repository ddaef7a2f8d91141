"""Assignments: whoever the registry lends to another agency, while it lasts."""

from __future__ import annotations

import pytest

from gateway.identity import UNREGISTERED, ActingUnder, AgencyRegistry, Registration
from tests.gateway.identity.placed import LISTED, SHERIFF, at, resolved
from tests.gateway.identity.world import AGENCIES, World


def test_a_deputy_with_a_federal_assignment_is_what_the_assignment_says(
    registry: AgencyRegistry,
) -> None:
    """Employer local, assignment federal: class and family are the assignment's."""
    found = resolved(
        registry, **SHERIFF, subject="deputy-9", assignment_ori="DCICE00E0"
    )

    assert (
        found.requester_class,
        found.acting_under,
    ) == ("local_le_287g_jem", ActingUnder.FEDERAL_287G)
    assert {"dhs_immigration", "state_local"} == found.families
    assert {"sheriff", "ice"} == found.agencies
    assert (found.employer_ori, found.assignment_ori) == ("IL0990000", "DCICE00E0")


@pytest.mark.parametrize("said", ["", "IL0990000"])
def test_leaving_the_assignment_out_does_not_undo_it(
    registry: AgencyRegistry, said: str
) -> None:
    """A listed deputy is federal also with no ORI or with the sheriff's own."""
    found = resolved(registry, **SHERIFF, subject="deputy-9", assignment_ori=said)

    assert found.requester_class == "local_le_287g_jem"
    assert found.assignment_ori == "DCICE00E0"


@pytest.mark.parametrize(
    ("subject", "ori", "registration"),
    [
        ("deputy-1", "DCICE00E0", Registration.ASSIGNMENT_UNKNOWN),
        ("deputy-1", "DCDEA0000", Registration.ASSIGNMENT_UNKNOWN),
        ("deputy-1", "DCFBI00T0", Registration.REGISTERED),
    ],
)
def test_an_assignment_that_is_not_on_file_places_nobody(
    registry: AgencyRegistry, subject: str, ori: str, registration: Registration
) -> None:
    """A claimed federal ORI neither makes federal nor leaves local: unregistered."""
    found = resolved(registry, **SHERIFF, subject=subject, assignment_ori=ori)

    assert registration == found.registration
    assert (registration is not Registration.REGISTERED) == (
        found.requester_class == UNREGISTERED
    )


def test_an_assignment_of_another_agency_is_none_of_ours(
    registry: AgencyRegistry,
) -> None:
    """The sheriff's assignment does not serve a system of ICE."""
    found = resolved(registry, assignment_ori="DCFBI00T0")

    assert found.registration is Registration.ASSIGNMENT_UNKNOWN


def test_two_assignments_at_once_need_the_token_to_say_which(
    world_once: World,
) -> None:
    """Somebody listed twice is nobody until the token names one assignment."""
    second = LISTED.replace("jail-model", "other").replace("DCICE00E0", "DCICE00H0")
    registry = world_once.registry(AGENCIES + LISTED + second)

    both = resolved(registry, **SHERIFF, subject="deputy-9")
    one = resolved(registry, **SHERIFF, subject="deputy-9", assignment_ori="DCICE00H0")

    assert both.registration is Registration.ASSIGNMENT_AMBIGUOUS
    assert (
        one.requester_class,
        one.assignment_ori,
    ) == ("local_le_287g_jem", "DCICE00H0")


@pytest.mark.parametrize(
    ("now", "said", "registration", "requester_class"),
    [
        ("2025-12-31T23:59:59", "DCICE00E0", "assignment_expired", UNREGISTERED),
        ("2026-01-01T00:00:00", "DCICE00E0", "registered", "local_le_287g_jem"),
        ("2026-12-31T23:59:59", "DCICE00E0", "registered", "local_le_287g_jem"),
        ("2027-01-01T00:00:00", "DCICE00E0", "assignment_expired", UNREGISTERED),
        ("2026-12-31T23:59:59", "", "registered", "local_le_287g_jem"),
        ("2027-01-01T00:00:00", "", "registered", "local_le"),
    ],
)
def test_an_assignment_ends_at_midnight_of_the_jurisdiction(
    registry: AgencyRegistry,
    now: str,
    said: str,
    registration: str,
    requester_class: str,
) -> None:
    """Both sides of its first and last midnight, with and without the ORI."""
    found = resolved(
        registry, at(now), **SHERIFF, subject="deputy-9", assignment_ori=said
    )

    assert (registration, requester_class) == (
        found.registration,
        found.requester_class,
    )
