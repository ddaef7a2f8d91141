"""Notes of writers that are killed: what is not whole was never said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.asked import Notes, Told


def test_what_was_asked_is_open_until_it_is_told(tmp_path: Path) -> None:
    """Over all who have the file open, whoever wrote what."""
    one, other = Notes(tmp_path / "notes"), Notes(tmp_path / "notes")
    one.line("ask a")
    other.line("ask b")
    assert one.open_keys() == other.open_keys() == ["a", "b"]
    one.line("got a 7 ff")
    other.line("error no room")
    assert one.open_keys() == ["b"]
    assert one.told() == other.told() == [Told("a", 7, "ff")]
    assert one.errors() == ["no room"]


@pytest.mark.parametrize("left", range(1, len("\ngot a 7 ff .\n")))
def test_a_line_that_a_kill_cut_was_never_said(tmp_path: Path, left: int) -> None:
    """Wherever it was cut, before and after another line stands below it."""
    notes = Notes(tmp_path / "notes")
    notes.line("ask a")
    whole = b"\ngot a 7 ff .\n"
    with (tmp_path / "notes").open("ab") as file:
        file.write(whole[:left])
    cut = left < len(whole) - 1  # all but the line's end is there when it is begun anew
    assert notes.open_keys() == ["a"]
    notes.line("ask b")
    assert notes.open_keys() == (["a", "b"] if cut else ["b"])
    assert notes.told() == ([] if cut else [Told("a", 7, "ff")])
