"""Commands as bytes: one form, every mistake named, nothing else raised."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.control import MalformedCommand, parse_command
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
        ({"command": "draft-paper", "document": "x"}, "document"),
        ({"command": "draft-roster", "people": []}, "people"),
        ({"command": "draft-activation", "words": "two\nlines"}, "words"),
        ({"command": "draft-activation", "words": "\x9b2J"}, "words"),
        ({"command": "draft-activation", "words": "a\u202eb"}, "words"),
        ({"command": "draft-activation", "expires": "tomorrow"}, "expires"),
        ({"command": "draft-activation", "reason": "because"}, "reason"),
        ({"command": "act-submit", "file": "x", "by": "two\nlines"}, "by"),
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


def test_a_huge_command_is_refused() -> None:
    """The size is looked at before anything is parsed."""
    with pytest.raises(MalformedCommand, match="larger"):
        parse_command(b" " * 300_000)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_by_name(data: bytes) -> None:
    """Nothing but MalformedCommand escapes."""
    with pytest.raises(MalformedCommand):
        parse_command(data)
