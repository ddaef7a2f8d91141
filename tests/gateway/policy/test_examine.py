"""A draft looked at: lint, its own cases, and what was proved, as one gate."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import InvalidFile
from gateway.policy.build import assemble
from gateway.policy.examine import cases_of_stack, examined
from gateway.policy.gate import FIRST_RULES, Gate
from gateway.policy.pack import Library, load_library
from tests.gateway.policy.small import case_text, rule, vouched, write

TODAY = dt.date(2026, 1, 20)
CASE = case_text(expect={"effect": "prohibit"})


def draft(root: Path, citation: str = "Law 1", **cases: dict[str, Any]) -> Library:
    """Return a library with cases of a pack and of an overlay."""
    local = rule(
        "county.a", layer="overlay", citation="Code 1", reach={"kinds": ["hold"]}
    )
    write(
        root,
        rules={"st": [rule("st.a", citation=citation)], "tx": []},
        overlay=[local],
        overlay_header={"on": ["st"]},
    )
    for name, members in cases.items():
        folder = root / ("overlays/county" if "overlay" in members else "packs/st")
        (folder / "scenarios").mkdir(exist_ok=True)
        path = folder / f"scenarios/{name}.yaml"
        path.write_text(json.dumps({**CASE, "id": name, **members}))
    return load_library(root)


def looked_at(library: Library, **members: Any) -> Gate:
    """Return the gate of the draft with its overlay."""
    bundle = assemble(library, ["st"], "county")
    bundle = bundle if members.pop("bare", False) else vouched(bundle)
    given = {
        "today": TODAY,
        "replay": FIRST_RULES,
        **members,
    }
    return examined(library, bundle, (["st"], "county"), **given)


def test_a_draft_that_is_ready(tmp_path: Path) -> None:
    """Its own cases were run, and no others; nothing is wrong."""
    library = draft(
        tmp_path, own={}, local={"overlay": "county"}, other={"packs": ["st", "tx"]}
    )
    made = looked_at(library)
    assert (made.open, made.cases, made.drafts) == (
        True,
        2,
        ["agency-default", "county", "st"],
    )
    alone = [case.id for _, case in cases_of_stack(library, ["st"], None)]
    assert alone == ["own"]


def test_a_draft_that_is_not(tmp_path: Path) -> None:
    """What lint finds and a case that comes to something else both shut the gate."""
    library = draft(tmp_path, citation="none", own={"expect": {"effect": "permit"}})
    refused = looked_at(library, bare=True).refused
    assert [line.partition(":")[0] for line in refused] == ["lint", "test", "proof"]
    assert "test: own: date: expected permit, got prohibit by st.a" in refused


def test_a_failing_case_behind_another_of_its_id(tmp_path: Path) -> None:
    """No case that passes stands for one that does not; lint names the two."""
    library = draft(
        tmp_path, first={"id": "own", "expect": {"effect": "permit"}}, own={}
    )
    refused = looked_at(library).refused
    assert [line.partition(":")[0] for line in refused] == ["lint", "test"]


def test_a_case_with_mistakes(tmp_path: Path) -> None:
    """A case that does not read is no case that passes."""
    library = draft(tmp_path, own={"custodian": "sherif"})
    with pytest.raises(InvalidFile, match="did you mean sheriff"):
        looked_at(library)
