"""Many cases: each stack once, here or in other processes, by one engine or both."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import InvalidFile
from gateway.policy import trials
from gateway.policy.case import CaseFile
from gateway.policy.compare.deciders import OpaDecider
from gateway.policy.pack import Library, load_library
from gateway.policy.trials import Tried, each_tried, tried, tried_apart, tried_here
from tests.gateway.policy.small import case_text, library, rule, write

CASE = case_text(id="C", expect={"effect": "prohibit"})


def case(name: str, **members: Any) -> tuple[str, CaseFile]:
    """Return a case with its name."""
    return name, CaseFile.model_validate({**CASE, **members})


CASES = [
    case("a"),
    case("b", expect={"effect": "permit"}),
    case("c", packs=["tx"]),
    case("d", packs=["tx"], expect={"effect": "permit"}),
    case("e", packs=["st", "tx"]),
]
FAILED = ("date: expected permit, got prohibit by st.a",)
FAILED_OTHERWISE = ("date: expected prohibit, got permit by tx.a",)


@pytest.fixture
def two(tmp_path: Path) -> Library:
    """Two packs, one that closes and one that opens."""
    opens = rule("tx.a", effect="permit")
    return library(tmp_path, rules={"st": [rule("st.a")], "tx": [opens]})


def test_here(two: Library) -> None:
    """What each case comes to, by the name of its file."""
    came = tried(two, CASES)
    assert came == {
        "a": (),
        "b": FAILED,
        "c": FAILED_OTHERWISE,
        "d": (),
        "e": (),
    }
    assert tried_apart(two.root, CASES, None) == Tried(failures=came, unread={})


def test_elsewhere(two: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """In other processes they come to the same, in the same order."""
    cases = [*CASES[:2], *WRONG, *CASES[2:]]
    here = each_tried(two, cases)
    monkeypatch.setattr(trials, "MANY", 2)
    elsewhere = each_tried(two, cases)
    assert [*elsewhere.failures.items()] == [*here.failures.items()]
    assert elsewhere.failures == tried(two, CASES)
    assert elsewhere.unread == here.unread
    assert [*elsewhere.unread] == ["f", "g", "h"]


WRONG = [
    case("f", custodian="sherif"),
    case("g", packs=["sx"], overlay="sx-county"),
    case("h", dataset="jial"),
]


def test_mistakes(two: Library) -> None:
    """Every mistake of every case and stack is named, by the case that has it."""
    came = tried_here(two, [*WRONG, *CASES])
    assert came.failures == tried(two, CASES)
    assert {n: [(m.path, m.problem) for m in w] for n, w in came.unread.items()} == {
        "f": [("f:custodian", "sherif is not a known word")],
        "g": [
            ("g:packs", "sx is not a pack here"),
            ("g:overlay", "sx-county is not an overlay here"),
        ],
        "h": [("h:dataset", "jial is not a known word")],
    }
    with pytest.raises(InvalidFile) as caught:
        tried(two, [*CASES, *WRONG])
    assert len(caught.value.mistakes) == 4


def test_mistakes_of_a_stack(two: Library, tmp_path: Path) -> None:
    """What is wrong in the files of a pack keeps its own place."""
    opens = rule("tx.a", effect="permit")
    write(tmp_path, rules={"st": [rule("st.a", reason="NONE")], "tx": [opens]})
    came = tried_here(load_library(two.root), CASES)
    assert came.failures == {"c": FAILED_OTHERWISE, "d": ()}
    (mistake,) = came.unread["a"]
    assert mistake.path.startswith(str(tmp_path / "packs/st/rules"))
    assert came.unread["b"] == came.unread["a"]


def test_both_engines(
    two: Library, require_tool: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """OPA decides each case as the engine here, or the case fails."""
    opa = require_tool("opa")
    here = each_tried(two, [*WRONG, *CASES])
    assert each_tried(two, [*WRONG, *CASES], opa=opa) == here
    monkeypatch.setattr(OpaDecider, "decide", lambda _, asked: [None] * len(asked))
    came = each_tried(two, CASES, opa=opa).failures
    assert came["a"] == ("OPA decides otherwise",)
    assert came["b"] == (*FAILED, "OPA decides otherwise")
