"""A folder of dataset files, with every mistake of all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.catalogue import Words, load_catalogue
from gateway.errors import InvalidFile

SOURCES = {"jail-db"}


def sentences(folder: Path, words: Words) -> list[str]:
    """Return what is wrong with a folder, without its name."""
    with pytest.raises(InvalidFile) as caught:
        load_catalogue(folder, words=words, sources=SOURCES)
    return [
        str(mistake).removeprefix(f"{folder}/").removeprefix(str(folder))
        for mistake in caught.value.mistakes
    ]


def test_a_folder(tmp_path: Path, words: Words, text: str) -> None:
    """Each file is one dataset; other files are none."""
    (tmp_path / "jail.yaml").write_text(text)
    (tmp_path / "annex.yaml").write_text(text.replace("county-jail", "annex"))
    (tmp_path / "README.md").write_text("not a dataset")

    catalogue = load_catalogue(tmp_path, words=words, sources=SOURCES)

    assert sorted(catalogue.datasets) == ["annex", "county-jail"]
    assert [path.name for path in catalogue.files] == ["annex.yaml", "jail.yaml"]


def test_mistakes_of_all_files(tmp_path: Path, words: Words, text: str) -> None:
    """One bad file does not hide another's mistakes."""
    (tmp_path / "a.yaml").write_text(text.replace("kind: jail", "kind: jial"))
    (tmp_path / "b.yaml").write_text("a: 1\na: 2\n")
    (tmp_path / "c.yaml").write_text("- just\n- a list\n")
    (tmp_path / "d.yaml").write_text(text)
    (tmp_path / "e.yaml").write_text(text)

    found = sentences(tmp_path, words)

    assert [line.split(":")[0] for line in found] == [
        "a.yaml",
        "b.yaml",
        "c.yaml",
        "e.yaml",
    ]
    assert found[-1] == "e.yaml:id: the id 'county-jail' is also that of d.yaml"


def test_an_empty_folder(tmp_path: Path, words: Words) -> None:
    """A catalogue without datasets is a mistake."""
    assert sentences(tmp_path, words) == [": holds no *.yaml file"]
