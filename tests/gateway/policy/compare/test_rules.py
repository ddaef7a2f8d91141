"""What changed in rules, in words: added, removed, and each thing that differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.policy.compare.rules import rule_changes
from gateway.policy.compare.sides import Side, side_of_stack
from gateway.policy.pack import load_library
from tests.gateway.policy.compare.two import TRUE, law
from tests.gateway.policy.small import REVEALS, rule, write


def read(root: Path, *rules: dict[str, Any]) -> Side:
    """Return a side that is only read."""
    return side_of_stack(load_library(write(root, rules={"st": rules})), ["st"], None)


def changed(tmp_path: Path, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return what is said of one rule that differs."""
    (change,) = rule_changes(read(tmp_path / "a", old), read(tmp_path / "b", new))
    assert change.kind == "changed"
    return [*change.said]


def test_added_and_removed(tmp_path: Path) -> None:
    """A rule that is new or gone is said as the sentence it is."""
    old, new = read(tmp_path / "a", rule("st.a")), read(tmp_path / "b", rule("st.b"))
    found = rule_changes(old, new)
    assert [change.lines()[0] for change in found] == [
        "removed: st.a (Law st.a)",
        "added: st.b (Law st.b)",
    ]
    assert found[0].lines()[1] == (
        "  Under Law st.a (state law), when any requester asks any custodian for any"
        " field (the request: Read; or Notify), the answer is no."
    )
    assert found[1].document() == {
        "kind": "added",
        "rule": "st.b",
        "citation": "Law st.b",
        "said": [found[1].said[0]],
    }


def test_the_same(tmp_path: Path) -> None:
    """The same rules in another folder are no change."""
    old, new = read(tmp_path / "a", law()), read(tmp_path / "b", law())
    assert rule_changes(old, new) == []


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (
            {"effect": "permit"},
            ["answer: was: no", "answer: is: yes"],
        ),
        (
            {"citation": "Law 9"},
            ["law: was: Law st.a", "law: is: Law 9"],
        ),
        (
            {"effective": {"until": "2030-01-01"}},
            ["days in force: was: any", "days in force: is: before 1 January 2030"],
        ),
        (
            {"when": [TRUE], "reveals": REVEALS},
            ["condition: was: nothing", 'condition: is: "convicted" is true'],
        ),
        ({"resists_saving": True}, ["lifted by a federal saving: was: yes"]),
        ({"change": ["warrant"]}, ["would change it: is: warrant"]),
        (
            {"obligations": ["log"]},
            [
                "answer, due: was: Always due: nothing.",
                "answer, due: is: Always due: Log.",
            ],
        ),
        (
            {"reach": {"requesters": ["ice", "police"]}},
            ["who asks: no longer: FBI"],
        ),
        ({"reach": {"custodians": ["dmv"]}}, ["who is asked: no longer: sheriff"]),
        ({"reach": {"datasets": ["cars"]}}, ["sources: no longer: jail"]),
        (
            {"reach": {"purposes": ["civil", "crime"]}},
            [
                "use of an unknown purpose: is: no",
                "purposes: no longer: none_given",
            ],
        ),
        (
            {"reach": {"categories": ["date", "record_exists"]}},
            [
                "Notify: no longer: home; number; and status",
                "Read: now also: record_exists",
            ],
        ),
        (
            {"reach": {"use": ["release", "match"], "kinds": ["read"]}},
            ["Read, to find a record: now also: date; home; number; and status"],
        ),
    ],
)
def test_changed(tmp_path: Path, members: dict[str, Any], said: list[str]) -> None:
    """What a rule said, and what it says now, by topic."""
    lines = changed(tmp_path, rule("st.a"), rule("st.a", **members))
    assert [line for line in said if line not in lines] == []


def test_wider(tmp_path: Path) -> None:
    """Whom a rule reaches now and did not before is named."""
    lines = changed(tmp_path, rule("st.a", reach={"requesters": ["ice"]}), rule("st.a"))
    assert lines == ["who asks: now also: FBI; and Police"]


def test_exceptions(tmp_path: Path) -> None:
    """An exception that is new, gone or other is said with its condition and law."""
    lines = changed(tmp_path, rule("st.a", reveals=REVEALS), law())
    assert "exceptions, in order: is: c" in lines
    assert "exception c: is: yes" in lines
    assert 'exception c, condition: is: "convicted" is true' in lines
    back = changed(tmp_path / "2", law(), law(then="review"))
    assert "exception c: is: that counsel decides" in back


def test_bars(tmp_path: Path) -> None:
    """The papers that make a bar silent are said."""
    bar = rule("st.bar", layer="record_bar")
    lines = changed(tmp_path, bar, {**bar, "overridable_by": ["warrant"]})
    assert lines[:2] == [
        "silent where: was: nothing",
        "silent where: is: one of these papers is confirmed: Warrant (W)",
    ]
