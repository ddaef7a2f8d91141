"""The engines of one bundle, asked together: believed if all give the same bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, TypeAlias

from gateway.errors import Cause, EngineFault, Unavailable
from gateway.policy.bundle import Bundle
from gateway.policy.conformance import conform
from gateway.policy.doubt import Doubt, Finding
from gateway.policy.engine import Engine, NoAnswer, Overtaken

__all__ = ["WRONG", "Failed", "Panel", "Which"]

WRONG = "answers known questions wrong"
"""What is said of an engine that is not to be believed, after its name."""

Failed: TypeAlias = Callable[[str, EngineFault], None]
"""Told an engine's name and why it gave no answer."""

Which: TypeAlias = Literal["all", "local", "remote"]
"""Which engines are meant: those of this process, of others, or both."""

_Ask: TypeAlias = Callable[[Engine], Awaitable[bytes]]


class Panel:
    """Asks every engine of a bundle, at the same time where that is possible.

    An engine of another process is not asked before it has answered the bundle's
    conformance questions: until then it may have no bundle, or an older one.
    """

    def __init__(
        self, bundle: Bundle, engines: Sequence[Engine], *, doubt: Doubt, failed: Failed
    ) -> None:
        """Take the engines, what closes them all, and who counts failures."""
        self.names = tuple(engine.name for engine in engines)
        self._bundle = bundle
        self._local = [engine for engine in engines if not engine.remote]
        self._remote = [engine for engine in engines if engine.remote]
        self._untried = {engine.name for engine in self._remote}
        self._doubt = doubt
        self._failed = failed

    async def screen(self, question: bytes) -> bytes:
        """Return what all say of a question whose records are pending.

        Raises:
            Unavailable: policy-unavailable or policy-disagreement.
        """
        return await self._agreed(question, lambda engine: engine.screen(question))

    async def decide(self, question: bytes) -> bytes:
        """Return what all say of a question that has records.

        Raises:
            Unavailable: policy-unavailable or policy-disagreement.
        """
        return await self._agreed(question, lambda engine: engine.decide(question))

    async def problem(self, which: Which = "all", *, trial: bool = False) -> str:
        """Ask the bundle's conformance questions; empty if all were answered right.

        A wrong answer closes: whoever gave it may have answered others wrong. No
        answer is only said, and so is a wrong one in the trial of a bundle that is
        not in force: it may be the bundle's fault.
        """
        for engine in self._chosen(which):
            try:
                right = await conform(engine, self._bundle)
            except Overtaken:
                continue  # it is ahead of this bundle, whose time is nearly over
            except Unavailable as error:
                return error.detail
            if not right:
                detail = f"{engine.name} {WRONG}"
                if not trial:
                    finding = Finding(detail=detail, revision=self._bundle.revision)
                    self._doubt.close(finding)
                return detail
            self._untried.discard(engine.name)
        return ""

    def _chosen(self, which: Which) -> Sequence[Engine]:
        chosen = {
            "all": [*self._local, *self._remote],
            "local": self._local,
            "remote": self._remote,
        }
        return chosen[which]

    async def _agreed(self, question: bytes, ask: _Ask) -> bytes:
        try:
            self._refuse()
            answers = await self._answers(ask)
        except NoAnswer as error:
            if not isinstance(error, Overtaken):
                self._failed(error.engine, error.fault)
            raise
        # Another question may have raised a doubt while this one was out.
        self._doubt.refuse()
        if len(set(answers.values())) != 1:
            detail = f"{' and '.join(answers)} answer one question differently"
            self._doubt.close(
                Finding(
                    detail=detail,
                    revision=self._bundle.revision,
                    question=question,
                    answers=answers,
                )
            )
            raise Unavailable(Cause.POLICY_DISAGREEMENT, detail)
        return next(iter(answers.values()))

    def _refuse(self) -> None:
        self._doubt.refuse()
        for name in self._untried:
            detail = "has not answered the known questions of this bundle yet"
            raise NoAnswer(name, EngineFault.UNTRIED, detail)

    async def _answers(self, ask: _Ask) -> dict[str, bytes]:
        """Return each engine's answer; others evaluate while our own does."""
        if not self._remote:
            return {engine.name: await ask(engine) for engine in self._local}
        engines = [*self._remote, *self._local]
        found = await asyncio.gather(
            *(_in_turn(engine, ask) for engine in engines), return_exceptions=True
        )
        answers: dict[str, bytes] = {}
        for engine, answer in zip(engines, found, strict=True):
            if isinstance(answer, BaseException):
                raise answer
            answers[engine.name] = answer
        return answers


async def _in_turn(engine: Engine, ask: _Ask) -> bytes:
    """Ask an engine; ours, which never waits, after the others' requests are sent."""
    if not engine.remote:
        # One turn of the loop builds a request, the next one writes it.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return await ask(engine)
