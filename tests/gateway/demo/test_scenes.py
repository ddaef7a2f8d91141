"""What a story is made of."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from gateway.demo.layout import MAIN
from gateway.demo.scenes import Chapter, Deed, Scene


def test_a_scene_is_the_main_county_s_unless_it_says_so() -> None:
    """What is left out is ordinary: the main county, one's own token, no note."""
    scene = Scene(
        name="a", requester="broker", says="asks.", body={}, expects="refused"
    )
    deed = Deed(says="Somebody acts.", command={})

    assert (scene.county, scene.stolen_from, scene.note) == (MAIN, "", "")
    assert deed.county == MAIN


def test_a_chapter_does_not_change_while_it_is_told() -> None:
    """Parts are values."""
    chapter = Chapter(title="t", text="x", parts=())

    with pytest.raises(FrozenInstanceError):
        chapter.title = "other"  # type: ignore[misc]  # what the test is about
