"""Unknown keys are named with the nearest right one."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from gateway.errors import InvalidFile
from gateway.identity.yamlwords import read_words


class Inner(BaseModel):
    """One entry."""

    model_config = ConfigDict(strict=True, extra="forbid")

    colour: str


class Outer(BaseModel):
    """A file of entries."""

    model_config = ConfigDict(strict=True, extra="forbid")

    start: str = Field(alias="from")
    entries: dict[str, list[Inner]] = {}


def test_a_key_is_advised_at_any_depth(tmp_path: Path) -> None:
    """Every mistake of the file, each with its place; keys are known by alias."""
    path = tmp_path / "file.yaml"
    path.write_text("frm: x\nentries: {a: [{colour: red, color: red}], b: 7}\n")

    with pytest.raises(InvalidFile) as refused:
        read_words(path, Outer)

    lines = [str(item).removeprefix(f"{path}:") for item in refused.value.mistakes]
    assert "frm: no such key; did you mean from?" in lines
    assert "entries.a.0.color: no such key; did you mean colour?" in lines
    assert any(line.startswith("from: Field required") for line in lines)
    assert any(line.startswith("entries.b:") for line in lines)


def test_a_good_file_is_its_model(tmp_path: Path) -> None:
    """What is right is returned typed."""
    path = tmp_path / "file.yaml"
    path.write_text("from: x\nentries: {a: [{colour: red}]}\n")

    assert read_words(path, Outer).entries["a"][0].colour == "red"
