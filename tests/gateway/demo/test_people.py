"""The synthetic county's people."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from gateway.demo.people import CAST, person

TODAY = dt.date(2026, 3, 1)


@given(st.integers(1, 100_000), st.integers(0, 2**32))
def test_same_seed_same_person(number: int, seed: int) -> None:
    """The same number, seed and day give the same person."""
    assert person(number, today=TODAY, seed=seed) == person(
        number, today=TODAY, seed=seed
    )


@given(st.integers(1, 100_000))
def test_people_are_plainly_synthetic(number: int) -> None:
    """Nobody could take a record for a real person's."""
    one = person(number, today=TODAY)

    assert one.name == f"Sample Person {number:03d}"
    assert one.phone.startswith("555-01")
    assert one.address.endswith("Exampleton")


@given(st.integers(1, 5_000))
def test_ages_follow_the_part(number: int) -> None:
    """Only those the story calls juvenile are minors, of those it names."""
    one = person(number, today=TODAY)
    years = (TODAY - one.born).days / 365.25

    if number in CAST:
        assert (years < 18) == one.traits.juvenile
    assert one.release > TODAY >= one.booked


def test_another_seed_is_another_county() -> None:
    """Seeds matter for the people the story is not about."""
    one = [person(number, today=TODAY, seed=1) for number in range(100, 120)]
    two = [person(number, today=TODAY, seed=2) for number in range(100, 120)]

    assert one != two


def test_the_cast_covers_each_legal_question() -> None:
    """Each trait the law looks at belongs to somebody the story can ask about."""
    traits = list(CAST.values())

    assert any(each.qualifying_conviction for each in traits)
    assert any(each.reduced_only for each in traits)
    assert any(each.held_to_answer for each in traits)
    assert any(each.on_public_roster for each in traits)
    assert any(each.juvenile for each in traits)
    assert any(each.sealed for each in traits)
    assert any(each.lawful_status_proved for each in traits)
    assert any(each.victim for each in traits)
    assert any(each.protected for each in traits)
    assert any(0 <= each.intel_age_days < 5 * 365 for each in traits)
    assert any(each.intel_age_days > 5 * 366 for each in traits)
    assert any(not any(_set(each)) for each in traits)


def _set(traits: object) -> list[object]:
    return [
        value
        for name in ("qualifying_conviction", "reduced_only", "held_to_answer")
        if (value := getattr(traits, name))
    ]
