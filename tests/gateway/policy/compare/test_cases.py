"""Case files on both sides of a change."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import InvalidFile
from gateway.policy.case import CaseFile
from gateway.policy.compare.cases import (
    case_changes,
    case_changes_of_folders,
    read_cases,
    read_each,
)
from gateway.policy.pack import load_library
from tests.gateway.policy.compare.two import law, side
from tests.gateway.policy.small import case_text, rule, vocabulary_text, write

CASE = case_text(
    request={
        "kinds": ["read"],
        "categories": ["date"],
        "match": ["number"],
        "purpose": "civil",
    },
    facts={"convicted": False},
)
MATCH = rule("st.m", effect="permit", reach={"use": ["match"]})


def case(**members: Any) -> tuple[str, CaseFile]:
    """Return a case with its name."""
    return ("case", CaseFile.model_validate({**CASE, **members}))


def test_case_changes(tmp_path: Path) -> None:
    """Each field that comes to something else is said with the rules that decide."""
    before = side(tmp_path / "a", law())
    after = side(tmp_path / "b", law(effect="review"), MATCH)
    yes = {"convicted": True}
    found = case_changes(before, after, [case(), case(id="C-2", facts=yes)])
    assert [change.line() for change in found] == [
        "C-1: number (to find it): withhold (none) becomes release (st.m)",
        "C-1: date: withhold (st.a) becomes wait (st.a)",
        "C-2: number (to find it): withhold (none) becomes release (st.m)",
    ]
    assert found[1].document() == {
        "case": "C-1",
        "field": "date",
        "was": "withhold",
        "now": "wait",
        "before": "st.a",
        "after": "st.a",
    }
    assert case_changes(before, before, [case()]) == []
    opened = case(id="C-3", facts=yes, request={**CASE["request"], "match": []})
    exception = case_changes(side(tmp_path / "c", rule("st.a")), before, [opened])
    assert exception[0].after == "st.a#c"


def test_words_that_are_gone(tmp_path: Path) -> None:
    """A case in words that the other side has not comes to no answer."""
    text = vocabulary_text()
    del text["requester_classes"]["ice"]
    before, after = side(tmp_path / "a", law()), side(tmp_path / "b", law(), words=text)
    lines = [change.line() for change in case_changes(before, after, [case()])]
    assert lines[-1] == "C-1: date: withhold (st.a) becomes no answer (none)"


def test_folders(tmp_path: Path) -> None:
    """Each case is decided on its own stack; a stack that is the same is not built."""
    same = rule("tx.a", effect="permit")
    old = load_library(write(tmp_path / "a", rules={"st": [law()], "tx": [same]}))
    changed = {"st": [law(effect="permit")], "tx": [same], "new": []}
    new = load_library(write(tmp_path / "b", rules=changed, overlay=[]))
    cases = [
        case(),
        case(id="C-2", packs=["tx"]),
        case(id="C-3", packs=["new"]),
        case(id="C-4", packs=["st"], overlay="county"),
    ]
    found = case_changes_of_folders(old, new, cases)
    assert [change.line() for change in found] == [
        "C-1: date: withhold (st.a) becomes release (st.a)"
    ]


def test_read_cases(tmp_path: Path) -> None:
    """Every mistake of every file is named."""
    good, bad, worse = (tmp_path / f"{n}.yaml" for n in ("good", "bad", "worse"))
    good.write_text(json.dumps(CASE))
    bad.write_text(json.dumps({**CASE, "day": "never"}))
    worse.write_text("[")
    assert [name for name, _ in read_cases([good])] == [str(good)]
    with pytest.raises(InvalidFile) as caught:
        read_cases([good, bad, worse])
    assert len(caught.value.mistakes) == 2
    found, unread = read_each([bad, good, worse])
    assert [name for name, _ in found] == [str(good)]
    assert {name: len(wrong) for name, wrong in unread.items()} == {
        str(bad): 1,
        str(worse): 1,
    }


def test_cases_of_one_id(tmp_path: Path) -> None:
    """With the packs at hand the second of an id is a mistake, and its words too."""
    root = write(tmp_path / "policies", rules={"st": [rule("st.a")]})
    texts = [case_text(), case_text(), case_text(id="C", custodian="sherif")]
    paths = [tmp_path / f"{i}.yaml" for i in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(json.dumps(text))
    read, unread = read_each(paths, load_library(root))
    assert [name for name, _ in read] == [str(paths[0])]
    assert [
        [m.path.rpartition(":")[2] for m in wrong] for wrong in unread.values()
    ] == [
        ["id"],
        ["custodian"],
    ]
