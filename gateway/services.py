"""The running parts that handlers use, and where an application keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from audit import Log
from connectors import Connector
from gateway.asking.idempotency import Tickets
from gateway.clock import Clock
from gateway.config import Config
from gateway.exchange import Exchange
from gateway.identity import Authenticator, CutOffs, Keys, Limits
from gateway.in_force import CurrentPapers, InForce
from gateway.ledger import Ledger
from gateway.policy.engines import Engines
from gateway.recording.archiving import Archiver
from gateway.recording.arrears import Arrears
from gateway.recording.junk import Junk
from gateway.recording.remembering import Remembering
from gateway.standing import Standing
from gateway.state import ArchiveRows, Reviews, Tasks
from gateway.stopping import Flights
from gateway.succession import Succession
from gateway.takeover import Takeover
from gateway.telemetry import Telemetry

__all__ = ["SERVICES", "Services", "witness_word"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """The running parts that handlers use."""

    config: Config
    clock: Clock
    ledger: Ledger
    authenticator: Authenticator
    keys: Keys
    cutoffs: CutOffs
    connectors: Mapping[str, Connector]
    standing: Standing
    succession: Succession
    takeover: Takeover
    reviews: Reviews
    tasks: Tasks
    archive: ArchiveRows
    exchange: Exchange
    papers: CurrentPapers
    tickets: Tickets
    archiver: Archiver
    limits: Limits
    remembering: Remembering
    arrears: Arrears
    flights: Flights
    junk: Junk
    telemetry: Telemetry

    @property
    def log(self) -> Log:
        """The log."""
        return self.ledger.log

    @property
    def engines(self) -> Engines:
        """The policy engines, and the bundle they are offered."""
        return self.succession.engines

    @property
    def in_force(self) -> InForce:
        """What was activated and is in force."""
        return self.standing.in_force


SERVICES: web.AppKey[Services] = web.AppKey("services", Services)
"""Where an application keeps its services."""


def witness_word(config: Config) -> str:
    """Return who outside watches the log: the public word of start entries."""
    if config.log.quorum is not None:
        return "quorum"
    return "demo" if config.demo and config.log.witness is None else "none"
