"""Every mistake of a model, with path, problem and the nearest right word."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from gateway.catalogue.mistakes import explain, wrong


def never(_: str) -> str:
    """Refuse every text."""
    raise wrong("is {never} right", "write {nothing}")


class Inner(BaseModel):
    """A part."""

    model_config = ConfigDict(extra="forbid")

    colour: Literal["red", "green"] = "red"


class Outer(BaseModel):
    """A whole."""

    model_config = ConfigDict(extra="forbid")

    one: Inner | None = None
    many: dict[str, Inner] = Field(default_factory=dict)
    row: list[Inner] = Field(default_factory=list)
    named: dict[Annotated[str, AfterValidator(never)], int] = Field(
        default_factory=dict
    )
    count: int = 0
    schema_: str = Field(default="x", alias="schema")


def sentences(value: object) -> list[str]:
    """Return what is wrong with a value."""
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(value)
    return [str(mistake) for mistake in explain(caught.value, Outer, "f.yaml")]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"cont": 1}, "f.yaml:cont: no such key; did you mean count?"),
        ({"schma": 1}, "f.yaml:schma: no such key; did you mean schema?"),
        ({"zzzz": 1}, "f.yaml:zzzz: no such key"),
        ({"one": {"color": 1}}, "f.yaml:one.color: no such key; did you mean colour?"),
        (
            {"many": {"x": {"color": 1}}},
            "f.yaml:many.x.color: no such key; did you mean colour?",
        ),
        (
            {"row": [{}, {"color": 1}]},
            "f.yaml:row.1.color: no such key; did you mean colour?",
        ),
        (
            {"one": {"colour": "gren"}},
            "f.yaml:one.colour: 'gren' is not one of 'red' or 'green'; did you mean",
        ),
        ({"named": {"a": 1}}, "f.yaml:named.a: is (never) right; write {nothing}"),
        ({"count": "x"}, "f.yaml:count: Input should be a valid integer"),
        ([], "f.yaml: is to be a mapping, lines of `name: value`"),
    ],
)
def test_sentences(value: object, sentence: str) -> None:
    """One mistake, one line."""
    [found] = sentences(value)

    assert found.startswith(sentence)


def test_all_of_them() -> None:
    """Several mistakes are several lines."""
    assert len(sentences({"cont": 1, "count": "x", "one": {"colour": 1}})) == 3
