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
from gateway.policy.pack import Library
from gateway.policy.trials import tried, tried_apart, tried_here
from tests.gateway.policy.small import library, rule

CASE: dict[str, Any] = {
    "schema": "sallyport.case/1",
    "id": "C",
    "title": "A case",
    "packs": ["st"],
    "day": "2026-01-20",
    "custodian": "sheriff",
    "dataset": "jail",
    "request": {"kinds": ["read"], "categories": ["date"], "purpose": "civil"},
    "requester": {"class": "ice"},
    "expect": {"effect": "prohibit"},
}


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
        "c": ("date: expected prohibit, got permit by tx.a",),
        "d": (),
        "e": (),
    }
    assert tried_apart(two.root, CASES, None) == (came, [])


def test_elsewhere(two: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """In other processes they come to the same, in the same order."""
    here = tried(two, CASES)
    monkeypatch.setattr(trials, "MANY", 2)
    assert [*tried(two, CASES).items()] == [*here.items()]
    with pytest.raises(InvalidFile, match="did you mean sheriff"):
        tried(two, [*CASES, case("f", custodian="sherif")])


def test_mistakes(two: Library) -> None:
    """Every mistake of every case and stack is named at once."""
    wrong = [
        case("f", custodian="sherif"),
        case("g", packs=["sx"]),
        case("h", dataset="jial"),
    ]
    with pytest.raises(InvalidFile) as caught:
        tried_here(two, [*CASES, *wrong])
    assert [m.problem for m in caught.value.mistakes] == [
        "sx is not a pack here",
        "sherif is not a known word",
        "jial is not a known word",
    ]
    assert len(tried_apart(two.root, wrong, None)[1]) == 3


def test_both_engines(
    two: Library, require_tool: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """OPA decides each case as the engine here, or the case fails."""
    opa = require_tool("opa")
    assert tried(two, CASES, opa=opa) == tried(two, CASES)
    monkeypatch.setattr(OpaDecider, "decide", lambda _, asked: [None] * len(asked))
    came = tried(two, CASES, opa=opa)
    assert came["a"] == ("OPA decides otherwise",)
    assert came["b"] == (*FAILED, "OPA decides otherwise")
