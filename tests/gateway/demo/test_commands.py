"""Commands to copy."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from gateway.demo.chapters import scenes
from gateway.demo.commands import after_serving, after_telling, program
from gateway.demo.layout import Layout


def test_some_commands_follow_the_story() -> None:
    """Whether the folder is kept or not, and a shell can read them."""
    for kept, number in ((None, 3), (Path("some where"), 4)):
        lines = after_telling(kept)
        assert len(lines) == number
        assert all(len(shlex.split(line)) > 1 for line in lines)


def test_the_program_is_called_as_the_reader_called_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In a virtual environment that is not active its path is part of the command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / ".venv/bin/sallyport"), "demo"])

    assert program() == ".venv/bin/sallyport"

    monkeypatch.setattr(sys, "argv", ["pytest"])
    assert program() == "sallyport"


def test_curl_calls_show_certificate_key_and_token() -> None:
    """Each call has all that the door asks for, and a body of the story."""
    layout = Layout(root=Path("county"))
    urls = dict.fromkeys(("illinois", "california", "texas"), "https://127.0.0.1:1")
    lines = after_serving(layout, urls)
    calls = [line for line in lines if line.startswith("curl")]
    minted = {line.split()[-1] for line in lines if "demo token --dir county" in line}

    assert calls
    assert len(calls) + len(minted) == len(lines)
    assert minted == {shlex.split(call)[3].split("/")[-2] for call in calls}
    for call in calls:
        words = shlex.split(call)
        assert {"--cert", "--key", "--cacert", "-H", "-d"} <= set(words)
        body = Path(words[words.index("-d") + 1].removeprefix("@")).stem
        assert body in {scene.name for scene in scenes()}
