"""Setting mistakes aside: what is wrong goes, what is healthy stays."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.config.repair import set_aside


@pytest.mark.parametrize(
    ("document", "loc", "after"),
    [
        ({"schema": 3}, ("schema",), {"schema": "sallyport.config/1"}),
        ({"unknown": 3}, ("unknown",), {}),
        ({}, ("schema",), {"schema": "sallyport.config/1"}),
        ({"state": {}}, ("state", "key"), {"state": {"key": "keys/state"}}),
        (
            {"state": {"key": "k", "url": 3}},
            ("state", "url", "a-branch-of-a-union"),
            {"state": {"key": "k"}},
        ),
        (
            {"log": {"auditors": [{"name": "x", "key": 3}]}},
            ("log", "auditors", 0, "key"),
            {"log": {"auditors": [{"name": "x", "key": "keys/board.pub"}]}},
        ),
    ],
)
def test_a_mistake_is_replaced_or_removed(
    document: dict[str, Any], loc: tuple[str | int, ...], after: dict[str, Any]
) -> None:
    """Where the example has a value it stands in; else the setting goes."""
    assert set_aside(document, [loc])
    assert document == after


@pytest.mark.parametrize(
    ("document", "loc"),
    [
        ({"schema": "sallyport.config/1"}, ("schema",)),
        ({}, ("nothing",)),
        ({}, ()),
        ({"engines": [3]}, ("engines", 0)),
    ],
)
def test_what_cannot_be_set_aside_says_so(
    document: dict[str, Any], loc: tuple[str | int, ...]
) -> None:
    """Another try would be of no use: nothing was changed."""
    before = repr(document)
    assert not set_aside(document, [loc])
    assert repr(document) == before


def test_every_mistake_is_set_aside_in_one_go() -> None:
    """One that cannot be does not keep the others."""
    document: dict[str, Any] = {"a": 1, "b": 2, "schema": "sallyport.config/1"}
    assert set_aside(document, [("a",), ("schema",), ("b",)])
    assert document == {"schema": "sallyport.config/1"}
