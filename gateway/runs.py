"""A run of the gateway: its start and stop entries, and what goes on meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from audit import Log
from audit.act import Statement
from audit.standing import NOT_ASKED
from connectors import Connector, SourceUnavailable
from gateway import __version__
from gateway.acts import ActsInForce, closing, start, stop
from gateway.asking.idempotency import Tickets
from gateway.canonical import Json
from gateway.catalogue import Catalogue, drift
from gateway.clock import Clock
from gateway.config import Retention
from gateway.errors import Unavailable
from gateway.identity import CutOff, Reach
from gateway.ledger import (
    Basis,
    Ended,
    Ledger,
    Registrar,
    Witnessing,
    record_end,
)
from gateway.standing import Standing
from gateway.state import ArchiveRows, Review, Reviews, Tasks, forget_old
from gateway.telemetry import Telemetry

__all__ = [
    "LoggedCutOffs",
    "expired",
    "forget_forever",
    "mark_forever",
    "run_of",
    "state_put_back",
    "watch_schema",
    "watch_witnesses",
]

_SCHEMA_S = 300.0
_SCHEMA_DEADLINE_S = 5.0
_MARK_S = 60.0
_DAY_S = 86_400.0
_WITNESSES_S = 5.0


class LoggedCutOffs:
    """The store of cut-offs: what the acts of the log say.

    From memory where this process alone writes the log. Where others do too, their
    acts are read first: a list that does not have them is not the list.
    """

    def __init__(self, registrar: Registrar) -> None:
        """Take who writes and folds acts."""
        self._registrar = registrar

    async def active(self) -> Sequence[CutOff]:
        """Return every cut-off in force.

        Raises:
            ActOutOfOrder, ActMalformed, Unavailable: the acts of other processes
                could not be read.
        """
        await self._registrar.follow()
        return self.known()

    def known(self) -> Sequence[CutOff]:
        """Return those of the acts read so far."""
        return [
            CutOff(
                id=str(act.number),
                reach=Reach(act.scope),
                value=act.name,
                reason=act.reason,
                since_ms=act.at_ms,
                entry=act.index,
            )
            for act in self._registrar.in_force.cutoffs
        ]


@asynccontextmanager
async def run_of(
    registrar: Registrar, *, basis: Callable[[], Basis], witness: str
) -> AsyncIterator[None]:
    """Write the start entry now, and the stop entry when the block ends.

    A run without a stop entry was killed. A log that failed cannot be told of the
    stop; then there is none.
    """
    started = await registrar.state(
        lambda acts: _start(registrar.origin, acts, witness), basis=basis
    )
    try:
        yield
    finally:
        with contextlib.suppress(Unavailable):
            await registrar.state(
                lambda _acts: stop(
                    origin=registrar.origin, run=started.statement.counter
                ),
                basis=basis,
            )


def _start(origin: str, acts: ActsInForce, witness: str) -> Statement:
    active = acts.activation
    return start(
        origin=origin,
        activation=active.counter if active else 0,
        version=__version__,
        witness=witness,
    )


async def expired(
    review: Review, *, log: Log, standing: Standing, tickets: Tickets
) -> None:
    """Write the entry that a review's time ran out; written twice it is one entry.

    Raises:
        Unavailable: log-unavailable.
    """
    key = tickets.derived("expired", review.exchange)
    account: dict[str, Json] = {
        "exchange": review.exchange,
        "state": "expired",
        "entry": review.entry if review.entry is not None else -1,
    }
    ended = Ended(key=key, how=key, account=account)
    await record_end(log, ended, basis=standing.basis)


async def mark_forever(ledger: Ledger) -> None:
    """Note now and then how far the log was read, so that a start reads less."""
    while True:
        await asyncio.sleep(_MARK_S)
        # What others wrote is read up to where the acts say, and no further.
        shared = ledger.log.shared
        size = ledger.acts.log_size if shared else ledger.log.size
        with contextlib.suppress(Unavailable):
            await ledger.acts.mark(size)
            if ledger.acts.put_back:
                await state_put_back(ledger)


async def state_put_back(ledger: Ledger) -> None:
    """Write that an older copy of the state was put in its place under us.

    Raises:
        Unavailable: log-unavailable or state-unavailable; then it is tried again.
    """
    registrar = ledger.registrar
    active = registrar.in_force.activation
    await registrar.state(
        lambda _acts: closing(origin=registrar.origin, cause="state-restored"),
        basis=Basis(active.policy, active.manifest) if active else Basis(),
    )
    ledger.acts.renew()
    await ledger.acts.mark(ledger.acts.log_size)


async def forget_forever(
    *,
    reviews: Reviews,
    tasks: Tasks,
    archive: ArchiveRows,
    clock: Clock,
    zone: ZoneInfo,
    retention: Retention,
) -> None:
    """Delete what is older than the retention says, now and once a day."""
    while True:
        with contextlib.suppress(Unavailable):
            await forget_old(
                reviews=reviews,
                tasks=tasks,
                archive=archive,
                clock=clock,
                zone=zone,
                reviews_days=retention.reviews_days,
                tasks_days=retention.tasks_days,
                archive_days=retention.archive_days,
            )
        await asyncio.sleep(_DAY_S)


async def watch_schema(
    catalogue: Callable[[], Catalogue],
    connectors: Mapping[str, Connector],
    telemetry: Telemetry,
    *,
    every_s: float = _SCHEMA_S,
) -> None:
    """Compare live schemas with the catalogue, now and on a timer, until cancelled.

    A column nobody classified is withheld anyway, since only catalogued columns are
    ever selected; here somebody is told.

    Args:
        catalogue: tells the catalogue in force, which an activation may replace.
        connectors: by source.
        telemetry: is told how many columns are not as catalogued, and of which kind.
        every_s: seconds between two looks.
    """
    while True:
        await _look_at_schemas(catalogue(), connectors, telemetry)
        await asyncio.sleep(every_s)


async def _look_at_schemas(
    catalogue: Catalogue, connectors: Mapping[str, Connector], telemetry: Telemetry
) -> None:
    drifts: Counter[str] = Counter()
    for dataset in catalogue.datasets.values():
        try:
            live = await connectors[dataset.source].schema(
                dataset.table.name, deadline_s=_SCHEMA_DEADLINE_S
            )
        except SourceUnavailable:
            continue
        found = drift(dataset, live)
        drifts[dataset.source] += len(found)
        for item in found:
            telemetry.lines.warning("drift", dataset=dataset.id, kind=str(item.kind))
    for source, count in drifts.items():
        telemetry.metrics.set("sallyport_drift", count, source=source)


async def watch_witnesses(
    witnessing: Witnessing, telemetry: Telemetry, *, every_s: float = _WITNESSES_S
) -> None:
    """Say when a witness stops or begins to sign, and when too much is unsigned.

    Looks now and on a timer until cancelled; nothing is asked here.
    """
    said: dict[str, str] = {}
    alarmed = False
    while True:
        for each in witnessing.standings:
            if each.problem not in {said.get(each.name, ""), NOT_ASKED}:
                lines = telemetry.lines
                write = lines.warning if each.problem else lines.info
                problem = f"{each.name}: {each.problem or 'signs again'}"
                write("witness", problem=problem)
                said[each.name] = each.problem
        if witnessing.alarming and not alarmed:
            seconds = round(witnessing.unwitnessed_s)
            telemetry.lines.error("unwitnessed", seconds=seconds)
        alarmed = witnessing.alarming
        await asyncio.sleep(every_s)
