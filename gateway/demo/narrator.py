"""Who tells the story: what a narrator is, and one that writes JSON lines."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import IO, Any, Protocol

from gateway.demo.outcome import Outcome
from gateway.demo.scenes import Chapter, Deed, Scene

__all__ = ["JsonLines", "Narrator"]


class Narrator(Protocol):
    """Told what happens, as it happens."""

    def say(self, text: str) -> None:
        """Say one sentence between the scenes."""

    def chapter(self, chapter: Chapter) -> None:
        """Begin a chapter."""

    def scene(self, scene: Scene, outcome: Outcome) -> None:
        """Tell one exchange: who asked for what, what came back and why."""

    def deed(self, deed: Deed, entry: int, *, signed_by: Sequence[str] = ()) -> None:
        """Tell what the county's own people did, its entry, and who signed it."""

    def fact(self, name: str, text: str, *, good: bool) -> None:
        """Tell one thing that was checked, and whether it is as it should be."""

    def commands(self, title: str, lines: list[str]) -> None:
        """Show commands to try, ready to be copied."""

    def progress(self, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Show how far long work has come; the block is given what to tell it with."""


class JsonLines:
    """Each event as one JSON object on a line of its own."""

    def __init__(self, *, stream: IO[str]) -> None:
        """Write to a stream."""
        self._stream = stream

    def say(self, text: str) -> None:
        """Write a sentence."""
        self._write(event="say", text=text)

    def chapter(self, chapter: Chapter) -> None:
        """Write a chapter's heading."""
        self._write(event="chapter", title=chapter.title, text=chapter.text)

    def scene(self, scene: Scene, outcome: Outcome) -> None:
        """Write one exchange: the request as sent, the answer as read."""
        self._write(
            event="scene",
            name=scene.name,
            county=scene.county,
            requester=scene.requester,
            says=scene.says,
            request=scene.body,
            outcome=dataclasses.asdict(outcome),
        )

    def deed(self, deed: Deed, entry: int, *, signed_by: Sequence[str] = ()) -> None:
        """Write something the county's own people did."""
        self._write(
            event="deed",
            county=deed.county,
            says=deed.says,
            command=deed.command,
            entry=entry,
            signed_by=list(signed_by),
        )

    def fact(self, name: str, text: str, *, good: bool) -> None:
        """Write one thing that was checked."""
        self._write(event="fact", name=name, text=text, good=good)

    def commands(self, title: str, lines: list[str]) -> None:
        """Write commands to try."""
        self._write(event="commands", title=title, lines=lines)

    def progress(self, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Write nothing: a program that reads this sees the events."""
        del total
        return nullcontext(lambda _done: None)

    def _write(self, **event: Any) -> None:  # noqa: ANN401 - JSON values
        print(json.dumps(event, ensure_ascii=False), file=self._stream, flush=True)
