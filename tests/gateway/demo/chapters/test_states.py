"""The chapter of one question under three states' laws."""

from __future__ import annotations

import json

from gateway.demo.chapters import STATES
from gateway.demo.files import COUNTIES
from gateway.demo.scenes import Scene

ASKED = [part for part in STATES.parts if isinstance(part, Scene)]


def test_three_states_are_asked_the_same_bytes() -> None:
    """The comparison of states varies the law and nothing else."""
    states = {
        scene.county: json.dumps(scene.body)
        for scene in ASKED
        if not scene.name.endswith(("-ordinary", "-three"))
    }

    assert set(states) == set(COUNTIES)
    assert len(set(states.values())) == 1


def test_the_answers_differ() -> None:
    """Refused; given by the county's choice or not at all; given because it must be."""
    assert [scene.expects for scene in ASKED] == [
        "refused",
        "partly_released",
        "waiting",
        "partly_released",
        "partly_released",
    ]
