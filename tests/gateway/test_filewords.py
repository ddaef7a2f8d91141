"""What is wrong with a file is said to who writes it, in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from gateway import yamlfile
from gateway.errors import InvalidFile


class Inner(BaseModel):
    """One entry."""

    model_config = ConfigDict(strict=True, extra="forbid")

    colour: str


class Outer(BaseModel):
    """A file of entries."""

    model_config = ConfigDict(strict=True, extra="forbid")

    start: str = Field(alias="from")
    entries: dict[str, list[Inner]] = {}


def said(tmp_path: Path, data: bytes) -> list[str]:
    """Return what is said of a file, without its path."""
    path = tmp_path / "file.yaml"
    path.write_bytes(data)
    with pytest.raises(InvalidFile) as refused:
        yamlfile.read_model(path, Outer)
    return [
        str(item).removeprefix(str(path)).removeprefix(":").strip()
        for item in refused.value.mistakes
    ]


TAB = "a tab where only spaces may stand; put spaces in its place"
MAPPING = "is to be a mapping, lines of `name: value`"
UTF8 = "bytes that are not UTF-8; save the file with the encoding UTF-8"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"entries:\n\ta: []\n", f"line 2: {TAB}"),
        (b"from: x\n\tentries: {}\n", f"line 2: {TAB}"),
        (b"# a\n\n\tfrom: x\n", f"line 3: {TAB}"),
        (b"from: x\n# Stra\xdfe\n", f"line 2: {UTF8}"),
        (
            b"from: x\n# a\x01\n",
            "line 2: a character that can't be seen (a control character); remove it",
        ),
        (
            b"from: @x\n",
            (
                "line 1, column 7: found character that cannot start any token,"
                " while scanning for the next token"
            ),
        ),
        (
            b"entries: [\n\nfrom: x: y",
            (
                "line 3, column 8: did not find expected ',' or ']',"
                " while parsing a flow sequence that begins in line 1"
            ),
        ),
        (b"from: x: y", "line 1, column 8: mapping values are not allowed in this"),
        (b"", f"is empty; it {MAPPING}"),
        (b"# nothing\n", f"is empty; it {MAPPING}"),
        (b"- 1\n", f"{MAPPING}, and is a list"),
        (b"a", f"{MAPPING}, and is a single value"),
    ],
)
def test_a_file_that_is_none_is_told_where(
    tmp_path: Path, data: bytes, sentence: str
) -> None:
    """With the line where there is one, and nothing of the parser's insides."""
    [found] = said(tmp_path, data)

    assert found.startswith(sentence)
    assert "byte string" not in found


def test_wrong_forms_and_keys_are_told_by_place(tmp_path: Path) -> None:
    """Every mistake of the file; a key is advised at any depth, by its alias."""
    found = said(
        tmp_path,
        b"frm: x\nentries: {a: [{colour: red, color: red}], b: {}, c: ~, d: [7]}\n",
    )

    assert found == [
        "from: Field required",
        "entries.a.0.color: no such key; did you mean colour?",
        "entries.b: is to be a list, lines of `- value`, and is a mapping",
        "entries.c: is empty; it is to be a list, lines of `- value`",
        f"entries.d.0: {MAPPING}, and is a single value",
        "frm: no such key; did you mean from?",
    ]


class Span(BaseModel):
    """Days."""

    model_config = ConfigDict(strict=True, extra="forbid")

    start: str = Field(alias="from")


class Condition(BaseModel):
    """A condition, with keys of its own."""

    model_config = ConfigDict(strict=True, extra="forbid")

    fact: str
    is_: bool | int | str | None = Field(default=None, alias="is")
    days: Span | None = None


class Rules(BaseModel):
    """A file of conditions."""

    model_config = ConfigDict(strict=True, extra="forbid")

    tests: list[Condition] = []
    facts: dict[str, bool | int | str] | Literal["pending"] = {}
    word: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.]{0,63}$")] = "a"
    odd: Annotated[str, Field(pattern=r"^x+$")] = "x"
    kind: Literal["permit", "prohibit"] | dict[str, str] = "permit"
    note: str = ""


def told(tmp_path: Path, text: str) -> list[str]:
    """Return what is said of a file of conditions, without its path."""
    path = tmp_path / "file.yaml"
    path.write_text(text)
    with pytest.raises(InvalidFile) as refused:
        yamlfile.read_model(path, Rules)
    return [str(m).removeprefix(f"{path}:") for m in refused.value.mistakes]


def test_keys_are_advised_by_their_place(tmp_path: Path) -> None:
    """A key of another place is told so, and never advised to be itself."""
    assert told(tmp_path, "tests: [{fact: a, from: b, days: {frm: c}, isnt: d}]") == [
        "tests.0.days.from: Field required",
        "tests.0.days.frm: no such key; did you mean from?",
        (
            "tests.0.from: no such key; that is a key of another place; here may stand"
            " days, fact, is"
        ),
        "tests.0.isnt: no such key; did you mean is?",
    ]
    assert told(tmp_path, "zzz: 1") == ["zzz: no such key"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "facts: {a: 3.5}",
            "facts.a: is to be true or false, a whole number or text, and is a number",
        ),
        (
            "facts: {a: [1]}",
            "facts.a: is to be true or false, a whole number or text, and is a list",
        ),
        ("note: 5", "note: is to be text, and is a number"),
        ("note: true", "note: is to be text, and is true or false"),
        ("note: ~", "note: is empty; it is to be text"),
        (
            "word: Sheriff",
            "word: is to be 1 to 64 of: small letters, digits, _ and .",
        ),
        ("odd: y", "odd: String should match pattern '^x+$'"),
        (
            "kind: prohibits",
            "kind: Input should be 'permit' or 'prohibit'; did you mean prohibit?",
        ),
        ("facts: pendin", "facts: is to be a mapping, lines of `name: value`, and is"),
    ],
)
def test_values_are_told_in_words(tmp_path: Path, text: str, sentence: str) -> None:
    """What may be of several types is one sentence that names them all."""
    [found] = told(tmp_path, text)

    assert found.startswith(sentence)


def test_text_is_told_like_bytes() -> None:
    """A document in memory has lines too."""
    with pytest.raises(InvalidFile, match="line 2: a character that can't be seen"):
        yamlfile.parse("a: 1\nb: \x01", "f")


def test_a_good_file_is_its_model(tmp_path: Path) -> None:
    """What is right is returned typed."""
    path = tmp_path / "file.yaml"
    path.write_text("from: x\nentries: {a: [{colour: red}]}\n")

    assert yamlfile.read_model(path, Outer).entries["a"][0].colour == "red"
