"""The stacks that a policies folder is kept for."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import InvalidFile
from gateway.policy.stacks import listed_stacks


def test_stacks_are_listed_in_order(tmp_path: Path) -> None:
    """Packs, and the overlay if there is one."""
    (tmp_path / "stacks.yaml").write_text(
        "schema: sallyport.stacks/1\n"
        "stacks: [{packs: []}, {packs: [st], overlay: county}]\n"
    )
    assert listed_stacks(tmp_path) == (((), None), (("st",), "county"))


def test_a_folder_without_a_list_says_so(tmp_path: Path) -> None:
    """By the file that is missing."""
    with pytest.raises(InvalidFile, match=r"stacks\.yaml: cannot be read"):
        listed_stacks(tmp_path)


def test_a_list_of_nothing_is_a_mistake(tmp_path: Path) -> None:
    """Nothing would be proved, and it would look as if all were."""
    (tmp_path / "stacks.yaml").write_text("schema: sallyport.stacks/1\nstacks: []\n")
    with pytest.raises(InvalidFile, match=r"stacks\.yaml:stacks: lists no stack"):
        listed_stacks(tmp_path)
