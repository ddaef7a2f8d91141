"""The parameters of an obligation: each of its kind, and a day that there is."""

from __future__ import annotations

import pytest

from gateway.policy.parameters import wrong

KINDS = {
    "form": "code",
    "hours": "integer",
    "promptly": "boolean",
    "languages": "list",
    "by": "day",
    "month": "integer",
    "day": "integer",
}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"form": "writing", "hours": 0, "promptly": False, "languages": []},
        {"by": "2026-12-01"},
        {"month": 2, "day": 29},
        {"month": 12},
        {"unheard_of": object()},
    ],
)
def test_what_is_of_its_kind_is_right(given: dict[str, object]) -> None:
    """A day of a leap year is one; a name that nobody knows is said elsewhere."""
    assert [*wrong(given, KINDS)] == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("form", 1, "form must be a word"),
        ("hours", "soon", "hours must be a whole number, 0 or more"),
        ("hours", -1, "hours must be a whole number, 0 or more"),
        ("hours", True, "hours must be a whole number, 0 or more"),
        ("promptly", 1, "promptly must be true or false"),
        ("languages", "en", "languages must be a list"),
        ("by", "2026-02-30", "by must be a day, YYYY-MM-DD"),
        ("by", "20261201", "by must be a day, YYYY-MM-DD"),
        ("by", "soon", "by must be a day, YYYY-MM-DD"),
    ],
)
def test_another_kind_is_named(name: str, value: object, said: str) -> None:
    """One sentence, with what it must be."""
    assert [*wrong({name: value}, KINDS)] == [said]


@pytest.mark.parametrize(("month", "day"), [(2, 30), (13, 1), (0, 1), (6, 0), (6, 31)])
def test_a_day_no_year_has_is_named(month: int, day: int) -> None:
    """A clock that can't be counted is a mistake of the rule, not of a request."""
    given = {"month": month, "day": day}
    assert [*wrong(given, KINDS)] == [
        f"month {month} and day {day} are no day of a year"
    ]


def test_every_mistake_is_named() -> None:
    """Not only the first."""
    assert len([*wrong({"form": 1, "hours": "x", "by": ""}, KINDS)]) == 3
