"""The embedded engine: regorus in this process.

It lives on the event loop's thread: it cannot be sent to another, and holds the
interpreter's lock. So one call evaluates few records, and other work gets its turn
between calls.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from typing import TypeAlias

import orjson

from audit.rows import with_rows
from gateway.canonical import Json, canonical
from gateway.errors import EngineFault
from gateway.policy.bundle import Bundle
from gateway.policy.engine import NoAnswer, joined, portions
from gateway.policy.evaluator import DECIDE, SCREEN, UNDEFINED, Evaluator, TooLong
from gateway.policy.pieces import halves, together

__all__ = ["EmbeddedEngine", "have_embedded"]

Asking: TypeAlias = Callable[[Evaluator, str, str], str]
"""One of the ways in which an evaluator may be asked what a rule says of a question."""
ROWS_A_CALL = 64
"""Rows of an answer that one call is asked for: near what it has instructions for."""


def have_embedded() -> bool:
    """Tell whether there is an embedded engine for this platform."""
    try:
        import regorus  # noqa: PLC0415  # optional: no wheel on some platforms
    except ImportError:  # pragma: no cover  # there is one where tests run
        return False
    # Another distribution brings a module of this name, without the machine.
    return hasattr(regorus, "Rvm")


class _Kept(threading.local):
    """The evaluators of one thread, which alone may use and drop them.

    What is in a cycle is collected by whichever thread happens to; so the last
    reference to an engine is here, and its thread drops what nobody needs any more.
    """

    def __init__(self) -> None:
        self.evaluators: dict[int, Evaluator] = {}
        self.unneeded: deque[int] = deque()

    def drop_unneeded(self) -> None:
        while self.unneeded:
            self.evaluators.pop(self.unneeded.popleft(), None)


_KEPT = _Kept()
_NUMBERS = itertools.count()


def _no_longer_needed(unneeded: deque[int], number: int) -> None:
    unneeded.append(number)
    if unneeded is _KEPT.unneeded:
        _KEPT.drop_unneeded()


class EmbeddedEngine:
    """Answers questions by one bundle, on the thread that made it."""

    name = "embedded"
    remote = False

    def __init__(self, bundle: Bundle) -> None:
        """Load a bundle.

        Raises:
            NoAnswer: when the engine is not there or does not take the bundle.
        """
        self.revision = bundle.revision
        self._may_be_asked = bundle.vocabulary.asked
        self._number = next(_NUMBERS)
        _KEPT.drop_unneeded()
        try:
            _KEPT.evaluators[self._number] = Evaluator(bundle)
            weakref.finalize(
                self, _no_longer_needed, _KEPT.unneeded, self._number
            ).atexit = False
        except Exception as error:
            # regorus raises plain exceptions; without an engine nothing is released.
            raise _none(EngineFault.FAILED, "bundle not taken") from error

    def answer(self, question: bytes) -> bytes:
        """Answer a question at once, as it says itself: screen or decision."""
        pending = orjson.loads(question)["records"] == "pending"
        return canonical(self._answer(SCREEN if pending else DECIDE, question))

    async def screen(self, question: bytes) -> bytes:
        """Answer a question whose records are pending."""
        return canonical(self._answer(SCREEN, question))

    async def decide(self, question: bytes) -> bytes:
        """Answer a question that has records, few a call."""
        answers: list[Mapping[str, Json]] = []
        for portion in portions(question, rows=ROWS_A_CALL):
            if answers:
                await asyncio.sleep(0)
            answers.append(self._answer(DECIDE, portion))
        return joined(answers)

    def _answer(self, rule: str, question: bytes) -> Mapping[str, Json]:
        """Return the answer to a question: by its halves where it takes too long."""
        try:
            return self._asked(Evaluator.brief, rule, question)
        except TooLong:
            whole = orjson.loads(question)
        parts = halves(whole)
        if parts is None:
            return self._asked(Evaluator.patient, rule, question)
        answers = [self._answer(rule, canonical(part)) for part in parts]
        try:
            return together(whole, *answers)
        except (KeyError, TypeError, ValueError) as error:
            raise _none(EngineFault.FAILED, "answers that do not join") from error

    def _asked(self, ask: Asking, rule: str, question: bytes) -> Mapping[str, Json]:
        _KEPT.drop_unneeded()
        try:
            found = ask(_KEPT.evaluators[self._number], rule, question.decode())
            answer, asks = orjson.loads(found), orjson.loads(question)["asks"]
        except TooLong:
            raise
        except Exception as error:
            # regorus raises plain exceptions; without an answer nothing is released.
            raise _none(EngineFault.FAILED, "no evaluation") from error
        if UNDEFINED in found or not isinstance(answer, dict):
            raise _none(EngineFault.UNDEFINED, "the answer is undefined")
        try:
            return with_rows(answer, asks, self._may_be_asked)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise _none(EngineFault.ODD, "the answer is not of its form") from error


def _none(fault: EngineFault, detail: str) -> NoAnswer:
    return NoAnswer(EmbeddedEngine.name, fault, detail)
