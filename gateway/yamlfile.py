"""YAML as data: no aliases, no duplicate keys, no surprises.

The parser is libyaml, the meaning of plain words is that of YAML 1.2: ``NO`` is a
string. Dates stay text, so that every file is typed by its schema and by nothing else.
"""

from __future__ import annotations

import difflib
import marshal
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml import CSafeLoader, MappingNode, ScalarNode, YAMLError

from gateway.errors import InvalidFile, Mistake
from gateway.filewords import (
    either,
    form_problem,
    keys_at,
    keys_of,
    place_of,
    syntax_problem,
    types_of,
)

__all__ = ["mistakes_of", "nearest", "parse", "read", "read_model"]

M = TypeVar("M", bound=BaseModel)

MAX_BYTES = 4 * 1024 * 1024
"""Largest file read, in bytes."""


class _Loader(CSafeLoader):
    """Reads YAML 1.2 as data: its core schema, each key once, no alias."""

    # Without the list of the class above, which is YAML 1.1: there NO is false.
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # the library's name and type

    def construct_mapping(
        self,
        node: MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002  # the library's signature
    ) -> dict[Any, Any]:
        """Refuse a key that is there twice: the last would silently count."""
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if isinstance(key, ScalarNode):
                if (key.tag, key.value) in seen:
                    line = key.start_mark.line + 1
                    raise YAMLError(f"{key.value} is there twice: line {line}")
                seen.add((key.tag, key.value))
        return super().construct_mapping(node, deep=deep)

    def construct_int(self, node: ScalarNode) -> int:
        """Read a whole number: decimal, 0o or 0x. A leading 0 means nothing."""
        text = str(self.construct_scalar(node))
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text if base == DECIMAL else text[2:], base)

    def construct_text(self, node: ScalarNode) -> str:
        """Leave a date as the text that was written."""
        return str(self.construct_scalar(node))

    def construct_float(self, node: ScalarNode) -> float:
        """Read a number with a point or an exponent, or one of the words for none."""
        text = str(self.construct_scalar(node))
        return float(text.replace(".inf", "inf").replace(".nan", "nan"))


DECIMAL = 10
CORE = (
    ("null", r"null|Null|NULL|~|", "nN~\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        (
            r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
            r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
        ),
        "-+.0123456789",
    ),
)
"""Tag, what it looks like, how it begins: the core schema, YAML 1.2.2, 10.3.2."""

for _tag, _pattern, _first in CORE:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(rf"^(?:{_pattern})$"),
        ["" if letter == "\0" else letter for letter in _first],
    )
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_float)
_Loader.add_constructor(
    "tag:yaml.org,2002:timestamp",
    _Loader.construct_text,
)


def parse(data: str | bytes, name: str) -> object:
    """Parse one YAML document.

    Raises:
        InvalidFile: for anything that is not one plain document.
    """
    if len(data) > MAX_BYTES:
        raise InvalidFile([_unreadable(name, f"larger than {MAX_BYTES} B")])
    return marshal.loads(_parsed(data, name))  # noqa: S302  # bytes of our own


def _parsed(data: str | bytes, name: str) -> bytes:
    """Parse once: the same files are read at start, at each look and activation.

    What is kept is a copy that copies quickly: whoever gets one may change it.
    """
    newest = _newest(name)
    kept = newest.kept
    if kept is None or kept[0] != data:
        kept = newest.kept = (data, _anew(data, name))
    return kept[1]


@dataclass(slots=True)
class _Newest:
    """What a file was, and came to, when it was last read; nothing older is kept."""

    kept: tuple[str | bytes, bytes] | None = None


@lru_cache(maxsize=256)
def _newest(_name: str) -> _Newest:
    return _Newest()


def _anew(data: str | bytes, name: str) -> bytes:
    try:
        _refuse_aliases(data)
        found = yaml.load(data, Loader=_Loader)  # noqa: S506  # a safe loader, stricter
        return marshal.dumps(found)
    except (YAMLError, ValueError, RecursionError) as error:
        problem = syntax_problem(error, data)
        raise InvalidFile([_unreadable(name, problem[:400])]) from error


def _unreadable(name: str, problem: str) -> Mistake:
    """Return the mistake of a file of which nothing is known."""
    return Mistake(path=name, problem=problem, code="unreadable")


def _refuse_aliases(data: str | bytes) -> None:
    """Refuse an alias: one thing is written in one place."""
    text = data if isinstance(data, bytes) else data.encode()
    if b"*" not in text:
        return
    for event in yaml.parse(data, Loader=CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            begun = event.start_mark
            where = "" if begun is None else f": line {begun.line + 1}"
            raise YAMLError(f"aliases are not allowed{where}")


def read(path: Path) -> object:
    """Read one YAML file.

    Raises:
        InvalidFile: when it is missing, unreadable or not one plain document.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise InvalidFile([_unreadable(str(path), problem)]) from error
    return parse(data, str(path))


def read_model(path: Path, model: type[M]) -> M:
    """Read one YAML file into a model, naming every mistake with its path.

    Raises:
        InvalidFile: with one :class:`Mistake` for each thing that is wrong.
    """
    value = read(path)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InvalidFile(mistakes_of(error, str(path), model)) from error


def mistakes_of(error: ValidationError, name: str, model: object) -> list[Mistake]:
    """Turn a pydantic error of a model into mistakes: ``name:dotted.path``.

    What may be of several types is one mistake a place: the first type's, or what the
    types have in common; none, where one of the types was meant, for something is
    wrong inside of it. A key that is none of the place is told with the nearest.
    """
    types = frozenset(types_of(model))
    found: dict[tuple[str, ...], list[Any]] = {}
    for item in error.errors(include_url=False):
        found.setdefault(tuple(place_of(item, types)), []).append(item)
    mistakes = []
    for place, items in found.items():
        deeper = any(len(p) > len(place) == _same(p, place) for p in found)
        if deeper and items[0]["type"] == "literal_error":
            continue
        path = f"{name}:{'.'.join(place)}" if place else name
        problem = either((item["type"] for item in items), items[0]["input"])
        problem = problem or form_problem(items[0])
        advice = _advice(items[0], place, model)
        mistakes.append(Mistake(path=path, problem=problem, advice=advice))
    return mistakes


def _same(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Return how many steps two places have in common."""
    steps = zip(one, other, strict=False)
    return next(
        (i for i, (a, b) in enumerate(steps) if a != b), min(len(one), len(other))
    )


def _advice(item: Any, place: tuple[str, ...], model: object) -> str:  # noqa: ANN401  # a loosely typed dict of pydantic
    """Return the nearest key of a place, or the nearest word of a short list."""
    if item["type"] == "literal_error":
        return nearest(str(item["input"]), _QUOTED.findall(item["ctx"]["expected"]))
    if item["type"] != "extra_forbidden":
        return ""
    here = keys_at(model, place[:-1])
    if advice := nearest(place[-1], sorted(here)):
        return advice
    every = {*keys_of(model)}
    if place[-1] in every:
        return (
            f"that is a key of another place; here may stand {', '.join(sorted(here))}"
        )
    return nearest(place[-1], sorted(every))


_QUOTED = re.compile(r"'([^']*)'")


def nearest(word: str, words: Iterable[str]) -> str:
    """Return advice naming the nearest right word, or the empty string.

    Capitals make no distance: ``ICE_ERO`` is nearest to ``ice_ero``.
    """
    written = {known.casefold(): known for known in words}
    close = difflib.get_close_matches(word.casefold(), written, n=1, cutoff=0.5)
    return f"did you mean {written[close[0]]}?" if close else ""
