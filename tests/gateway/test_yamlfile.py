"""Files are data: nothing surprising is read, every mistake is named."""

from __future__ import annotations

import contextlib
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from gateway import yamlfile
from gateway.errors import InvalidFile


class Inner(BaseModel):
    """A part of a file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    days: int


class Outer(BaseModel):
    """A file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    parts: list[Inner]


class Several(BaseModel):
    """A file whose members may be of several types."""

    model_config = ConfigDict(extra="forbid", strict=True)

    value: bool | int | str
    either: str | Inner


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: NO", {"a": "NO"}),
        ("a: off", {"a": "off"}),
        ("a: 2026-01-20", {"a": "2026-01-20"}),
        ("a: 1:30", {"a": "1:30"}),
        ("a: true", {"a": True}),
        ("a: 0o17", {"a": 15}),
        ("a: 022", {"a": 22}),
        ("a: -7", {"a": -7}),
        ("a: 0x1F", {"a": 31}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: yes", {"a": "yes"}),
        ("a: ~", {"a": None}),
        ("a:", {"a": None}),
        ("a: 1.5e3", {"a": 1500.0}),
        ("a: -.inf", {"a": float("-inf")}),
        ("a: '*b'", {"a": "*b"}),
        ("- 1\n- x", [1, "x"]),
        ("", None),
    ],
)
def test_plain_values(text: str, value: object) -> None:
    """YAML 1.2: only true and false are booleans, and a date is its text."""
    assert yamlfile.parse(text, "f.yaml") == value


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\nb: *x",
        "a: 1\na: 2",
        "{b: {a: 1, a: 2}}",
        "? [a]\n: 1",
        "a: !!python/object:os.system x",
        "a: !local x",
        "a: [1",
        "a: 1\n---\nb: 2",
        "\t- a",
        b"\xff\xfe\x00",
        "a: \x00",
        "[" * 1500,
    ],
)
def test_refused(text: str | bytes) -> None:
    """Aliases, duplicate keys, tags, second documents and garbage are refused."""
    with pytest.raises(InvalidFile) as caught:
        yamlfile.parse(text, "f.yaml")

    [mistake] = caught.value.mistakes
    assert mistake.path == "f.yaml"


def test_an_alias_is_named_with_its_line() -> None:
    """Whoever mends it has not to look for it."""
    with pytest.raises(InvalidFile, match="aliases are not allowed: line 2"):
        yamlfile.parse("a: &x 1\nb: *x", "f.yaml")


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_nothing_raw_escapes(data: str | bytes) -> None:
    """Whatever the bytes are: a value, or one kind of error."""
    with contextlib.suppress(InvalidFile):
        yamlfile.parse(data, "f.yaml")


def test_too_large() -> None:
    """A file that can't be one of ours is not read."""
    with pytest.raises(InvalidFile, match="larger than"):
        yamlfile.parse("#" * (yamlfile.MAX_BYTES + 1), "f.yaml")


def test_missing(tmp_path: Path) -> None:
    """A file that isn't there is a mistake with its path."""
    with pytest.raises(InvalidFile, match=r"none\.yaml: cannot be read"):
        yamlfile.read(tmp_path / "none.yaml")


def test_read_model(tmp_path: Path) -> None:
    """A file that is right becomes the model."""
    file = tmp_path / "f.yaml"
    file.write_text("name: x\nparts: [{days: 3}]\n")

    assert yamlfile.read_model(file, Outer) == Outer(name="x", parts=[Inner(days=3)])


def test_every_mistake_has_its_path(tmp_path: Path) -> None:
    """All mistakes at once, each with file and dotted path; no value is repeated."""
    file = tmp_path / "f.yaml"
    file.write_text("nmae: x\nparts: [{days: soon}, {days: 3, wekes: 1}]\n")

    with pytest.raises(InvalidFile) as caught:
        yamlfile.read_model(file, Outer)

    assert [mistake.path for mistake in caught.value.mistakes] == [
        f"{file}:name",
        f"{file}:parts.0.days",
        f"{file}:parts.1.wekes",
        f"{file}:nmae",
    ]
    assert "soon" not in str(caught.value)


def test_a_place_of_several_types_has_one_mistake(tmp_path: Path) -> None:
    """No type is named as if it were a key of the file."""
    file = tmp_path / "f.yaml"
    file.write_text("value: 1.5\neither: {days: soon, int: 1}\n")

    with pytest.raises(InvalidFile) as caught:
        yamlfile.read_model(file, Several)

    assert [mistake.path for mistake in caught.value.mistakes] == [
        f"{file}:value",
        f"{file}:either",
        f"{file}:either.days",
        f"{file}:either.int",
    ]


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("relase_date", "did you mean release_date?"),
        ("RELEASE_DATE", "did you mean release_date?"),
        ("zzz", ""),
    ],
)
def test_nearest(word: str, advice: str) -> None:
    """The nearest right word is offered, if one is near."""
    assert yamlfile.nearest(word, ["release_date", "home_address"]) == advice


def test_a_file_is_parsed_once_as_long_as_it_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever has what was read may change it: the next gets it as it was written."""
    loads: list[object] = []
    load = yaml.load

    def counted(data: str, **how: Any) -> object:  # noqa: ANN401 - passed on
        loads.append(data)
        return load(data, **how)

    monkeypatch.setattr(yaml, "load", counted)
    for _ in range(2):
        first = yamlfile.parse("a: [1]", "once.yaml")
        assert first == {"a": [1]}
        assert isinstance(first, dict)
        first.clear()
    assert yamlfile.parse("a: [2]", "once.yaml") == {"a": [2]}

    assert loads == ["a: [1]", "a: [2]"]


def test_of_an_edited_file_only_the_newest_is_kept() -> None:
    """A register names people: what was taken out of it is not in memory either."""
    size = 100_000

    def edited(time: int) -> None:
        yamlfile.parse(f"a: {'abcdefghij'[time] * size}", "register.yaml")

    edited(0)
    tracemalloc.start()
    try:
        for time in range(1, 10):
            edited(time)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < 4 * size
