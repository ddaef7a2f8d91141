"""Commands while no gateway runs: take the log's lock, append, leave."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from functools import partial

from gateway.acts import Activation
from gateway.asking.idempotency import Tickets
from gateway.canonical import Json
from gateway.clock import Clock
from gateway.config import Config
from gateway.control.actions import Actions
from gateway.control.docket import Docket
from gateway.control.proposal import Proposal
from gateway.control.protocol import NotDone
from gateway.identity import read_face
from gateway.ledger import Basis, Ledger, open_ledger
from gateway.state import Reviews, Tasks

__all__ = ["offline_actions"]

_HOUR_MS = 3_600_000


@asynccontextmanager
async def offline_actions(
    config: Config,
    *,
    clock: Clock,
    propose: Callable[[], Awaitable[Proposal]],
    known: Callable[[str], Collection[str] | None],
    create: bool = False,
    patience_s: float = 0,
    waits: Callable[[float], None] = lambda _seconds: None,
    progress: Callable[[int], None] = lambda _entries: None,
) -> AsyncIterator[Actions]:
    """Open the log as its only writer and yield what carries out commands on it.

    Args:
        config: where everything lies.
        clock: the one clock.
        propose: tells what the files come to now.
        known: the families, agencies and datasets there are.
        create: begin a new log where there is none (for its genesis act).
        patience_s: how many seconds to wait for another command that has the log.
        waits: told that for how many seconds, at most, as soon as it waits.
        progress: told how many entries were read back.

    Raises:
        As :func:`gateway.ledger.open_ledger`.
    """
    async with open_ledger(
        config,
        clock=clock,
        create=create,
        patience_s=patience_s,
        waits=waits,
        progress=progress,
    ) as ledger:
        yield Actions(
            registrar=ledger.registrar,
            reviews=Reviews(
                database=ledger.database,
                key=ledger.keys.reviews,
                clock=clock,
                due_ms=config.reviews.due_hours * _HOUR_MS,
                most_waiting=config.reviews.most_waiting,
            ),
            docket=Docket(
                tasks=Tasks(database=ledger.database, clock=clock),
                log=ledger.log,
                tickets=Tickets(secret=ledger.keys.dedup),
                clock=clock,
            ),
            papers_key=ledger.keys.papers,
            propose=propose,
            face=partial(read_face, config.instruments),
            running=_Offline(ledger=ledger, known=known),
        )


class _Offline:
    """What there is of a gateway when none runs."""

    def __init__(
        self, *, ledger: Ledger, known: Callable[[str], Collection[str] | None]
    ) -> None:
        self._ledger = ledger
        self._known = known

    async def basis(self) -> Basis:
        active = self._ledger.acts.in_force.activation
        if active is None:
            raise NotDone("nothing was activated yet; run: sallyport activate")
        return Basis(policy=active.policy, manifest=active.manifest)

    async def activated(self, activation: Activation, _proposal: Proposal) -> str:
        return f"number {activation.counter} is in force when the gateway starts"

    async def looked_at(self) -> None:
        """Nothing to ask here: a gateway that starts tries its engines itself."""

    def reopened(self) -> str:
        return "in force when the gateway starts"

    async def stop(self) -> str:
        raise NotDone("no gateway runs with this configuration")

    def settled(self, task: str) -> None:
        """Nothing to tell: a gateway that starts reads which tasks are open."""

    def known(self, scope: str) -> Collection[str] | None:
        return self._known(scope)

    def status(self) -> Mapping[str, Json]:
        return {"running": False, "entries": self._ledger.log.size}
