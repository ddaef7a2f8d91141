"""The story's questions are requests the gateway can read."""

from __future__ import annotations

import json

import pytest

from gateway.demo.cast import REQUESTERS
from gateway.demo.scenes import CHAPTERS, Scene, scenes
from gateway.model import parse_request


@pytest.mark.parametrize("scene", scenes(), ids=lambda scene: scene.name)
def test_each_request_document_is_well_formed(scene: Scene) -> None:
    """Every body parses as ``sallyport.request/1``."""
    assert parse_request(json.dumps(scene.body).encode()).dataset


def test_names_are_unique_and_everybody_plays() -> None:
    """Each scene has a file of its own and each requester a part."""
    names = [scene.name for scene in scenes()]

    assert len(set(names)) == len(names)
    assert {scene.requester for scene in scenes()} == set(REQUESTERS)


def test_three_states_are_asked_the_same_bytes() -> None:
    """The comparison of states varies the law and nothing else."""
    states = {
        scene.county: json.dumps(scene.body)
        for scene in CHAPTERS[-1].scenes
        if not scene.name.endswith("-ordinary")
    }

    assert set(states) == {"illinois", "california", "texas"}
    assert len(set(states.values())) == 1
