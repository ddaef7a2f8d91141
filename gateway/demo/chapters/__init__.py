"""The story, chapter by chapter."""

from __future__ import annotations

from typing import Final

from gateway.demo.chapters.brake import BRAKE
from gateway.demo.chapters.immigration import IMMIGRATION
from gateway.demo.chapters.ordinary import ORDINARY
from gateway.demo.chapters.others import OTHERS
from gateway.demo.chapters.states import STATES
from gateway.demo.scenes import Scene

__all__ = [
    "BRAKE",
    "CHAPTERS",
    "IMMIGRATION",
    "ORDINARY",
    "OTHERS",
    "STATES",
    "scenes",
]

CHAPTERS: Final = (ORDINARY, IMMIGRATION, OTHERS, STATES, BRAKE)
"""The story, in order."""


def scenes() -> tuple[Scene, ...]:
    """Return every scene of the story, in order."""
    parts = (part for chapter in CHAPTERS for part in chapter.parts)
    return tuple(part for part in parts if isinstance(part, Scene))
