"""Questions from a file: bare, with records beside, or in an entry that was opened."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import InvalidFile
from gateway.policy import Vector
from gateway.policy.compare.past import Past, past_of, read_jsonl
from tests.gateway.policy.small import question, vocabulary

QUESTION = question(vocabulary())
ONE, OTHER = Vector(facts={"convicted": True}), Vector(facts={"convicted": False})
WITH_ONE = past_of(QUESTION, ONE).question


def read(tmp_path: Path, *lines: Any) -> list[Past]:
    """Return what a file of these lines holds."""
    path = tmp_path / "asked.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n")
    return read_jsonl(path)


def test_bare(tmp_path: Path) -> None:
    """A canonical question is a line; each of its records is one question."""
    both = json.loads(QUESTION.with_records([ONE, OTHER]))
    pending = json.loads(QUESTION.canonical)
    assert read(tmp_path, both, pending) == [
        past_of(QUESTION, ONE),
        past_of(QUESTION, OTHER),
        past_of(QUESTION, None),
    ]


def test_opened_entry(tmp_path: Path) -> None:
    """What an auditor opened has texts, under replay, with more beside."""
    replay = {
        "question": QUESTION.canonical.decode(),
        "vectors": [ONE.canonical.decode(), OTHER.canonical.decode()],
        "screened": False,
    }
    opened = {"leaf": {}, "parts": {"replay": replay, "who": {}}}
    screened = {"replay": {"question": QUESTION.canonical.decode(), "vectors": []}}
    assert read(tmp_path, opened, screened) == [
        past_of(QUESTION, ONE),
        past_of(QUESTION, OTHER),
        past_of(QUESTION, None),
    ]


def test_counted(tmp_path: Path) -> None:
    """A line may say how often it was asked."""
    line = {"question": json.loads(WITH_ONE), "count": 7}
    assert read(tmp_path, line) == [Past(question=WITH_ONE, count=7)]


@pytest.mark.parametrize(
    "line",
    [
        [],
        {"question": 7},
        {"question": "no JSON"},
        {"question": {"schema": "other", "asks": []}},
        {"question": {"schema": "sallyport.question/1", "asks": {}}},
        {"count": 1},
        {"parts": {}},
        {**json.loads(WITH_ONE), "records": [{"facts": {}}]},
        {**json.loads(WITH_ONE), "asks": [{"kind": "read"}]},
        {**json.loads(WITH_ONE), "asks": [7]},
        {**json.loads(WITH_ONE), "day": "2026-01-20"},
        {**json.loads(WITH_ONE), "facts": []},
        {**json.loads(WITH_ONE), "dataset": None},
        {"question": json.loads(WITH_ONE), "count": -5},
        {"question": json.loads(WITH_ONE), "count": 0},
        {"question": json.loads(WITH_ONE), "count": 4.9},
        {"question": json.loads(WITH_ONE), "count": True},
    ],
)
def test_what_is_no_question(tmp_path: Path, line: Any) -> None:
    """Each line that is none is named by its number."""
    with pytest.raises(InvalidFile, match="line 2 is no question"):
        read(tmp_path, json.loads(WITH_ONE), line)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"question": "no JSON"}, "it is no JSON"),
        ({"count": 1}, "it has no question"),
        ({"question": {"schema": "other", "asks": []}}, "it is not of the form sally"),
        (
            {"question": json.loads(WITH_ONE), "count": 0},
            "its count is no whole number",
        ),
        ([], "it is of another form"),
    ],
)
def test_why_a_line_is_no_question(tmp_path: Path, line: Any, why: str) -> None:
    """It is said in words, not by the name of a fault in a program."""
    with pytest.raises(InvalidFile, match=f"line 1 is no question: {why}"):
        read(tmp_path, line)


def test_what_is_no_file(tmp_path: Path) -> None:
    """A file that is not there is a mistake like any other."""
    with pytest.raises(InvalidFile, match="cannot be read"):
        read_jsonl(tmp_path / "gone.jsonl")
