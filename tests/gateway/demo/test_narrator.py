"""The story as one JSON line per event."""

from __future__ import annotations

import io
import json

from gateway.demo.chapters import CHAPTERS, scenes
from gateway.demo.narrator import JsonLines
from gateway.demo.outcome import read_outcome
from gateway.demo.scenes import Deed

SCENE = scenes()[0]
DEED = Deed(says="Somebody does something.", command={"command": "status"})
REFUSED = read_outcome(403, {"receipt": {"index": 7}})


def test_json_is_one_object_a_line() -> None:
    """Each event can be read by itself."""
    stream = io.StringIO()
    narrator = JsonLines(stream=stream)
    narrator.say("A sentence.")
    narrator.chapter(CHAPTERS[1])
    narrator.scene(SCENE, REFUSED)
    narrator.deed(DEED, 8)
    narrator.fact("Verified", "as it should be", good=True)
    narrator.commands("Try next", ["sallyport --help"])

    events = [json.loads(line) for line in stream.getvalue().splitlines()]

    assert [event["event"] for event in events] == [
        "say",
        "chapter",
        "scene",
        "deed",
        "fact",
        "commands",
    ]
    assert events[2]["request"] == SCENE.body
    assert events[2]["outcome"]["entry"] == 7


def test_progress_is_not_an_event() -> None:
    """Long work writes no line."""
    stream = io.StringIO()

    with JsonLines(stream=stream).progress(10) as progress:
        progress(5)

    assert stream.getvalue() == ""
