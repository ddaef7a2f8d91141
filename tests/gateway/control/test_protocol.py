"""Commands: one form each, every mistake named."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from gateway.control import MalformedCommand, parse_command, parsing
from gateway.control.parsing import FORMS
from gateway.control.protocol import CutoffAdd, Status


def test_a_command_is_read() -> None:
    """Members that are left out have their defaults."""
    data = {"command": "cutoff-add", "scope": "agency", "name": "ice", "by": "R."}
    assert parse_command(json.dumps(data).encode()) == CutoffAdd(
        scope="agency", name="ice", by="R.", reason="security_incident"
    )
    assert parse_command(b'{"command": "status"}') == Status()


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ({"command": "cutof-add"}, "cutoff-add"),
        ({"command": "status", "more": 1}, "more"),
        (
            {"command": "cutoff-add", "scope": "agenci", "by": "R."},
            "did you mean agency",
        ),
        ({"command": "cutoff-add", "scope": "all"}, "by"),
        ({"command": "draft-lift", "number": "0"}, "number"),
        ({"command": "draft-lift", "number": -1}, "number"),
        ({"command": "draft-paper", "document": "x"}, "document: is no SHA-256"),
        ({"command": "draft-roster", "people": []}, "people"),
        ({"command": "draft-activation", "words": "two\nlines"}, "words"),
        ({"command": "draft-activation", "words": "\x9b2J"}, "words"),
        ({"command": "draft-activation", "words": "a\u202eb"}, "words: has a line end"),
        (
            {"command": "draft-activation", "expires": "tomorrow"},
            "expires: is no",
        ),
        ({"command": "draft-activation", "reason": "because"}, "reason"),
        ({"command": "act-submit", "file": "x", "by": "two\nlines"}, "by"),
        ({"command": "act-submit", "file": "x", "by": "\x9b2J"}, "by"),
        ({"command": "act-submit", "file": "x", "by": "a\u202eb"}, "by"),
        ({"command": "task-list", "most": 0}, "most"),
        ({"command": "task-list", "said": ["to"]}, "said.0: is not of the form"),
        ({"command": "task-list", "exchange": "../x"}, "exchange"),
        (
            {
                "command": "task-close",
                "tasks": ["a" * 32],
                "said": ["a=b"],
                "by": "R.",
            },
            "among tasks of one kind",
        ),
        ({"command": "task-close", "by": "R."}, "name tasks, or one kind"),
        (
            {"command": "task-close", "tasks": ["a" * 32], "do": "x", "by": "R."},
            "name tasks, or one kind",
        ),
        ({"command": "task-close", "tasks": ["x"], "by": "R."}, "tasks.0: is no ident"),
        ({"command": "task-close", "tasks": ["a" * 32]}, "by"),
        ({"command": "task-close", "tasks": ["a" * 32], "by": " "}, "by"),
        (
            {
                "command": "task-close",
                "tasks": ["a" * 32],
                "state": "cancelled",
                "words": " ",
                "by": "R.",
            },
            "words that say why",
        ),
        ({"command": "draft-genesis", "people": ["x"]}, "command"),
        ({"command": "review-show", "exchange": "../x"}, "exchange"),
        ({}, "command"),
        ([], "object"),
    ],
)
def test_another_form_is_named(command: object, named: str) -> None:
    """A mistake is named by its place, with the nearest right word."""
    with pytest.raises(MalformedCommand, match=named):
        parse_command(json.dumps(command).encode())


def test_what_no_member_says_has_no_place() -> None:
    """A mistake of the whole command is a sentence, and nothing before it."""
    with pytest.raises(MalformedCommand) as refused:
        parse_command(b'{"command": "task-close", "by": "R."}')

    assert str(refused.value) == "name tasks, or one kind of them"


def test_each_pattern_has_its_words() -> None:
    """Whoever gave a wrong value is not shown the pattern; none is left over."""
    assert set(patterns(parsing._ADAPTER.json_schema())) == FORMS.keys()


def patterns(schema: object) -> Iterator[str]:
    """Yield every pattern in a schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for inner in schema.values():
            yield from patterns(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from patterns(inner)


def test_a_mistake_is_printed_in_escapes() -> None:
    """Who reads of one has no terminal that obeys what it is about."""
    data = {"command": "task-close", "do": "x", "by": "R.", "words": "a\u202eb"}
    with pytest.raises(MalformedCommand) as refused:
        parse_command(json.dumps(data).encode())

    assert str(refused.value).isascii()
