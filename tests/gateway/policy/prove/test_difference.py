"""Two laws compared: stricter, looser, both, or the same, each with its question."""

# ruff: noqa: ANN401 - rules as they are written hold values of any type

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.canonical import canonical
from gateway.policy import Bundle
from gateway.policy.prove import Difference, Mistranslated, compare
from tests.gateway.policy.prove.breaches import shown
from tests.gateway.policy.prove.laws import bundle_of
from tests.gateway.policy.small import REVEALS, rule, vocabulary_text

OPEN = rule("st.open", effect="permit", reach={"requesters": ["ice", "police"]})
CLOSED = rule("st.open", reach={"requesters": ["ice", "police"]})


def compared(root: Path, before: Any, after: Any) -> tuple[Difference, Bundle, Bundle]:
    """Return how two laws of some rules differ, and their bundles."""
    old = bundle_of(root / "old", *before)
    new = bundle_of(root / "new", *after)
    return compare(old, new), old, new


def test_the_same_law_is_equivalent(tmp_path: Path) -> None:
    """Whatever its rules are called."""
    found, _, _ = compared(tmp_path, [OPEN], [{**OPEN, "id": "st.other"}])
    assert (found.verdict, found.changes) == ("equivalent", ())
    assert found.before != found.after


def test_a_looser_law_is_told_by_category_and_family(tmp_path: Path) -> None:
    """With the smallest question, as both laws answer it."""
    found, old, new = compared(tmp_path, [CLOSED], [OPEN])
    assert found.verdict == "looser"
    changed = {(one.category, one.family, one.verdict) for one in found.changes}
    assert changed == {
        (category, family, "looser")
        for category in ("date", "home", "number", "status")
        for family in ("fed", "local")
    }
    example = found.changes[0].examples["looser"]
    assert shown(old, example.before) == "withhold"
    assert shown(new, example.after) == "release"
    assert "facts" not in example.before


def test_a_stricter_law(tmp_path: Path) -> None:
    """The other way round, and where it now waits."""
    look = {**OPEN, "effect": "review"}
    found, _, new = compared(tmp_path, [OPEN], [look])
    assert found.verdict == "stricter"
    assert shown(new, found.changes[0].examples["stricter"].after) == "wait"


def test_laws_that_cannot_be_compared(tmp_path: Path) -> None:
    """One opens by a conviction, the other by none."""
    one = rule(
        "st.a",
        effect="permit",
        reveals=REVEALS,
        when=[{"fact": "convicted", "is": True}],
    )
    other = rule(
        "st.a",
        effect="permit",
        reveals=REVEALS,
        when=[{"fact": "convicted", "is": False}],
    )
    found, _, _ = compared(tmp_path, [one], [other])
    assert found.verdict == "incomparable"
    change = found.changes[0]
    assert change.verdict == "incomparable"
    assert set(change.examples) == {"looser", "stricter"}
    assert change.document()["verdict"] == "incomparable"


def test_laws_that_are_stricter_here_and_looser_there(tmp_path: Path) -> None:
    """Incomparable as a whole, though each change is one or the other."""
    one = rule("st.a", effect="permit", reach={"requesters": ["ice"]})
    other = rule("st.a", effect="permit", reach={"requesters": ["police"]})
    found, _, _ = compared(tmp_path, [one], [other])
    assert found.verdict == "incomparable"
    assert {(c.family, c.verdict) for c in found.changes} == {
        ("fed", "stricter"),
        ("local", "looser"),
    }


def test_a_difference_where_no_purpose_is_known_runs(tmp_path: Path) -> None:
    """The question that shows it says so, and can be asked again."""
    purposes = [*vocabulary_text()["purposes"]]
    reach = {**OPEN["reach"], "purposes": purposes}
    found, old, new = compared(tmp_path, [OPEN], [{**OPEN, "reach": reach}])
    example = found.changes[0].examples["stricter"]
    assert example.before["request"]["purpose"] == "unknown"
    assert shown(old, example.before) == "release"
    assert shown(new, example.after) == "withhold"


def test_another_effect_with_the_same_outcome_is_told(tmp_path: Path) -> None:
    """A duty instead of a permission releases the same."""
    duty = {**OPEN, "effect": "require"}
    found, _, _ = compared(tmp_path, [OPEN], [duty])
    assert found.verdict == "other_effect"
    assert set(found.changes[0].examples) == {"other_effect"}


def test_words_that_only_one_law_knows_are_named(tmp_path: Path) -> None:
    """Questions are compared that both can be asked."""
    words = vocabulary_text()
    words["requester_classes"]["school"] = {"title": "School", "family": "local"}
    old = bundle_of(tmp_path / "old", OPEN)
    new = bundle_of(tmp_path / "new", OPEN, words=words)
    found = compare(old, new)
    assert found.verdict == "equivalent"
    assert found.only_after == ("requester school",)
    assert found.document()["only_before"] == []


def test_a_law_whose_tables_disagree_is_not_compared(tmp_path: Path) -> None:
    """Naming the first place."""
    made = bundle_of(tmp_path, OPEN)
    data: Any = made.document("compiled/data.json")
    del data["custodian"]["dmv"]
    spoilt = Bundle(files={**made.files, "compiled/data.json": canonical(data)})
    with pytest.raises(Mistranslated, match="custodian has no dmv"):
        compare(made, spoilt)
