"""Selectors: bound as the column writes them, wrong ones named and never echoed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.catalogue import Dataset, select_by


def test_a_good_selection(dataset: Dataset) -> None:
    """Values are bound in the catalogue's order and form, with their categories."""
    given = {"dob": "1990-01-02", "name": "Garcia, Ana"}

    selection = select_by(dataset, given, pointer="/subjects/0")

    assert selection.filters == (
        ("selectors.name", "GARCIA, ANA"),
        ("selectors.dob", "01/02/1990"),
    )
    assert selection.categories == {"name", "dob"}
    assert selection.mistakes == ()


@pytest.mark.parametrize(
    "given",
    [{"name": "Ana"}, {"dob": "1990-01-02"}, {}, {"number": "7"}],
)
def test_too_little(dataset: Dataset, given: Mapping[str, object]) -> None:
    """Less than one of the sets is refused, with the sets."""
    [mistake] = select_by(dataset, given, pointer="/subjects/3").mistakes

    assert mistake.path == "/subjects/3"
    assert mistake.advice == "give booking_number or dob with name"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("booking_number", "", "is not text"),
        ("booking_number", "   ", "is not text"),
        ("booking_number", 7, "is not text"),
        ("booking_number", None, "is not text"),
        ("booking_number", ["x"], "is not text"),
        ("booking_number", {"like": "%"}, "is not text"),
        ("booking_number", "x" * 101, "is longer than 100 characters"),
        ("name", "x" * 41, "is longer than 40 characters"),
        ("booking_number", "a\x00b", "holds characters that cannot be printed"),
        ("booking_number", "a\nb", "holds characters that cannot be printed"),
        ("booking_number", "\ud800", "holds characters that cannot be printed"),
        ("dob", "02/01/1990", "is not a day written YYYY-MM-DD"),
        ("dob", "1990-02-30", "is not a day written YYYY-MM-DD"),
        ("dob", "1990-W01-1", "is not a day written YYYY-MM-DD"),
        ("dob", "19900102", "is not a day written YYYY-MM-DD"),
        ("dob", 19900102, "is not a day written YYYY-MM-DD"),
        ("number", "1.5", "is not an integer of 64 bits"),
        ("number", "+7", "is not an integer of 64 bits"),
        ("number", "07", "is not an integer of 64 bits"),
        ("number", "\u0667", "is not an integer of 64 bits"),
        ("number", "9223372036854775808", "is not an integer of 64 bits"),
        ("number", 1.0, "is not an integer of 64 bits"),
        ("number", True, "is not an integer of 64 bits"),
    ],
    ids=repr,
)
def test_wrong_values(dataset: Dataset, name: str, value: object, problem: str) -> None:
    """Each is named by pointer, without the value."""
    given = {"booking_number": "B1", name: value}

    [mistake] = select_by(dataset, given, pointer="/subjects/0").mistakes

    assert (mistake.path, mistake.problem) == (f"/subjects/0/{name}", problem)


@pytest.mark.parametrize(
    ("value", "bound"),
    [("7", 7), ("-7", -7), ("0", 0), (7, 7), ("9" * 18, 10**18 - 1)],
    ids=repr,
)
def test_integers(dataset: Dataset, value: object, bound: int) -> None:
    """An integer may come as JSON's or as plain digits."""
    given = {"booking_number": "B1", "number": value}

    assert select_by(dataset, given).filters[1] == ("selectors.number", bound)


def test_unknown_selectors_are_not_echoed(dataset: Dataset) -> None:
    """A name that is not the catalogue's may be data: only what is near is told."""
    given = {"booking_number": "B1", "nam": "x", "Ana Garcia 1990": "x"}

    [mistake] = select_by(dataset, given, pointer="/subjects/0").mistakes

    assert mistake.problem == "2 unknown selector(s)"
    assert mistake.advice == "did you mean name?"
    assert "Ana" not in str(mistake)


def test_advice_without_a_near_word(dataset: Dataset) -> None:
    """Where nothing is near, all names are told."""
    given = {"booking_number": "B1", "zzzz": "x"}

    [mistake] = select_by(dataset, given).mistakes

    assert mistake.advice == "this dataset has booking_number, name, dob, number"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    given_value=st.text(st.characters(), min_size=4, max_size=30),
    name=st.sampled_from(["booking_number", "name", "dob", "number"]),
)
def test_no_value_is_echoed(dataset: Dataset, given_value: str, name: str) -> None:
    """Whatever is typed, it is bound whole or named without itself."""
    selection = select_by(dataset, {name: given_value}, pointer="")
    told = " ".join(f"{m.problem} {m.advice}" for m in selection.mistakes)

    if not re.search(re.escape(given_value), "give booking_number or dob with name"):
        assert given_value not in told
    for logical, value in selection.filters:
        assert logical == f"selectors.{name}"
        assert str(value) in {given_value, given_value.upper()} or name == "dob"


@pytest.mark.parametrize(
    ("old", "new", "given", "bound"),
    [
        ("case: upper", "case: lower", {"name": "Garcia"}, "garcia"),
        ("case: upper", "case: exact", {"name": "Garcia"}, "Garcia"),
        ("MM/DD/YYYY", "YYYYMMDD", {"dob": "1990-01-02"}, "19900102"),
        ("MM/DD/YYYY", "YYYY-MM-DD", {"dob": "1990-01-02"}, "1990-01-02"),
    ],
)
def test_as_the_column_writes_it(
    changed: Callable[..., Dataset],
    old: str,
    new: str,
    given: dict[str, str],
    bound: str,
) -> None:
    """Case and day format are the column's."""
    [(_, value)] = select_by(changed(old, new), given).filters

    assert value == bound
