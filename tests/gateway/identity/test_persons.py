"""A person as a selector names them: compared loosely, told apart by their parts."""

from __future__ import annotations

import pytest

from gateway.identity.persons import DIGEST_BYTES, parts_of, person_of, way_of

KEY = b"k" * 32
WORDS = {"name": "name", "born": "dob", "dob": "dob", "zip": "zip5"}


def digests(**selectors: object) -> tuple[bytes, tuple[bytes, ...]]:
    """Return the digests of one person's selectors."""
    return person_of(parts_of(selectors, WORDS), KEY)


@pytest.mark.parametrize(
    "other",
    ["doe, jose", "DOE, JOSÉ", " Doe,  José ", "Doe, Jose\u0301", "Doe, Jo\u017fé"],
    ids=["case", "capitals", "spaces", "accent", "long s"],
)
def test_writing_a_name_otherwise_is_the_same_person(other: str) -> None:
    """A database may compare loosely: a variant must not buy another guess."""
    name = "Doe, José"

    assert digests(name=other, dob="1980-01-01") == digests(name=name, dob="1980-01-01")


def test_letters_of_one_capital_are_one_letter() -> None:
    """A column that is written in capitals is asked for the same value by both."""
    assert "\u0131".upper() == "i".upper()
    assert digests(name="M\u0131ller", dob="1") == digests(name="Miller", dob="1")


def test_two_selectors_of_one_category_are_told_apart() -> None:
    """First and last name the other way round are somebody else."""
    words = {"first": "name", "last": "name"}

    def named(first: str, last: str) -> object:
        return person_of(parts_of({"first": first, "last": last}, words), KEY)

    assert named("A", "B") != named("B", "A")
    assert named("A", "B") == named("a", "b")


def test_the_catalogues_own_words_do_not_tell_people_apart() -> None:
    """Two datasets that call the birth date otherwise mean the same person."""
    assert digests(name="A", born="1980-01-01") == digests(name="A", dob="1980-01-01")


def test_other_values_are_other_people() -> None:
    """Another value, or the same value of another category, is somebody else."""
    found = [
        digests(name="A", dob="1980-01-01"),
        digests(name="A", dob="1980-01-02"),
        digests(name="A", zip="1980-01-01"),
        digests(name="A"),
        digests(dob="A"),
    ]

    assert len({whole for whole, _ in found}) == len(found)


def test_only_the_rest_stays_while_one_part_is_tried() -> None:
    """Two birth dates of one name share the rest without a date, and no other."""
    _, first = digests(name="A", dob="1980-01-01")
    _, second = digests(name="A", dob="1980-01-02")
    # Parts are sorted by category: without dob, without name.
    assert first[0] == second[0]
    assert first[1] != second[1]


def test_what_is_left_out_has_a_name() -> None:
    """A name tried with dates and the same name tried with ZIPs are two rests."""
    _, dated = digests(name="A", dob="1980-01-01")
    _, placed = digests(name="A", zip="60601")

    assert set(dated).isdisjoint(placed)


def test_one_part_alone_has_no_rest() -> None:
    """A number that stands for itself is bounded by how many people are asked for."""
    assert digests(name="A")[1] == ()


def test_numbers_and_their_text_are_the_same() -> None:
    """A selector of whole numbers may be written either way."""
    assert digests(zip=60601) == digests(zip="60601")


def test_a_name_that_no_dataset_has_is_not_an_error_here() -> None:
    """It is named as a mistake by who reads the request."""
    assert len(digests(colour="red")[0]) == DIGEST_BYTES


def test_without_the_key_nothing_can_be_tried() -> None:
    """Digests under another key are others, of people and of ways."""
    parts = parts_of({"name": "A", "dob": "1980-01-01"}, WORDS)
    other = b"l" * 32

    assert person_of(parts, KEY).whole != person_of(parts, other).whole
    assert way_of(["a", "", "api"], KEY) != way_of(["a", "", "api"], other)
    assert way_of(["a", "b", ""], KEY) != way_of(["a", "", "b"], KEY)
