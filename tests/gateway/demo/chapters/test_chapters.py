"""The story's questions are requests the gateway can read."""

from __future__ import annotations

import json

import pytest

from gateway.control import parse_command
from gateway.demo.cast import REQUESTERS
from gateway.demo.chapters import CHAPTERS, scenes
from gateway.demo.files import COUNTIES
from gateway.demo.scenes import Deed, Scene
from gateway.model import parse_request

DEEDS = [part for chapter in CHAPTERS for part in chapter.parts if type(part) is Deed]


@pytest.mark.parametrize("scene", scenes(), ids=lambda scene: scene.name)
def test_each_request_document_is_well_formed(scene: Scene) -> None:
    """Every body parses as ``sallyport.request/1``; county and players exist."""
    assert parse_request(json.dumps(scene.body).encode(), most_depth=8).dataset
    assert scene.county in COUNTIES
    assert {scene.requester, scene.stolen_from or scene.requester} <= set(REQUESTERS)


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.says[:30])
def test_each_deed_is_a_command_the_gateway_knows(deed: Deed) -> None:
    """Every command is accepted by the control socket's parser."""
    command = parse_command(json.dumps(dict(deed.command)).encode())

    assert command.command == deed.command["command"]
    assert deed.county in COUNTIES


def test_names_are_unique_and_everybody_plays() -> None:
    """Each scene has a file of its own and each requester a part."""
    names = [scene.name for scene in scenes()]

    assert len(set(names)) == len(names)
    assert {scene.requester for scene in scenes()} == set(REQUESTERS)
