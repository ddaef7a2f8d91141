"""YAML as data: no aliases, no duplicate keys, no surprises.

ruamel reads YAML 1.2: ``NO`` is a string. Dates become ISO strings, so that every
file is typed by its schema and by nothing else.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import Node

from gateway.errors import InvalidFile, Mistake

__all__ = ["mistakes_of", "nearest", "parse", "read", "read_model"]

M = TypeVar("M", bound=BaseModel)

MAX_BYTES = 4 * 1024 * 1024
"""Largest file read, in bytes."""


class _Constructor(SafeConstructor):
    """Safe constructor that leaves dates as the text that was written."""


_Constructor.add_constructor(
    "tag:yaml.org,2002:timestamp",
    lambda self, node: self.construct_scalar(node),
)


class _Composer(Composer):
    """Composer that refuses aliases: one thing is written in one place."""

    def compose_node(self, parent: Node | None, index: object) -> Node | None:
        """Refuse an alias, otherwise compose."""
        if self.parser.check_event(AliasEvent):
            mark = self.parser.peek_event().start_mark
            raise YAMLError(f"aliases are not allowed (line {mark.line + 1})")
        node: Node | None = super().compose_node(parent, index)
        return node


def parse(data: str | bytes, name: str) -> object:
    """Parse one YAML document.

    Raises:
        InvalidFile: for anything that is not one plain document.
    """
    if len(data) > MAX_BYTES:
        raise InvalidFile([Mistake(path=name, problem=f"larger than {MAX_BYTES} B")])
    return copy.deepcopy(_parsed(data, name))


@lru_cache(maxsize=256)
def _parsed(data: str | bytes, name: str) -> object:
    """Parse once: the same files are read at start, at each look and activation."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    yaml.Composer = _Composer
    try:
        return yaml.load(data)
    except (YAMLError, ValueError, RecursionError) as error:
        # The parser's advice on how not to be told is not for here.
        problem = " ".join(str(error).partition("To suppress this check")[0].split())
        raise InvalidFile([Mistake(path=name, problem=problem[:400])]) from error


def read(path: Path) -> object:
    """Read one YAML file.

    Raises:
        InvalidFile: when it is missing, unreadable or not one plain document.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise InvalidFile([Mistake(path=str(path), problem=problem)]) from error
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
        raise InvalidFile(mistakes_of(error, str(path))) from error


def mistakes_of(error: ValidationError, name: str) -> list[Mistake]:
    """Turn a pydantic error into mistakes: ``name:dotted.path``."""
    return [
        Mistake(
            path=f"{name}:{'.'.join(map(str, item['loc']))}",
            problem=item["msg"].removeprefix("Value error, "),
        )
        for item in error.errors(include_url=False, include_input=False)
    ]


def nearest(word: str, words: Iterable[str]) -> str:
    """Return advice naming the nearest right word, or the empty string."""
    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else ""
