"""What must never come out: an invariant that is broken is shown, and only that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.policy.prove.breaches import broken, shown
from tests.gateway.policy.prove.laws import CONVICTED, bundle_of, never
from tests.gateway.policy.small import REVEALS, rule


def test_an_invariant_that_is_broken_is_shown(tmp_path: Path) -> None:
    """With the smallest question: who, what, and the one fact that does it."""
    law = rule(
        "st.open", effect="permit", when=[CONVICTED], reveals=REVEALS, layer="state"
    )
    aside = rule(
        "st.aside",
        layer="record_bar",
        reach={"datasets": ["cars"]},
        reveals=REVEALS,
        when=[{"fact": "validated_on", "before": "2020-01-01"}],
    )
    where = {"families": ["fed"], "kinds": ["read"], "datasets": ["jail"]}
    wrong = never(where=where, never={"effects": ["permit"]})
    bundle = bundle_of(tmp_path, law, aside, invariants=[wrong])
    proof = broken(bundle)["never.one"]
    assert (proof.says, proof.citation) == ("It never comes out.", "Law that says so")
    (example,) = proof.broken_by
    (case,) = example.cases
    assert shown(bundle, case) == "release"
    assert case["facts"] == {"convicted": True}
    assert case["request"] == {
        "kinds": ["read"],
        "categories": ["date"],
        "purpose": "civil",
    }


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        ({"fact": "sealed", "is": True}, True),
        ({"fact": "sealed", "is": False}, False),
        ({"fact": "sealed", "is": "unknown"}, True),
        ({"fact": "sealed", "known": True}, False),
        ({"fact": "validated_on", "is": "unknown"}, True),
        ({"fact": "validated_on", "before_years": 5}, True),
        ({"fact": "validated_on", "within_years": 5}, False),
        ({"fact": "agreement", "in": ["none"]}, False),
        ({"paper": ["warrant"], "state": "confirmed"}, False),
        ({"no_paper": ["detainer"], "state": "any"}, False),
        ({"day": {"from": "2026-01-01"}}, False),
        ({"day": {"until": "2020-01-01"}}, True),
    ],
)
def test_what_is_given_bounds_an_invariant(
    tmp_path: Path,
    given: Mapping[str, Any],
    holds: bool,  # noqa: FBT001 - a table's column
) -> None:
    """It is broken only where what is given can hold beside what opens."""
    law = rule(
        "st.open",
        effect="permit",
        effective={"from": "2021-01-01"},
        reveals=REVEALS,
        when=[
            {"fact": "sealed", "is": False},
            {"fact": "validated_on", "within_years": 5},
        ],
    )
    wrong = never(given=[given], never={"outcomes": ["release"]})
    bundle = bundle_of(tmp_path, law, invariants=[wrong])
    assert ("never.one" not in broken(bundle)) == holds


def test_a_fact_that_no_rule_looks_at_is_told_apart_too(
    tmp_path: Path,
) -> None:
    """An invariant may name facts and papers of which no rule speaks."""
    given = [
        {"fact": "level", "at_least": 2},
        {"fact": "need", "is": "unknown"},
        {"paper": ["detainer"], "state": "any"},
    ]
    wrong = never(
        given=given, never={"outcomes": ["release"]}, where={"use": ["match"]}
    )
    law = rule("st.match", effect="permit", reach={"use": ["match"]})
    bundle = bundle_of(tmp_path, law, invariants=[wrong])
    (case,) = broken(bundle)["never.one"].broken_by[0].cases
    assert case["request"]["level"] >= 2
    assert case["papers"][0]["type"] == "detainer"
    assert "expect" not in case  # a case file expects nothing of how a record is found
    assert case["request"]["match"]
    assert case["request"]["subjects_given"] is False


def test_a_kind_without_fields_and_any_day_are_shown(tmp_path: Path) -> None:
    """A day that need only be known is some day, a number some number."""
    law = rule(
        "st.hold",
        effect="permit",
        reach={"kinds": ["hold"]},
        reveals=REVEALS,
        when=[
            {"fact": "validated_on", "known": True},
            {"fact": "level", "known": True},
        ],
    )
    given = [{"fact": "level", "known": True}]
    wrong = never(where={"kinds": ["hold"]}, given=given, never={"effects": ["permit"]})
    bundle = bundle_of(tmp_path, law, invariants=[wrong])
    (case,) = broken(bundle)["never.one"].broken_by[0].cases
    assert shown(bundle, case) == "release"
    assert case["facts"] == {"validated_on": "1900-01-01"}
    assert case["request"]["kinds"] == ["hold"]
    assert "categories" not in case["request"]


def test_that_there_is_a_record_is_shown_of_any_kind(tmp_path: Path) -> None:
    """Also of one without fields."""
    law = rule("st.tells", effect="permit", reach={"categories": ["record_exists"]})
    where = {"kinds": ["hold"], "categories": ["record_exists"]}
    wrong = never(where=where, never={"outcomes": ["release"]})
    bundle = bundle_of(tmp_path, law, invariants=[wrong])
    (case,) = broken(bundle)["never.one"].broken_by[0].cases
    assert case["request"]["categories"] == ["record_exists"]
    assert case["expect"]["outcome"] == {"record_exists": "release"}
