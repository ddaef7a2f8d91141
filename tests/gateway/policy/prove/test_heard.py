"""What lint is told: rules and cases that change no answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.policy.prove import NoSolver, Unheard, unheard
from tests.gateway.policy.prove.laws import EVERY_TEST, OVERLAY
from tests.gateway.policy.small import library, rule


def found(root: Path, *rules: object, **written: object) -> list[Unheard]:
    """Return what is not heard of a pack with these rules."""
    made = library(root, rules={"st": rules}, **written)
    overlay = "county" if "overlay" in written else None
    return unheard(made.vocabulary, made.rules(made.chosen(["st"], overlay)))


def test_each_finding_has_a_code_its_place_and_who_stands_before(
    tmp_path: Path,
) -> None:
    """As lint tells them, for any stack of resolved rules."""
    never = [{"fact": "bulk", "is": True}, {"fact": "bulk", "is": False}]
    low = [{"fact": "level", "at_most": 2}]
    cases = [
        {"id": "low", "when": low, "effect": "permit"},
        {"id": "again", "when": low, "effect": "permit"},
        {"id": "never", "when": never, "effect": "permit"},
    ]
    shaded = rule("st.shaded", effect="permit", layer="federal_permission")
    told = found(tmp_path, rule("st.a", unless=cases), shaded)
    assert [(one.code, one.rule, one.case, one.by) for one in told] == [
        ("unreachable", "st.a", "again", ("st.a#low",)),
        ("never_holds", "st.a", "never", ()),
        ("shadowed", "st.shaded", "", ("st.a",)),
    ]
    assert str(told[2]) == "st.shaded: wherever it speaks, other rules decide (st.a)"


def test_nothing_is_told_of_rules_that_are_all_heard(tmp_path: Path) -> None:
    """With requirements that may be in doubt, and an overlay."""
    header = {"local_may_restrict": True}
    assert found(tmp_path, *EVERY_TEST, header=header, overlay=OVERLAY) == []


def test_without_the_solver_a_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lint goes on without."""
    monkeypatch.setattr("gateway.policy.prove.find_spec", lambda _name: None)
    with pytest.raises(NoSolver):
        found(tmp_path, rule("st.a"))
