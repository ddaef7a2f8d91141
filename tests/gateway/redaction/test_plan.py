"""A plan opens only what is plainly open; the rest is nowhere in it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.catalogue import Dataset
from gateway.redaction import Outcome, Plan, plan_for

ALL = (
    *("name", "released_on", "zip", "city", "notes", "draft", "parked", "roster"),
    "kept",
)
OPEN = {"name": "release", "release_date": "release", "zip": "release"}


def placed(plan: Plan) -> list[str]:
    """Return every field that has a place in a plan."""
    return [
        *(spec.name for spec in plan.read),
        *plan.nulls,
        *(name for name, _ in plan.pointers),
    ]


def test_everything_open(dataset: Dataset) -> None:
    """Each field ends in its place, in the catalogue's order."""
    plan = plan_for(dataset, fields=ALL[::-1], outcomes=OPEN)

    assert [spec.name for spec in plan.read] == ["name", "released_on", "zip"]
    assert plan.columns == ("fields.name", "fields.released_on", "fields.zip")
    assert plan.nulls == ("city",)
    assert plan.pointers == (("roster", "https://county.example/roster"),)
    assert set(ALL) - set(placed(plan)) == {"notes", "draft", "parked", "kept"}
    assert plan.releases


@pytest.mark.parametrize(
    ("field", "category"),
    [("name", "name"), ("city", "zip"), ("roster", "name")],
    ids=["value", "null", "pointer"],
)
def test_one_thing_of_any_sort_is_a_release(
    dataset: Dataset, field: str, category: str
) -> None:
    """A value, that a field is withheld as null, and a pointer: each is told."""
    plan = plan_for(dataset, fields=[field], outcomes={category: "release"})
    assert plan.releases


def test_nothing_decided(dataset: Dataset) -> None:
    """A category the policy did not speak of is withheld."""
    plan = plan_for(dataset, fields=ALL, outcomes={})

    assert placed(plan) == []
    assert plan.columns == ()
    assert not plan.releases


@pytest.mark.parametrize("word", ["", "RELEASE", "permit", "release ", "unknown"])
def test_an_outcome_nobody_knows(dataset: Dataset, word: str) -> None:
    """A word that is not an outcome withholds."""
    plan = plan_for(dataset, fields=["name"], outcomes={"name": word})

    assert placed(plan) == []


def test_only_named_fields(dataset: Dataset) -> None:
    """A field that was not asked for is nowhere, open or not."""
    plan = plan_for(dataset, fields=["zip"], outcomes=OPEN)

    assert plan.columns == ("fields.zip",)
    assert placed(plan) == ["zip"]


def test_a_field_that_is_not_there(dataset: Dataset) -> None:
    """An unknown name is neither an error nor a release."""
    plan = plan_for(dataset, fields=["zip", "ssn"], outcomes={**OPEN, "ssn": "release"})

    assert placed(plan) == ["zip"]
    assert plan.columns == ("fields.zip",)


def test_an_unclassified_field_has_no_category(dataset: Dataset) -> None:
    """No outcome for the empty category or the word unreviewed opens it."""
    outcomes = {"": "release", "unreviewed": "release", "None": "release"}
    plan = plan_for(dataset, fields=["draft", "parked"], outcomes=outcomes)

    assert placed(plan) == []
    assert not plan.releases


def test_waiting(dataset: Dataset) -> None:
    """What waits for a person is not read, nor shown as a null or a pointer."""
    plan = plan_for(dataset, fields=ALL, outcomes=dict.fromkeys(OPEN, "wait"))

    assert placed(plan) == []
    assert plan.columns == ()
    assert not plan.releases


def test_pointers(dataset: Dataset, with_page: Dataset) -> None:
    """A pointer reads nothing; without a page to point at, it withholds."""
    outcomes = {"name": "pointer", "zip": "pointer"}
    without = plan_for(dataset, fields=ALL, outcomes=outcomes)
    plan = plan_for(with_page, fields=ALL, outcomes=outcomes)

    assert without.pointers == (("roster", "https://county.example/roster"),)
    assert placed(without) == ["roster"]
    assert plan.columns == ()
    assert dict(plan.pointers) == {
        "name": "https://county.example/jail",
        "zip": "https://county.example/jail",
        "city": "https://county.example/jail",
        "roster": "https://county.example/roster",
    }


def test_equal_plans_are_one(dataset: Dataset) -> None:
    """Outcomes that lead to the same plan give the same object."""
    first = plan_for(dataset, fields=["zip"], outcomes=OPEN)
    second = plan_for(dataset, fields=("zip", "zip"), outcomes={"zip": "release"})
    other = plan_for(dataset, fields=["zip"], outcomes={"zip": "withhold"})

    assert first is second
    assert other is not first
    assert len({first, second, other}) == 2


def test_another_catalogue_makes_other_plans(
    dataset: Dataset, with_page: Dataset
) -> None:
    """After a reload nothing of the old catalogue is used."""
    first = plan_for(dataset, fields=["zip"], outcomes=OPEN)
    second = plan_for(with_page, fields=["zip"], outcomes=OPEN)

    assert first is not second


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.sets(st.sampled_from([*ALL, "ssn", ""])),
    outcomes=st.dictionaries(
        st.sampled_from(["name", "release_date", "zip", "unreviewed", "", "x"]),
        st.sampled_from([*Outcome, "permit", ""]),
    ),
)
def test_a_field_has_one_place_or_none(
    dataset: Dataset, fields: set[str], outcomes: dict[str, str]
) -> None:
    """No field twice, none that was not asked for, and one is read only if released."""
    plan = plan_for(dataset, fields=fields, outcomes=outcomes)
    places = placed(plan)

    assert len(places) == len(set(places))
    assert fields.issuperset(places)
    assert plan.columns == tuple(spec.logical for spec in plan.read)
    for spec in plan.read:
        assert spec.category is not None
        assert outcomes[spec.category] == "release"
        assert not spec.free_text
