"""Gauges, read off the running parts when somebody asks for the metrics."""

from __future__ import annotations

from connectors.breaker import BreakerState
from gateway.errors import Unavailable
from gateway.services import Services

__all__ = ["refresh"]


async def refresh(services: Services) -> None:
    """Set every gauge to what it is now."""
    metrics, acts = services.telemetry.metrics, services.ledger.acts.in_force
    metrics.set("sallyport_in_flight", services.flights.count)
    metrics.set("sallyport_queued", services.flights.places.waiting)
    metrics.set("sallyport_arrears", services.arrears.count)
    metrics.set("sallyport_log_entries", services.log.size)
    metrics.set("sallyport_log_failed", services.log.failed)
    witnessing = services.ledger.witnessing
    metrics.set("sallyport_log_unwitnessed_seconds", witnessing.unwitnessed_s)
    metrics.set("sallyport_witness_clock_offset_seconds", witnessing.clock_offset_s)
    failing = [bool(each.problem) for each in witnessing.standings]
    metrics.set("sallyport_witnesses", failing.count(False), signs="yes")
    metrics.set("sallyport_witnesses", failing.count(True), signs="no")
    metrics.set("sallyport_cutoffs", len(acts.cutoffs))
    if acts.activation is not None:
        metrics.set("sallyport_activation", acts.activation.counter)
    metrics.set("sallyport_engine_open", services.engines.open)
    standing = services.standing
    closed = standing.doubt.detail or standing.restored or standing.closed
    metrics.set("sallyport_closed", bool(closed))
    metrics.set("sallyport_clock_offset_seconds", services.standing.clock_offset_s)
    for health in services.keys.health():
        metrics.set("sallyport_keys_age_seconds", health.age_s, issuer=health.issuer)
    for name, connector in services.connectors.items():
        metrics.set(
            "sallyport_source_open",
            connector.breaker.state is BreakerState.OPEN,
            source=name,
        )
    try:
        waiting = await services.reviews.waiting()
        tasks = await services.tasks.count_open()
    except Unavailable:
        return
    metrics.set("sallyport_reviews_waiting", waiting)
    # Not how many are open: that rises with an answer that showed nothing.
    metrics.set("sallyport_tasks_overdue", tasks.overdue)
