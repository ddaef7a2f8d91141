"""The embedded engine: regorus in this process.

It lives on the event loop's thread: it cannot be sent to another, holds the
interpreter's lock and has no time limit of its own. So one call evaluates at most 32
records, and other work gets its turn between calls.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import weakref
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson

from gateway.canonical import Json, canonical
from gateway.errors import EngineFault
from gateway.policy.bundle import Bundle
from gateway.policy.engine import NoAnswer, joined, portions

if TYPE_CHECKING:
    import regorus

__all__ = ["EmbeddedEngine", "have_embedded"]

SCREEN = "data.sallyport.screen.answer"
DECIDE = "data.sallyport.decide.answer"


def have_embedded() -> bool:
    """Tell whether there is an embedded engine for this platform."""
    try:
        import regorus  # noqa: F401, PLC0415  # optional: no wheel on some platforms
    except ImportError:  # pragma: no cover  # there is one where tests run
        return False
    return True


class _Kept(threading.local):
    """The engines of one thread, which alone may use and drop them.

    What is in a cycle is collected by whichever thread happens to; so the last
    reference to an engine is here, and its thread drops what nobody needs any more.
    """

    def __init__(self) -> None:
        self.engines: dict[int, regorus.Engine] = {}
        self.unneeded: deque[int] = deque()

    def drop_unneeded(self) -> None:
        while self.unneeded:
            self.engines.pop(self.unneeded.popleft(), None)


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
        self._number = next(_NUMBERS)
        _KEPT.drop_unneeded()
        try:
            import regorus  # noqa: PLC0415  # 20 ms, and not on every platform

            engine = regorus.Engine()
            _KEPT.engines[self._number] = engine
            weakref.finalize(
                self, _no_longer_needed, _KEPT.unneeded, self._number
            ).atexit = False
            for path, text in bundle.rego.items():
                engine.add_policy(path, text)
            engine.add_data_json(bundle.data.decode())
        except Exception as error:
            # regorus raises plain exceptions; without an engine nothing is released.
            raise _none(EngineFault.FAILED, "bundle not taken") from error

    def answer(self, question: bytes) -> bytes:
        """Answer a question at once, as it says itself: screen or decision."""
        pending = orjson.loads(question)["records"] == "pending"
        return canonical(self._evaluate(SCREEN if pending else DECIDE, question))

    async def screen(self, question: bytes) -> bytes:
        """Answer a question whose records are pending."""
        return canonical(self._evaluate(SCREEN, question))

    async def decide(self, question: bytes) -> bytes:
        """Answer a question that has records, 32 a call."""
        answers: list[Mapping[str, Json]] = []
        for portion in portions(question):
            if answers:
                await asyncio.sleep(0)
            answers.append(self._evaluate(DECIDE, portion))
        return joined(answers)

    def _evaluate(self, rule: str, question: bytes) -> Mapping[str, Json]:
        _KEPT.drop_unneeded()
        try:
            engine = _KEPT.engines[self._number]
            engine.set_input_json(question.decode())
            answer = orjson.loads(engine.eval_rule_as_json(rule))
        except Exception as error:
            # regorus raises plain exceptions; without an answer nothing is released.
            raise _none(EngineFault.FAILED, "no evaluation") from error
        if not isinstance(answer, dict):
            # An undefined answer is printed as the string "<undefined>".
            raise _none(EngineFault.UNDEFINED, "the answer is undefined")
        return answer


def _none(fault: EngineFault, detail: str) -> NoAnswer:
    return NoAnswer(EmbeddedEngine.name, fault, detail)
