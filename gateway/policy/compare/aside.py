"""The embedded engine in a process of its own, where there is much to decide.

It keeps its process busy and the interpreter with it, so two sides take half the time
side by side. Few questions are decided here: to start a process takes a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

from gateway.policy.bundle import Bundle
from gateway.policy.compare.deciders import Decider, EmbeddedDecider, OpaDecider, Said

__all__ = ["MANY", "AsideDecider", "decide_archive", "decide_both"]

MANY = 1_000
"""From so many questions on a process of its own is worth its start."""


class AsideDecider:
    """Asks the embedded engine, elsewhere if there are many questions."""

    def __init__(self, bundle: Bundle) -> None:
        """Take the bundle; it is loaded when something is asked."""
        self._bundle = bundle

    def decide(self, questions: Sequence[bytes]) -> list[Said]:
        """Return the verdicts of each question.

        Raises:
            Unavailable: when the engine is not there or does not take the bundle.
        """
        if len(questions) < MANY:
            return EmbeddedDecider(self._bundle).decide(questions)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(
                decide_archive, self._bundle.archive(), list(questions)
            ).result()


def decide_archive(archive: bytes, questions: list[bytes]) -> list[Said]:
    """Return the verdicts of each question by the bundle of an archive."""
    return EmbeddedDecider(Bundle.read(archive)).decide(questions)


def decide_both(
    deciders: tuple[Decider, Decider], questions: Sequence[bytes]
) -> tuple[list[Said], list[Said]]:
    """Return what both sides say of the same questions, decided side by side.

    The first decides on this thread, to which an embedded engine is bound; the second
    beside it, if it has a process of its own.
    """
    here, other = deciders
    if isinstance(other, OpaDecider | AsideDecider) and questions:
        with ThreadPoolExecutor(1) as pool:
            later = pool.submit(other.decide, questions)
            return here.decide(questions), later.result()
    return here.decide(questions), other.decide(questions)
