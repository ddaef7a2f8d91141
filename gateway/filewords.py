"""What is wrong with a file, in words for who writes it: not those of a parser."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import Any, get_args

from pydantic import BaseModel
from yaml import MarkedYAMLError
from yaml.reader import ReaderError

__all__ = ["form_problem", "keys_of", "place_of", "syntax_problem", "types_of"]

_TAB = "a tab where only spaces may stand; put spaces in its place"
_NOT_UTF8 = "bytes that are not UTF-8; save the file with the encoding UTF-8"
_CONTROL = "a character that can't be seen (a control character); remove it"
_UNSEEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_MAPPING = "is to be a mapping, lines of `name: value`"
_FORMS = {
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "dict_type": _MAPPING,
    "list_type": "is to be a list, lines of `- value`",
    "tuple_type": "is to be a list, lines of `- value`",
}
"""What pydantic's words for a wrong form come to."""


def syntax_problem(error: Exception, data: str | bytes) -> str:
    """Return why a file is no YAML document, with the line where that is known."""
    match error:
        case ReaderError():
            return _unreadable(data)
        case MarkedYAMLError(problem_mark=mark) if mark is not None:
            if _tab_at(_text(data), mark.line, mark.column):
                return f"line {mark.line + 1}: {_TAB}"
            begun = error.context_mark
            since = f", {error.context}" if error.context else ""
            if since and begun is not None and begun.line != mark.line:
                since += f" that begins in line {begun.line + 1}"
            where = f"line {mark.line + 1}, column {mark.column + 1}"
            return f"{where}: {error.problem}{since}"
        case _:
            return " ".join(str(error).split())


def _text(data: str | bytes) -> str:
    return data if isinstance(data, str) else data.decode("utf-8", "replace")


def _tab_at(text: str, line: int, column: int) -> bool:
    """Whether a line has a tab there: what the parser says of one is a riddle."""
    lines = text.split("\n")
    return line < len(lines) and lines[line][column : column + 1] == "\t"


def _unreadable(data: str | bytes) -> str:
    """Say in which line there is what is no text."""
    try:
        text = data if isinstance(data, str) else data.decode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return f"line {line}: {_NOT_UTF8}"
    found = _UNSEEN.search(text)
    line = text.count("\n", 0, found.start() if found else 0) + 1
    return f"line {line}: {_CONTROL}"


def form_problem(item: Any) -> str:  # noqa: ANN401 - a loosely typed dict of pydantic
    """Return what is wrong with a value; no word of the value itself."""
    kind, value = item["type"], item["input"]
    if kind == "extra_forbidden":
        return "no such key"
    if kind not in _FORMS:
        return str(item["msg"]).removeprefix("Value error, ")
    if value is None:
        return f"is empty; it {_FORMS[kind]}"
    found = "a single value"
    if isinstance(value, dict | list):
        found = "a mapping" if isinstance(value, dict) else "a list"
    return f"{_FORMS[kind]}, and is {found}"


def keys_of(model: object) -> Iterator[str]:
    """Yield every key that a file of this model may have, at any depth."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            yield field.alias or name
            yield from keys_of(field.annotation)
    for argument in get_args(model):
        yield from keys_of(argument)


def types_of(model: object) -> Iterator[str]:
    """Yield the name of every type that a value may have, at any depth."""
    if isinstance(model, type):
        yield model.__name__
        if issubclass(model, BaseModel):
            for field in model.model_fields.values():
                yield from types_of(field.annotation)
    for argument in get_args(model):
        yield from types_of(argument)


def place_of(item: Any, types: Container[str]) -> list[str]:  # noqa: ANN401 - as above
    """Return where in the file a mistake stands.

    Of what may be of several types the location names the type too, which is no place;
    a key that is none of the model's may be called as it likes.
    """
    own = len(item["loc"]) - 1 if item["type"] == "extra_forbidden" else -1
    return [
        str(part)
        for i, part in enumerate(item["loc"])
        if i == own or not ("[" in str(part) or part in types)
    ]
