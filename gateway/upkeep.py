"""What goes on beside requests, between the start entry and the stop entry."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager

from gateway.catalogue import Catalogue
from gateway.control import Docket
from gateway.errors import GatewayError
from gateway.notices import Notices
from gateway.runs import (
    expired,
    forget_forever,
    mark_forever,
    run_of,
    watch_schema,
    watch_witnesses,
)
from gateway.services import Services, witness_word
from gateway.state import Review, expire_forever
from gateway.succession import record_findings

__all__ = ["at_work", "docket_of"]


@asynccontextmanager
async def at_work(services: Services, group: asyncio.TaskGroup) -> AsyncIterator[None]:
    """Write the start entry and keep everything going; at the end the reverse."""
    run = run_of(
        services.ledger.registrar,
        basis=lambda: services.standing.basis,
        witness=witness_word(services.config),
    )
    async with AsyncExitStack() as stack:
        for connector in services.connectors.values():
            stack.push_async_callback(connector.close)
        await stack.enter_async_context(run)
        services.takeover.begin()
        background = [group.create_task(work) for work in _background(services)]
        try:
            yield
        finally:
            for task in background:
                task.cancel()
            await services.junk.write()
            await services.archiver.write()
            await services.remembering.write()
            await services.arrears.write()


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
        _notices(services).watch(),
        services.junk.run(),
        services.archiver.run(),
        services.remembering.run(),
        services.arrears.run(),
        docket_of(services).look_forever(services.arrears.settled),
        expire_forever(services.reviews, recorded),
        services.papers.follow(refused),
        watch_schema(_catalogue(services), services.connectors, services.telemetry),
        services.succession.watch(),
        services.takeover.follow(),
        record_findings(
            services.ledger.registrar, services.standing, services.telemetry
        ),
        _forgetting(services),
        mark_forever(services.ledger),
        watch_witnesses(services.ledger.witnessing, services.telemetry),
    ]


def docket_of(services: Services) -> Docket:
    """Return the list of tasks, as people work it."""
    return Docket(
        tasks=services.tasks,
        log=services.log,
        tickets=services.tickets,
        clock=services.clock,
    )


def _catalogue(services: Services) -> Callable[[], Catalogue]:
    """Return what tells the catalogue in force."""
    return lambda: services.in_force.catalogue


def _notices(services: Services) -> Notices:
    """Return what tells of changes that no request has to meet first."""
    return Notices(
        log=services.log,
        connectors=services.connectors,
        keys=services.keys,
        lines=services.telemetry.lines,
    )


def _forgetting(services: Services) -> Coroutine[object, object, None]:
    """Return what deletes what is older than the retention says."""
    return forget_forever(
        reviews=services.reviews,
        tasks=services.tasks,
        archive=services.archive,
        clock=services.clock,
        zone=services.config.zone,
        retention=services.config.retention,
    )
