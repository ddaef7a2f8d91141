"""What is wrong with a file, in words for who writes it: not those of a parser."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from yaml import MarkedYAMLError
from yaml.reader import ReaderError

__all__ = [
    "either",
    "form_problem",
    "keys_at",
    "keys_of",
    "place_of",
    "syntax_problem",
    "types_of",
]

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

_SCALARS = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text",
}
_SHAPES = {
    r"^[0-9a-f]{64}$": "is to be a SHA-256: 64 digits of 0-9 and a-f",
    r"^[A-Z]{2}[A-Z0-9]{7}$": "is to be an ORI: 2 capitals, then 7 capitals or digits",
    r"^\d{4}-\d{2}-\d{2}$": "is to be a day, such as 2026-12-31",
}
"""What patterns of ours stand for that are of no word."""

_CLASSES = {"a-z": "small letters", "A-Z": "capitals", "0-9": "digits"}
_WORD = re.compile(r"\^\[[^]]+\]\[([^]]+)\]\{(\d+),(\d+)\}\$")
"""A pattern of ours for a word: how it begins, what follows, and how often."""


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
    kind = item["type"]
    if kind == "extra_forbidden":
        return "no such key"
    if kind == "string_pattern_mismatch":
        pattern = item["ctx"]["pattern"]
        return _word_problem(pattern) or _SHAPES.get(pattern, str(item["msg"]))
    if kind == "string_type":
        return _is_to_be("is to be text", item["input"])
    if kind not in _FORMS:
        return str(item["msg"]).removeprefix("Value error, ")
    return _is_to_be(_FORMS[kind], item["input"])


def either(kinds: Iterable[str], value: object) -> str:
    """Return what is wrong with a value that may be of several types and is of none.

    Empty where not all of them are types of one value.
    """
    names = [_SCALARS.get(kind, "") for kind in dict.fromkeys(kinds)]
    if len(names) == 1 or not all(names):
        return ""
    said = list(dict.fromkeys(names))
    return _is_to_be(f"is to be {', '.join(said[:-1])} or {said[-1]}", value)


def _is_to_be(form: str, value: object) -> str:
    """Return what a value is to be, and what it is."""
    match value:
        case None:
            return f"is empty; it {form}"
        case dict():
            found = "a mapping"
        case list():
            found = "a list"
        case bool() if form in _FORMS.values():
            found = "a single value"
        case bool():
            found = "true or false"
        case int() | float() if form not in _FORMS.values():
            found = "a number"
        case _:
            found = "a single value"
    return f"{form}, and is {found}"


def _word_problem(pattern: str) -> str:
    """Return what a word may be made of, or nothing for a pattern of another form."""
    parts = _WORD.fullmatch(pattern)
    if parts is None:
        return ""
    marks = parts[1]
    names = []
    for written, name in _CLASSES.items():
        if written in marks:
            names.append(name)
            marks = marks.replace(written, "")
    names += list(marks.replace("\\", ""))
    low, high = int(parts[2]) + 1, int(parts[3]) + 1
    return f"is to be {low} to {high} of: {', '.join(names[:-1])} and {names[-1]}"


def keys_of(model: object) -> Iterator[str]:
    """Yield every key that a file of this model may have, at any depth."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            yield field.alias or name
            yield from keys_of(field.annotation)
    for argument in get_args(model):
        yield from keys_of(argument)


def keys_at(model: object, place: Sequence[str]) -> frozenset[str]:
    """Return the keys that a mapping at this place of a model's file may have."""
    here = [*_models(model)]
    for part in place:
        fields = {
            name: field.annotation
            for each in here
            for own, field in each.model_fields.items()
            for name in (own, field.alias)
            if name
        }
        if part in fields:
            here = [*_models(fields[part])]
    return frozenset(
        field.alias or name
        for each in here
        for name, field in each.model_fields.items()
    )


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models that a value may be, or that a list or mapping may hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


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
