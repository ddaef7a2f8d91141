"""Reading an identity file: every mistake at once, each with the nearest right key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, get_args

from pydantic import BaseModel

from gateway.errors import InvalidFile, Mistake
from gateway.yamlfile import nearest, read_model

__all__ = ["read_words"]

M = TypeVar("M", bound=BaseModel)


def read_words(path: Path, model: type[M]) -> M:
    """Read one YAML file into a model.

    Raises:
        InvalidFile: with each mistake; an unknown key names the nearest right one.
    """
    try:
        return read_model(path, model)
    except InvalidFile as error:
        keys = sorted(set(_keys(model)))
        raise InvalidFile([_advised(item, keys) for item in error.mistakes]) from error


def _advised(mistake: Mistake, keys: list[str]) -> Mistake:
    """Name the nearest right key for one that is not known."""
    if not mistake.problem.startswith("Extra inputs"):
        return mistake
    word = mistake.path.rpartition(".")[2]
    return replace(mistake, problem="no such key", advice=nearest(word, keys))


def _keys(model: object) -> Iterator[str]:
    """Yield every key that a file of this model may have, at any depth."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            yield field.alias or name
            yield from _keys(field.annotation)
    for argument in get_args(model):
        yield from _keys(argument)
