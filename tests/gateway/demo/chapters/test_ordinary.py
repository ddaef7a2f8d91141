"""The chapter of ordinary police work."""

from __future__ import annotations

from gateway.demo.chapters import ORDINARY
from gateway.demo.scenes import Scene


def test_only_the_neighbour_asks() -> None:
    """Nobody in this chapter does immigration enforcement."""
    scenes = [part for part in ORDINARY.parts if isinstance(part, Scene)]

    assert {scene.requester for scene in scenes} == {"neighbour-sheriff"}
    assert {scene.body["purpose"] for scene in scenes} == {"criminal_investigation"}


def test_the_two_gang_questions_differ_in_the_record_only() -> None:
    """What makes the difference is the record's age, not the request."""
    recent, stale = (
        dict(part.body)
        for part in ORDINARY.parts
        if isinstance(part, Scene) and part.body["dataset"] == "county-gang"
    )

    assert recent.pop("subjects") != stale.pop("subjects")
    assert recent == stale
