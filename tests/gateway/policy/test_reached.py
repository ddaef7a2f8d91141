"""What a rule takes in, and what it leaves out though it names its kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.policy.law import Reach
from gateway.policy.reached import Triple, reached
from tests.gateway.policy.small import library, rule


def taken(tmp_path: Path, **reach: Any) -> set[Triple]:  # noqa: ANN401  # as written in a rule
    """Return what a rule takes in."""
    made = library(tmp_path, rules={"st": [rule("st.a", reach=reach)]})
    (one,) = made.rules(made.chosen(["st"], None))
    found: Reach = one.reach
    return {*reached(found, made.vocabulary)}


def test_what_is_barred_is_left_out(tmp_path: Path) -> None:
    """A category that a rule excepts is not taken in; its neighbours are."""
    kinds = {"kinds": ["read"], "use": ["release"]}
    every = taken(tmp_path / "a", **kinds)
    some = taken(tmp_path / "b", **kinds, not_categories=["home"])
    assert every - some == {("read", "release", "home")}
    assert some


def test_a_kind_without_fields_is_named(tmp_path: Path) -> None:
    """Only a rule that names the kind, or its category, takes it in."""
    hold = {("hold", "release", "hold")}
    assert taken(tmp_path / "a", kinds=["hold"]) == hold
    assert not hold & taken(tmp_path / "b")
    assert taken(tmp_path / "c", categories=["hold"]) == hold
