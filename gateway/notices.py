"""Log lines about what changes beside requests: each is written once, when it does.

An operator's alert waits for such a line; a request that fails says only what it met.
No line repeats what another party said: its text may hold anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from audit import Log
from connectors import BreakerState, Connector
from gateway.acts import ActsInForce
from gateway.identity import IssuerHealth, Keys
from gateway.ledger import Registrar
from gateway.telemetry import Lines

__all__ = ["Notices", "notice_acts"]

_LOOK_S = 1.0

_STOPPED = "it stopped: nothing is released until a restart"
_KEPT = "they could not be read; those from before are believed"
_STALE = "they could not be read: nothing that it signs is believed"


class Notices:
    """Looks at the log, the sources and the issuers' keys, and tells what changed.

    A gateway begins well in its own eyes: what already is not is told at once.
    """

    def __init__(
        self,
        *,
        log: Log,
        connectors: Mapping[str, Connector],
        keys: Keys,
        lines: Lines,
    ) -> None:
        """Take what is looked at and where lines go."""
        self._log = log
        self._connectors = connectors
        self._keys = keys
        self._lines = lines
        self._stopped = False
        self._open: set[str] = set()
        self._said: dict[str, str] = {}

    async def watch(self) -> None:
        """Look each second, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(_LOOK_S)

    def look(self) -> None:
        """Write a line for each thing that is not as it was at the last look."""
        if self._log.failed and not self._stopped:
            self._stopped = True
            self._lines.error("log", problem=_STOPPED)
        for name, connector in self._connectors.items():
            self._look_at_source(name, connector.breaker.state)
        for health in self._keys.health():
            self._look_at_keys(health)

    def _look_at_source(self, name: str, state: BreakerState) -> None:
        """Tell of a breaker; one that lets a probe through is what it was."""
        if state is BreakerState.OPEN and name not in self._open:
            self._open.add(name)
            self._lines.warning("source", source=name, open=True)
        elif state is BreakerState.CLOSED and name in self._open:
            self._open.remove(name)
            self._lines.info("source", source=name, open=False)

    def _look_at_keys(self, health: IssuerHealth) -> None:
        """Tell whether an issuer's keys could be read, and what that means."""
        problem = ""
        if health.problem:
            problem = _KEPT if health.usable else _STALE
        if problem == self._said.get(health.issuer, ""):
            return
        self._said[health.issuer] = problem
        if problem:
            self._lines.warning("keys", issuer=health.issuer, problem=problem)
        else:
            self._lines.info("keys", issuer=health.issuer)


def notice_acts(registrar: Registrar, lines: Lines) -> None:
    """Write a line for each cut-off and paper that acts change from now on.

    Whichever process wrote the act: the line says that this one goes by it.
    """
    held = registrar.in_force

    async def told(acts: ActsInForce) -> None:
        nonlocal held
        before, held = held, acts
        for act, cutoffs in (
            ("cutoff", [each for each in acts.cutoffs if each not in before.cutoffs]),
            ("cutoff-lift", [c for c in before.cutoffs if c not in acts.cutoffs]),
        ):
            for each in cutoffs:
                name = {"name": each.name} if each.name else {}
                lines.warning(
                    "cutoff", act=act, counter=each.number, scope=each.scope, **name
                )
        for paper in acts.papers.news(before.papers).values():
            lines.info("paper", entry=paper.index)

    registrar.tell(told)
