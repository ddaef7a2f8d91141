"""Tasks are chosen by the words that their rule has for them."""

from __future__ import annotations

import pytest

from gateway.canonical import Json
from gateway.state import Database, NewTask, Tasks
from tests.gateway.state.conftest import Hands

EXCHANGE = "ab" * 16


@pytest.fixture
def tasks(database: Database, clock: Hands) -> Tasks:
    """An empty list of tasks."""
    return Tasks(database=database, clock=clock)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, "abcd"),
        ({"to": "il_attorney_general"}, "a"),
        ({"to": "il_attorney"}, ""),
        ({"month": "1"}, "d"),
        ({"month": "3"}, "ab"),
        ({"month": "3", "to": "ca_attorney_general"}, "b"),
        ({"promptly": "true"}, "c"),
        ({"t_": "il_attorney_general"}, ""),
    ],
)
async def test_tasks_are_chosen_by_the_rules_words(
    tasks: Tasks, said: dict[str, str], found: str
) -> None:
    """A whole value, be it a word, a number or a flag; not a part of one."""
    parameters: dict[str, dict[str, Json]] = {
        "a": {"to": "il_attorney_general", "month": 3, "day": 1},
        "b": {"to": "ca_attorney_general", "month": 3},
        "c": {"promptly": True},
        "d": {"month": 1, "day": 13},
    }
    for name, words in parameters.items():
        new = NewTask(do="report", parameters=words, due_ms=None)
        await tasks.owe(name * 32, EXCHANGE, new, entry=1)

    listed = await tasks.listed(said=said)

    assert "".join(item.id[0] for item in listed) == found
