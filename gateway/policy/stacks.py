"""The stacks that a policies folder is kept for: each is proved, its proofs kept."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import Field

from gateway.errors import InvalidFile, Mistake
from gateway.policy.words import Document
from gateway.yamlfile import read_model

__all__ = ["FILE", "Stack", "StackText", "StacksText", "listed_stacks"]

FILE = "stacks.yaml"

Stack: TypeAlias = tuple[tuple[str, ...], str | None]
"""Packs, the agency default left out, and the overlay."""


class StackText(Document):
    """One stack as it is written."""

    packs: list[str]
    overlay: str | None = None


class StacksText(Document):
    """The file."""

    schema_: Literal["sallyport.stacks/1"] = Field(alias="schema")
    stacks: list[StackText]


def listed_stacks(root: Path) -> tuple[Stack, ...]:
    """Return the stacks of a policies folder, in the order they are written.

    Raises:
        InvalidFile: when there is no list, or it has mistakes.
    """
    text = read_model(root / FILE, StacksText)
    if not text.stacks:
        problem = "lists no stack, so nothing would be proved"
        raise InvalidFile([Mistake(path=f"{root / FILE}:stacks", problem=problem)])
    return tuple((tuple(one.packs), one.overlay) for one in text.stacks)
