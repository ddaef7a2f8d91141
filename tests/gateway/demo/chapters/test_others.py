"""The chapter of a company, a stranger and a thief."""

from __future__ import annotations

from gateway.demo.chapters import OTHERS
from gateway.demo.scenes import Scene


def test_nobody_of_them_gets_anything() -> None:
    """Two are refused by rule, one is not let in at all."""
    found = {p.name: p.expects for p in OTHERS.parts if isinstance(p, Scene)}

    assert list(found.values()) == ["refused", "refused", "not_authenticated"]


def test_the_thief_shows_another_ones_token() -> None:
    """The stolen token is a genuine one, of somebody who may ask."""
    thief = OTHERS.parts[-1]

    assert isinstance(thief, Scene)
    assert thief.stolen_from == "neighbour-sheriff" != thief.requester
