"""Who plays."""

from __future__ import annotations

import re

from gateway.demo.cast import AUTHORITIES, REQUESTERS


def test_everybody_has_an_authority_and_a_person() -> None:
    """Each system is of one agency, and a person other than it answers for it."""
    assert {player.authority for player in REQUESTERS.values()} == set(AUTHORITIES)
    assert all(player.person != player.client_id for player in REQUESTERS.values())


def test_agency_numbers_are_plainly_synthetic() -> None:
    """Agency identifiers have the right form and begin with DEMO."""
    numbers = {
        str(value) for player in REQUESTERS.values() for value in player.claims.values()
    }

    assert numbers
    assert all(re.fullmatch(r"DEMO[A-Z0-9]{5}", number) for number in numbers)


def test_the_deputy_has_two_employers_numbers() -> None:
    """The neighbour pays, ICE assigns: the token says both."""
    deputy = REQUESTERS["deputy-287g"]

    assert deputy.authority == REQUESTERS["neighbour-sheriff"].authority
    assert (
        deputy.claims["assignment_ori"] == REQUESTERS["ice-ero"].claims["employer_ori"]
    )
