"""How the log asks others over the web: a protocol, so that it needs no library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Answer", "Asker", "Question"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A request: a POST of a body, or without one a GET."""

    url: str
    body: bytes | None = None
    kind: str = "text/plain; charset=utf-8"
    """The body's media type."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back. ``kind`` is the media type, without parameters."""

    status: int
    kind: str
    body: bytes


class Asker(Protocol):
    """Sends requests and waits for the answers."""

    def ask(
        self, questions: Sequence[Question], limit_s: float
    ) -> Sequence[Answer | None]:
        """Send all at once; return the answers in order, none for what did not come.

        Blocks for at most ``limit_s`` seconds; follows no redirect; never raises.
        """
