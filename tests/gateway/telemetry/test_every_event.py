"""An event that is declared and never written is an alarm that never comes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.telemetry import EVENTS

GATEWAY = Path(__file__).parents[3] / "gateway"

LEVELS = {"debug", "info", "warning", "error"}
"""The writer's methods: the first argument of each is the event."""


def written(tree: ast.AST) -> Iterator[str]:
    """Yield the events that a module's lines have."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        match node.func, node.args[0]:
            case ast.Attribute(attr=level), ast.Constant(value=str(event)):
                if level in LEVELS:
                    yield event
            case ast.Name(id="write"), ast.Constant(value=str(event)):
                yield event
            case _:
                pass


WRITTEN = {
    event
    for path in sorted(GATEWAY.rglob("*.py"))
    for event in written(ast.parse(path.read_bytes()))
}


@pytest.mark.parametrize("event", sorted(EVENTS.keys() - {"unnamed"}))
def test_each_event_is_written_somewhere(event: str) -> None:
    """Each declared event is the first word of a line; ``unnamed`` is for no word."""
    assert event in WRITTEN


def test_each_event_that_is_written_is_declared() -> None:
    """No line of the gateway's own comes out as ``unnamed``."""
    assert EVENTS.keys() >= WRITTEN
