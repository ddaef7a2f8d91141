"""A sentence of what must never come out is about something, or it is found."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.policy.lint.whole import lint
from tests.gateway.policy.lint.folders import rule
from tests.gateway.policy.small import write

TODAY = dt.date(2026, 1, 20)


def found(
    root: Path, place: str = "must_never.yaml", **members: Any
) -> list[tuple[str, int, str]]:
    """Return code, line and sentence of what is found in a file with one sentence."""
    sentence = {
        "id": "home",
        "says": "Nobody gets a home.",
        "citation": "Law 9",
        "packs": ["st"],
        "where": {"categories": ["home"]},
        "given": [],
        "never": {"outcomes": ["release"]},
        **members,
    }
    text = {"schema": "sallyport.must_never/1", "invariants": [sentence]}
    folder = write(root, rules={"st": [rule("st.a")], "other": [rule("other.a")]})
    (folder / place).write_text(json.dumps(text, indent=1))
    stacks = [(("st",), None)]
    return [(f.code, f.line, f.what) for f in lint(folder, today=TODAY, stacks=stacks)]


def test_a_sentence_about_something(tmp_path: Path) -> None:
    """Is nothing to find."""
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("members", "code", "line", "says"),
    [
        ({"packs": ["stt"]}, "unknown_word", 8, "stt is not a pack here, so home is"),
        ({"where": {"kinds": ["reed"]}}, "unknown_word", 12, "did you mean read?"),
        ({"colour": "red"}, "schema", 22, "no such key"),
        (
            {"where": {"families": ["local"], "requesters": ["ice"]}},
            "unreachable",
            11,
            "is about no question, so it holds whatever the rules say",
        ),
        (
            {"where": {"kinds": ["hold"], "categories": ["home", "hold"]}},
            "unreachable",
            15,
            "home is asked by none of these kinds",
        ),
        (
            {
                "given": [
                    {"fact": "sealed", "is": True},
                    {"fact": "sealed", "is": False},
                ]
            },
            "never_holds",
            16,
            "both can never be so, so home holds whatever the rules say",
        ),
        (
            {
                "given": [
                    {"fact": "sealed", "is": "unknown"},
                    {"fact": "sealed", "is": True},
                ]
            },
            "never_holds",
            16,
            "sealed is unknown and is tested: both can never be so, so home",
        ),
        (
            {"given": [{"fact": "agreement", "not_in": ["none", "in_force"]}]},
            "never_holds",
            16,
            "no value is left: agreement can be nothing else, so home",
        ),
    ],
)
def test_what_is_wrong_in_a_sentence(
    tmp_path: Path, members: dict[str, Any], code: str, line: int, says: str
) -> None:
    """It would be proved of nothing, and read as if it were proved."""
    [(kind, where, what)] = found(tmp_path, **members)
    assert (kind, where) == (code, line)
    assert says in what


def test_a_pack_that_is_not_looked_at(tmp_path: Path) -> None:
    """Has sentences of its own, which are looked at with it."""
    where = {"kinds": ["reed"]}
    assert found(tmp_path / "1", "packs/other/must_never.yaml", where=where) == []
    assert found(tmp_path / "2", "packs/st/must_never.yaml", where=where)


def test_an_overlay_of_its_own(tmp_path: Path) -> None:
    """May have sentences, which hold where it is in force."""
    folder = write(
        tmp_path,
        rules={"st": [rule("st.a")]},
        overlay=[rule("county.a", layer="overlay", effect="review")],
        overlay_header={"on": ["st"]},
    )
    sentence = {
        "id": "county-x",
        "says": "Nobody gets a home.",
        "citation": "Law 9",
        "packs": ["st", "county"],
        "where": {"categories": ["home"]},
        "never": {"outcomes": ["release"]},
    }
    text = {"schema": "sallyport.must_never/1", "invariants": [sentence]}
    (folder / "overlays/county/must_never.yaml").write_text(json.dumps(text))

    said = [f.what for f in lint(folder, today=TODAY, overlay="county")]
    assert not [what for what in said if "county-x" in what]
