"""What is kept in the state database, and what is built on it."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.asking.idempotency import Tickets
from gateway.clock import Clock
from gateway.config import Config
from gateway.identity import Limits
from gateway.ledger import Ledger
from gateway.recording.archiving import Archiver
from gateway.recording.arrears import Arrears
from gateway.recording.duties import Duties
from gateway.recording.recorder import Recorder
from gateway.recording.remembering import Remembering
from gateway.standing import Standing
from gateway.state import ArchiveRows, AskedRows, Reviews, Tasks
from gateway.telemetry import Metrics

__all__ = ["Stores"]

_HOUR_MS = 3_600_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Stores:
    """What is kept in the state database, and the keys to it."""

    tickets: Tickets
    tasks: Tasks
    reviews: Reviews
    archive: ArchiveRows
    archiver: Archiver
    limits: Limits
    remembering: Remembering
    arrears: Arrears

    @classmethod
    def on(
        cls,
        ledger: Ledger,
        config: Config,
        clock: Clock,
        standing: Standing,
        metrics: Metrics,
    ) -> Stores:
        """Return the stores on an open ledger."""
        tickets = Tickets(secret=ledger.keys.dedup)
        tasks = Tasks(database=ledger.database, clock=clock)
        archive = ArchiveRows(database=ledger.database)
        limits = Limits.configured(config, key=ledger.keys.asked, clock=clock)
        return cls(
            tickets=tickets,
            tasks=tasks,
            reviews=Reviews(
                database=ledger.database,
                key=ledger.keys.reviews,
                clock=clock,
                due_ms=config.reviews.due_hours * _HOUR_MS,
                most_waiting=config.reviews.most_waiting,
            ),
            archive=archive,
            archiver=Archiver(
                store=archive,
                secret=ledger.keys.archive,
                keep=config.retention.archive_days > 0,
            ),
            arrears=Arrears(
                tasks=tasks,
                tickets=tickets,
                metrics=metrics,
                clock=clock,
                zone=config.zone,
                shared=ledger.log.shared,
            ),
            limits=limits,
            remembering=_remembering(limits, ledger, config, clock, standing),
        )

    def recorder(
        self, ledger: Ledger, config: Config, clock: Clock, metrics: Metrics
    ) -> Recorder:
        """Return what records pages."""
        duties = Duties(
            tasks=self.tasks, reviews=self.reviews, clock=clock, zone=config.zone
        )
        return Recorder(
            log=ledger.log,
            duties=duties,
            tickets=self.tickets,
            archiver=self.archiver,
            arrears=self.arrears,
            metrics=metrics,
            clock=clock,
        )


def _remembering(
    limits: Limits, ledger: Ledger, config: Config, clock: Clock, standing: Standing
) -> Remembering:
    """Return what keeps whom somebody asked about; limits rely on it from now on."""
    remembering = Remembering(
        asked=limits.asked,
        store=AskedRows(database=ledger.database),
        bundle=lambda: standing.in_force.policy.bundle,
        days=config.limits.remember_days,
        clock=clock,
        zone=config.zone,
        shared=ledger.log.shared,
    )
    if config.replicas > 1:
        limits.rely(remembering.require)
    return remembering
