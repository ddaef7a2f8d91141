"""A plan opens only what is plainly open, and names the rest."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.catalogue import Dataset
from gateway.redaction import Outcome, Why, plan_for

ALL = (
    *("name", "released_on", "zip", "city", "notes", "draft", "parked", "roster"),
    "kept",
)
OPEN = {"name": "release", "release_date": "release", "zip": "release"}


def test_everything_open(dataset: Dataset) -> None:
    """Each field ends in its place, in the catalogue's order."""
    plan = plan_for(dataset, fields=ALL[::-1], outcomes=OPEN)

    assert [spec.name for spec in plan.read] == ["name", "released_on", "zip"]
    assert plan.columns == ("fields.name", "fields.released_on", "fields.zip")
    assert plan.nulls == ("city",)
    assert plan.pointers == (("roster", "https://county.example/roster"),)
    assert plan.waiting == ()
    assert plan.withheld == (
        ("notes", Why.FREE_TEXT),
        ("draft", Why.UNCLASSIFIED),
        ("parked", Why.UNCLASSIFIED),
        ("kept", Why.CATALOGUE),
    )
    assert plan.releases


def test_nothing_decided(dataset: Dataset) -> None:
    """A category the policy did not speak of is withheld."""
    plan = plan_for(dataset, fields=ALL, outcomes={})

    assert plan.columns == ()
    assert not plan.releases
    assert dict(plan.withheld)["name"] is Why.POLICY


@pytest.mark.parametrize("word", ["", "RELEASE", "permit", "release ", "unknown"])
def test_an_outcome_nobody_knows(dataset: Dataset, word: str) -> None:
    """A word that is not an outcome withholds."""
    plan = plan_for(dataset, fields=["name"], outcomes={"name": word})

    assert plan.withheld == (("name", Why.POLICY),)


def test_only_named_fields(dataset: Dataset) -> None:
    """A field that was not asked for is nowhere, open or not."""
    plan = plan_for(dataset, fields=["zip"], outcomes=OPEN)

    assert plan.columns == ("fields.zip",)
    assert not any((plan.withheld, plan.waiting, plan.nulls, plan.pointers))


def test_a_field_that_is_not_there(dataset: Dataset) -> None:
    """An unknown name is withheld by name, not an error and not a release."""
    plan = plan_for(dataset, fields=["zip", "ssn"], outcomes={**OPEN, "ssn": "release"})

    assert plan.withheld == (("ssn", Why.UNKNOWN_FIELD),)
    assert plan.columns == ("fields.zip",)


def test_an_unclassified_field_has_no_category(dataset: Dataset) -> None:
    """No outcome for the empty category or the word unreviewed opens it."""
    outcomes = {"": "release", "unreviewed": "release", "None": "release"}
    plan = plan_for(dataset, fields=["draft", "parked"], outcomes=outcomes)

    assert not plan.releases
    assert {why for _, why in plan.withheld} == {Why.UNCLASSIFIED}


def test_waiting(dataset: Dataset) -> None:
    """What waits is not read; what the catalogue keeps back does not even wait."""
    plan = plan_for(dataset, fields=ALL, outcomes=dict.fromkeys(OPEN, "wait"))

    assert plan.columns == ()
    assert plan.waiting == ("name", "released_on", "zip", "city", "roster")
    assert dict(plan.withheld)["notes"] is Why.FREE_TEXT
    assert not plan.releases


def test_pointers(dataset: Dataset, with_page: Dataset) -> None:
    """A pointer reads nothing; without a page to point at, it withholds."""
    outcomes = {"name": "pointer", "zip": "pointer"}
    without = plan_for(dataset, fields=ALL, outcomes=outcomes)
    plan = plan_for(with_page, fields=ALL, outcomes=outcomes)

    assert without.pointers == (("roster", "https://county.example/roster"),)
    assert dict(without.withheld)["name"] is Why.NO_PUBLIC_PAGE
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
def test_every_field_has_one_place(
    dataset: Dataset, fields: set[str], outcomes: dict[str, str]
) -> None:
    """Each named field is in exactly one place, and read only if released."""
    plan = plan_for(dataset, fields=fields, outcomes=outcomes)
    places = [
        *(spec.name for spec in plan.read),
        *plan.nulls,
        *(name for name, _ in plan.pointers),
        *plan.waiting,
        *(name for name, _ in plan.withheld),
    ]

    assert sorted(places) == sorted(fields)
    for spec in plan.read:
        assert spec.category is not None
        assert outcomes[spec.category] == "release"
        assert not spec.free_text
