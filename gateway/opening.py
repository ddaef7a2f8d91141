"""The only place that constructs anything: from a configuration to running parts.

Opened in the order that is safe, closed in reverse: files, log and state, what was
activated, keys and cut-offs, sources, and last what answers requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
)

from connectors import Connector
from gateway.acts import ActsInForce
from gateway.answering.reading import Reader
from gateway.asking.intake import Intake
from gateway.clock import Clock
from gateway.config import Config
from gateway.databases import connector_of
from gateway.exchange import Exchange
from gateway.identity import (
    Authenticator,
    ClientAuthorities,
    CutOffs,
    Keys,
    Verifier,
    issuer_rules,
)
from gateway.in_force import (
    CurrentPapers,
    InForce,
    LoggedPapers,
    Written,
    read_files,
)
from gateway.ledger import Ledger, open_ledger, require_files
from gateway.notices import notice_acts
from gateway.places import Places
from gateway.recording.junk import Junk
from gateway.runs import LoggedCutOffs
from gateway.services import Services
from gateway.standing import Standing
from gateway.stopping import Flights
from gateway.stores import Stores
from gateway.succession import Succession, in_engines
from gateway.takeover import Takeover
from gateway.telemetry import ClockGuard, Lines, Metrics, Telemetry
from gateway.upkeep import at_work

__all__ = ["open_services"]

PATIENCE_S = 10.0
"""How long a start waits for a command that has the log, in seconds.

Somebody who asks for the status just then, or a monitor that does so each minute,
must not keep a gateway from starting.
"""


@asynccontextmanager
async def open_services(
    config: Config,
    *,
    telemetry: Telemetry,
    clock: Clock,
    waits: Callable[[float], None] = lambda _seconds: None,
) -> AsyncIterator[Services]:
    """Open everything that a gateway runs on; close it all at the end.

    ``waits`` is told for how many seconds, at most, it waits for who has the log.

    Raises:
        InvalidFile: a file the operator wrote has mistakes.
        NotActivated: the files are not what was activated.
        audit.LogError, StateRefused, ActOutOfOrder: log and state do not fit.
        Unavailable: state-unavailable or policy-unavailable.
    """
    written = await asyncio.to_thread(read_files, config)
    async with AsyncExitStack() as stack:
        ledger = await stack.enter_async_context(
            open_ledger(config, clock=clock, patience_s=PATIENCE_S, waits=waits)
        )
        registrar, manifest = ledger.registrar, written.manifest
        policy = written.bundle.revision
        active = await require_files(registrar, policy=policy, manifest=manifest)
        law, engines = await stack.enter_async_context(
            in_engines(written, config, telemetry, clock, acts=ledger.acts.in_force)
        )
        group = await stack.enter_async_context(asyncio.TaskGroup())
        keys = await stack.enter_async_context(_keys(config, clock, group))
        cutoffs = await stack.enter_async_context(_cutoffs(ledger, clock, group))
        notice_acts(registrar, telemetry.lines)
        standing = await _standing(
            config,
            written,
            clock,
            lines=telemetry.lines,
            ledger=ledger,
            law=law,
            activated_ms=active.at_ms,
            keys=keys,
            cutoffs=cutoffs,
        )
        succession = Succession(
            standing=standing, engines=engines, clock=clock, telemetry=telemetry
        )
        takeover = Takeover(config, manifest, active, registrar, succession=succession)
        services = await _answering(
            config, clock, ledger=ledger, keys=keys, cutoffs=cutoffs, takeover=takeover
        )
        await stack.enter_async_context(at_work(services, group))
        yield services


def _keys(
    config: Config, clock: Clock, group: asyncio.TaskGroup
) -> AbstractAsyncContextManager[Keys]:
    """Keep the issuers' keys fresh."""
    keys = Keys(issuers=map(issuer_rules, config.issuers), clock=clock)
    return keys.refreshing(group)


@asynccontextmanager
async def _cutoffs(
    ledger: Ledger, clock: Clock, group: asyncio.TaskGroup
) -> AsyncIterator[CutOffs]:
    """Follow the cut-offs of the log, and have them at once after each act."""
    logged = LoggedCutOffs(ledger.registrar)
    cutoffs = CutOffs(store=logged, clock=clock)

    async def have(_acts: ActsInForce) -> None:
        cutoffs.put(logged.known())

    ledger.registrar.tell(have)
    async with cutoffs.following(group):
        yield cutoffs


async def _standing(
    config: Config,
    written: Written,
    clock: Clock,
    *,
    lines: Lines,
    ledger: Ledger,
    law: InForce,
    activated_ms: int,
    keys: Keys,
    cutoffs: CutOffs,
) -> Standing:
    """Build what is looked at before each release, and what establishes who asks."""
    authorities = await asyncio.to_thread(ClientAuthorities, config.server.client_cas)
    standing = Standing(
        in_force=law,
        activated_ms=activated_ms,
        authenticator=Authenticator(
            verifier=Verifier(keys=keys, clock=clock),
            authorities=authorities,
            registry=written.registry,
            clock=clock,
        ),
        cutoffs=cutoffs,
        clock=clock,
        clock_guard=ClockGuard(
            clock=clock,
            stepped=lambda seconds: lines.error("clock", seconds=round(seconds)),
        ),
        witnessing=ledger.witnessing,
        policy_max_age_s=config.policy_max_age_seconds,
    )
    await standing.heed(ledger.acts.in_force)
    ledger.registrar.tell(standing.heed)
    return standing


async def _answering(
    config: Config,
    clock: Clock,
    *,
    ledger: Ledger,
    keys: Keys,
    cutoffs: CutOffs,
    takeover: Takeover,
) -> Services:
    """Build what answers requests, on what is open."""
    succession = takeover.succession
    standing, metrics = succession.standing, succession.telemetry.metrics
    stores = Stores.on(ledger, config, clock, standing, metrics)
    await stores.remembering.load()
    await stores.arrears.load()
    papers = await _papers(config, ledger, standing)
    connectors = _connectors(config)
    return Services(
        config=config,
        clock=clock,
        ledger=ledger,
        authenticator=standing.authenticator,
        keys=keys,
        cutoffs=cutoffs,
        connectors=connectors,
        standing=standing,
        succession=succession,
        takeover=takeover,
        reviews=stores.reviews,
        tasks=stores.tasks,
        archive=stores.archive,
        exchange=Exchange(
            intake=_intake(config, papers, ledger, stores, clock),
            reader=_reader(config, connectors, ledger, metrics, clock),
            recorder=stores.recorder(ledger, config, clock, metrics),
            standing=standing,
            tickets=stores.tickets,
            limits=stores.limits,
            clock=clock,
        ),
        papers=papers,
        tickets=stores.tickets,
        archiver=stores.archiver,
        limits=stores.limits,
        remembering=stores.remembering,
        arrears=stores.arrears,
        flights=_flights(config),
        junk=Junk(log=ledger.log, standing=standing),
        telemetry=succession.telemetry,
    )


def _intake(
    config: Config, papers: CurrentPapers, ledger: Ledger, stores: Stores, clock: Clock
) -> Intake:
    """Return what reads requests."""
    return Intake(
        papers=papers,
        subject_key=ledger.keys.papers,
        asked=stores.limits.asked,
        clock=clock,
        zone=config.zone,
    )


def _flights(config: Config) -> Flights:
    """Return what bounds requests in flight."""
    limits = config.limits
    places = Places(most=limits.concurrency, reserve=limits.reserve, queue=limits.queue)
    return Flights(places=places, longest_wait_s=limits.queue_ms / 1000)


async def _papers(config: Config, ledger: Ledger, standing: Standing) -> CurrentPapers:
    """Return the papers, each in the state that the log says."""
    logged = LoggedPapers(secret=ledger.keys.papers, acts=lambda: ledger.acts.in_force)
    return await asyncio.to_thread(
        CurrentPapers, config, lambda: standing.in_force.policy.vocabulary, logged
    )


def _connectors(config: Config) -> dict[str, Connector]:
    """Return each source's connector; nothing is opened until it is first used."""
    return {name: connector_of(name, source) for name, source in config.sources.items()}


def _reader(
    config: Config,
    connectors: Mapping[str, Connector],
    ledger: Ledger,
    metrics: Metrics,
    clock: Clock,
) -> Reader:
    """Return what reads pages, with each source's bounds."""
    return Reader(
        connectors=connectors,
        pseudonym_key=ledger.keys.pseudonyms,
        deadline_s={n: s.timeout_ms / 1000 for n, s in config.sources.items()},
        max_records={n: s.max_rows for n, s in config.sources.items()},
        metrics=metrics,
        clock=clock,
    )
