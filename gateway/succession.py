"""How one activation follows another without a gap, and what watches the engines.

An OPA server polls for its bundle, so for a second or two after an activation it
answers by the one before. Until it has the new one, and has answered its known
questions right, exchanges go on under the activation before, whole: its rules, its
catalogue, its manifest, and its revision in their entries. After ten seconds the new
one is in force all the same, and an engine that does not have it is no engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.acts import ActsInForce, closing
from gateway.canonical import Json
from gateway.clock import Clock
from gateway.config import Config
from gateway.errors import Unavailable
from gateway.in_force import InForce, Written, put_in_force
from gateway.ledger import Registrar
from gateway.policy.doubt import Finding
from gateway.policy.engines import Engines, open_engines
from gateway.standing import Standing
from gateway.telemetry import Telemetry

__all__ = ["Succession", "in_engines", "record_findings"]

_CLOSED = "an engine was caught saying something wrong before the last start"

_LOOK_S = 0.1
"""How often OPA is asked whether it has the new bundle, in seconds."""

_WATCH_S = 1.0
"""How often an engine is looked at that did not answer right, in seconds."""

_FRESH_S = 10.0
"""How long a right answer to the known questions is believed, in seconds."""

_RETRY_S = 1.0

_Side: TypeAlias = Literal["local", "remote"]
_NAMES: dict[_Side, str] = {"local": "embedded", "remote": "opa"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """What came of the known questions, when, and under which activation."""

    law: InForce
    at: float
    problem: str


class Succession:
    """Puts activations into force, and asks engines the known questions."""

    def __init__(
        self,
        *,
        standing: Standing,
        engines: Engines,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        """Take what is in force, the engines, the clock, and who is told."""
        self.standing = standing
        self.engines = engines
        self.clock = clock
        self.telemetry = telemetry
        self._turn = asyncio.Lock()
        self._asking = asyncio.Lock()
        self._asked: dict[_Side, _Asked] = {}

    async def take(self, law: InForce, written: Written, *, at_ms: int) -> str:
        """Put an activation into force; return what an engine without it says.

        Args:
            law: what was activated, loaded and tried in this process.
            written: the files it comes from.
            at_ms: the time of its entry.
        """
        async with self._turn:
            until = self.standing.grace_until
            self.engines.offer(written.bundle)
            problem = await self._taken(law, until)
            left = max(0.0, until - self.clock.monotonic())
            self.standing.activate(law, at_ms=at_ms, grace_s=left)
            self.standing.authenticator.use(written.registry)
        self.telemetry.lines.info("activated", policy=law.policy.revision)
        return problem

    async def problem(self) -> str:
        """Return what is wrong with an engine; empty where all answer right.

        An engine that answered right is asked again after ten seconds, or when its
        breaker has opened since.
        """
        return await self._looked_at("local") or await self._looked_at("remote")

    async def looked_at(self) -> str:
        """Ask every engine now, for somebody who looks; as :meth:`problem`."""
        self._asked.clear()
        return await self.problem()

    async def watch(self) -> None:
        """Keep an eye on engines of other processes, until cancelled."""
        while True:
            self.standing.retire()
            if self.engines.remote:
                await self._looked_at("remote")
            await asyncio.sleep(_WATCH_S)

    async def _looked_at(self, side: _Side) -> str:
        async with self._asking:
            law, now = self.standing.in_force, self.clock.monotonic()
            kept = self._asked.get(side)
            right = kept and kept.law is law and not kept.problem
            failing = side == "remote" and self.engines.open
            if kept and right and not failing and now - kept.at < _FRESH_S:
                return ""
            problem = await law.policy.problem(side)
            self._asked[side] = _Asked(
                law=law, at=self.clock.monotonic(), problem=problem
            )
            self._say(side, kept.problem if kept else "", problem)
            return problem

    def _say(self, side: _Side, before: str, now: str) -> None:
        """Tell operators how an engine is, in a line where that changed."""
        engine, lines = _NAMES[side], self.telemetry.lines
        self.telemetry.metrics.set("sallyport_engine_ready", not now, engine=engine)
        if now and now != before:
            lines.warning("engine", engine=engine, problem=now)
        elif before and not now:
            lines.info("engine", engine=engine)

    async def _taken(self, law: InForce, until: float) -> str:
        """Wait until every remote engine answers by a bundle, and answers right."""
        problem = await law.policy.problem("remote")
        while problem and self.clock.monotonic() < until:
            if self.engines.doubt.detail:
                break  # it answers, and wrong: waiting makes nothing better
            await asyncio.sleep(_LOOK_S)
            problem = await law.policy.problem("remote")
        return problem


@asynccontextmanager
async def in_engines(
    written: Written,
    config: Config,
    telemetry: Telemetry,
    clock: Clock,
    *,
    acts: ActsInForce,
) -> AsyncIterator[tuple[InForce, Engines]]:
    """Open the engines of a configuration and load what was activated into them.

    How they do is counted. What the log says was closed is closed.

    Raises:
        As :func:`gateway.policy.engines.open_engines` and
        :func:`gateway.in_force.put_in_force`.
    """
    metrics = telemetry.metrics
    opened = open_engines(
        config,
        monotonic=clock.monotonic,
        failed=lambda engine, fault: metrics.add(
            "sallyport_engine_failures_total", engine=engine, fault=str(fault)
        ),
        took=lambda seconds: metrics.observe("sallyport_engine_seconds", seconds),
    )
    async with opened as engines:
        if "policy-disagreement" in acts.causes:
            engines.doubt.still(_CLOSED)
        law = await put_in_force(written, engines.policy)
        engines.offer(written.bundle)
        yield law, engines


async def record_findings(
    registrar: Registrar, standing: Standing, telemetry: Telemetry
) -> None:
    """Write each finding into the log, so that a restart does not forget it.

    Nothing is released meanwhile, whether or not the log takes it.
    """
    while True:
        finding = await standing.doubt.found()
        telemetry.metrics.add("sallyport_disagreements_total")
        telemetry.lines.error("disagreement", problem=finding.detail)
        while not await _recorded(finding, registrar, standing):  # noqa: ASYNC110  # tried again, not waited for
            await asyncio.sleep(_RETRY_S)


async def _recorded(finding: Finding, registrar: Registrar, standing: Standing) -> bool:
    try:
        await registrar.state(
            lambda _acts: closing(origin=registrar.origin, cause="policy-disagreement"),
            basis=standing.basis,
            sealed={"replay": _replay(finding)},
        )
    except Unavailable:
        return False
    standing.doubt.noted = True
    return True


def _replay(finding: Finding) -> dict[str, Json]:
    """Return what an auditor needs to say which engine was right."""
    return {
        "found": finding.detail,
        "revision": finding.revision,
        "question": finding.question.decode(),
        "answers": {name: data.decode() for name, data in finding.answers.items()},
    }
