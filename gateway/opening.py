"""The only place that constructs anything: from a configuration to running parts.

Opened in the order that is safe, closed in reverse: files, log and state, what was
activated, keys and cut-offs, sources, and last what answers requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from connectors import Connector
from gateway.acts import require_active
from gateway.answering.reading import Reader
from gateway.clock import Clock
from gateway.config import Config
from gateway.databases import connector_of
from gateway.errors import GatewayError
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
from gateway.ledger import Basis, Ledger, Witnessing, open_ledger
from gateway.manifest import Manifest
from gateway.recording.junk import Junk
from gateway.runs import (
    LoggedCutOffs,
    expired,
    forget_forever,
    mark_forever,
    run_of,
    watch_schema,
    watch_witnesses,
)
from gateway.services import Services, witness_word
from gateway.standing import Standing
from gateway.state import (
    Review,
    expire_forever,
)
from gateway.stopping import Flights
from gateway.stores import Stores
from gateway.succession import Succession, in_engines, record_findings
from gateway.telemetry import ClockGuard, Metrics, Telemetry

__all__ = ["open_services"]

_HOUR_MS = 3_600_000


@asynccontextmanager
async def open_services(
    config: Config, *, telemetry: Telemetry, clock: Clock
) -> AsyncIterator[Services]:
    """Open everything that a gateway runs on; close it all at the end.

    Raises:
        InvalidFile: a file the operator wrote has mistakes.
        NotActivated: the files are not what was activated.
        audit.LogError, StateRefused, ActOutOfOrder: log and state do not fit.
        Unavailable: state-unavailable or policy-unavailable.
    """
    written = await asyncio.to_thread(read_files, config)
    async with AsyncExitStack() as stack:
        ledger = await stack.enter_async_context(open_ledger(config, clock=clock))
        active = require_active(
            ledger.acts.in_force.activation,
            policy=written.bundle.revision,
            manifest=written.manifest.digest,
        )
        law, engines = await stack.enter_async_context(
            in_engines(written, config, telemetry, clock, acts=ledger.acts.in_force)
        )
        group = await stack.enter_async_context(asyncio.TaskGroup())
        keys = Keys(issuers=map(issuer_rules, config.issuers), clock=clock)
        await stack.enter_async_context(keys.refreshing(group))
        cutoffs = await stack.enter_async_context(_cutoffs(ledger, clock, group))
        standing = await _standing(
            config,
            written,
            clock,
            law=law,
            activated_ms=active.at_ms,
            keys=keys,
            cutoffs=cutoffs,
            witnessing=ledger.witnessing,
        )
        services = await _answering(
            config=config,
            clock=clock,
            ledger=ledger,
            standing=standing,
            keys=keys,
            cutoffs=cutoffs,
            manifest=written.manifest,
            succession=Succession(
                standing=standing, engines=engines, clock=clock, telemetry=telemetry
            ),
            telemetry=telemetry,
        )
        await stack.enter_async_context(_at_work(services, group))
        yield services


@asynccontextmanager
async def _at_work(services: Services, group: asyncio.TaskGroup) -> AsyncIterator[None]:
    """Write the start entry and keep everything going; at the end the reverse."""
    law, config = services.in_force, services.config
    run = run_of(
        services.ledger.registrar,
        basis=Basis(policy=law.policy.revision, manifest=law.manifest),
        witness=witness_word(config),
    )
    async with AsyncExitStack() as stack:
        for connector in services.connectors.values():
            stack.push_async_callback(connector.close)
        await stack.enter_async_context(run)
        background = [group.create_task(work) for work in _background(services)]
        try:
            yield
        finally:
            for task in background:
                task.cancel()
            await services.junk.write()
            await services.archiver.write()


@asynccontextmanager
async def _cutoffs(
    ledger: Ledger, clock: Clock, group: asyncio.TaskGroup
) -> AsyncIterator[CutOffs]:
    """Follow the cut-offs of the log, and read them at once after each act."""
    cutoffs = CutOffs(store=LoggedCutOffs(ledger.registrar), clock=clock)
    async with cutoffs.following(group):
        ledger.registrar.tell(lambda _acts: cutoffs.read())
        yield cutoffs


async def _standing(
    config: Config,
    written: Written,
    clock: Clock,
    *,
    law: InForce,
    activated_ms: int,
    keys: Keys,
    cutoffs: CutOffs,
    witnessing: Witnessing,
) -> Standing:
    """Build what is looked at before each release, and what establishes who asks."""
    authorities = await asyncio.to_thread(ClientAuthorities, config.server.client_cas)
    return Standing(
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
        clock_guard=ClockGuard(clock=clock),
        witnessing=witnessing,
        policy_max_age_s=config.policy_max_age_seconds,
    )


def _background(services: Services) -> list[Coroutine[object, object, None]]:
    """Return what goes on beside requests; each ends when it is cancelled."""

    async def recorded(review: Review) -> None:
        await expired(
            review,
            log=services.log,
            standing=services.standing,
            tickets=services.tickets,
        )
        services.telemetry.metrics.add("sallyport_reviews_expired_total")

    def refused(error: GatewayError) -> None:
        problem = type(error).__name__
        services.telemetry.lines.warning("reload-refused", error=problem)

    return [
        services.junk.run(),
        services.archiver.run(),
        expire_forever(services.reviews, recorded),
        services.papers.follow(refused),
        watch_schema(
            services.in_force.catalogue, services.connectors, services.telemetry
        ),
        services.succession.watch(),
        record_findings(
            services.ledger.registrar, services.standing, services.telemetry
        ),
        forget_forever(
            reviews=services.reviews,
            tasks=services.tasks,
            archive=services.archive,
            clock=services.clock,
            retention=services.config.retention,
        ),
        mark_forever(services.ledger),
        watch_witnesses(services.ledger.witnessing, services.telemetry),
    ]


async def _answering(
    *,
    config: Config,
    clock: Clock,
    ledger: Ledger,
    standing: Standing,
    keys: Keys,
    cutoffs: CutOffs,
    manifest: Manifest,
    succession: Succession,
    telemetry: Telemetry,
) -> Services:
    """Build what answers requests, on what is open."""
    stores = Stores.on(ledger, config, clock)
    logged = LoggedPapers(secret=ledger.keys.papers, acts=lambda: ledger.acts.in_force)
    papers = await asyncio.to_thread(
        CurrentPapers, config, standing.in_force.policy.vocabulary, logged
    )
    connectors = _connectors(config)
    exchange = Exchange(
        papers=papers,
        subject_key=ledger.keys.papers,
        reader=_reader(config, connectors, ledger, telemetry.metrics, clock),
        recorder=stores.recorder(ledger, config, clock, telemetry.metrics),
        standing=standing,
        tickets=stores.tickets,
        clock=clock,
        zone=config.zone,
    )
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
        reviews=stores.reviews,
        tasks=stores.tasks,
        archive=stores.archive,
        exchange=exchange,
        manifest=manifest,
        papers=papers,
        tickets=stores.tickets,
        archiver=stores.archiver,
        flights=Flights(most=config.limits.concurrency + config.limits.queue),
        junk=Junk(log=ledger.log, standing=standing),
        telemetry=telemetry,
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
