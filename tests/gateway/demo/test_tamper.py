"""One byte of a copy, changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.demo.tamper import flip_one_byte


def test_exactly_one_bit_of_the_copy_differs(tmp_path: Path) -> None:
    """The original stays as it is; the copy differs where it is said to."""
    tree = tmp_path / "log"
    entries = tree / "tile" / "entries" / "000.p"
    entries.mkdir(parents=True)
    (entries / "3").write_bytes(bytes(range(100)))
    (tree / "checkpoint").write_text("checkpoint\n")

    flip = flip_one_byte(tree, tmp_path / "copy")

    original = (entries / "3").read_bytes()
    changed = (tmp_path / "copy" / flip.file).read_bytes()
    places = [i for i in range(100) if original[i] != changed[i]]
    assert flip.file == "tile/entries/000.p/3"
    assert places == [flip.offset]
    assert (original[flip.offset], changed[flip.offset]) == (flip.before, flip.after)
    assert (tmp_path / "copy" / "checkpoint").read_text() == "checkpoint\n"


def test_a_log_without_entries_is_refused(tmp_path: Path) -> None:
    """There is nothing to change in an empty log."""
    (tmp_path / "log").mkdir()

    with pytest.raises(FileNotFoundError):
        flip_one_byte(tmp_path / "log", tmp_path / "copy")
