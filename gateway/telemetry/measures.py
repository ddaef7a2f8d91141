"""Every metric: name, kind, labels and their values; the docs are made of this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.errors import INTERNAL, Cause, EngineFault, Limit

__all__ = ["METRICS", "Metric"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """A metric: name, kind, help, labels, and the values each label may have.

    A label's values are listed here, or (empty) given when the gateway starts from
    its own configuration; any other value is counted as ``other``.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    buckets: tuple[float, ...] = ()


_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0)
_STATUSES = tuple(
    map(str, (200, 202, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503))
)
_DECISIONS = (
    "released",
    "partly_released",
    "waiting",
    "refused",
    "aborted",
    "unavailable",
)

_ENGINES = ("embedded", "opa")

METRICS: tuple[Metric, ...] = (
    Metric(
        name="sallyport_requests_total",
        kind="counter",
        help="Requests answered.",
        labels={
            "route": (),
            "method": ("GET", "POST", "HEAD"),
            "status": _STATUSES,
        },
    ),
    Metric(
        name="sallyport_request_seconds",
        kind="histogram",
        help="Time from a request's headers to its answer, in seconds.",
        labels={"route": ()},
        buckets=_SECONDS,
    ),
    Metric(
        name="sallyport_in_flight",
        kind="gauge",
        help="Requests being worked on.",
    ),
    Metric(
        name="sallyport_queued",
        kind="gauge",
        help="Requests that wait for a place.",
    ),
    Metric(
        name="sallyport_pages_total",
        kind="counter",
        help="Pages recorded, by their outcome.",
        labels={"decision": _DECISIONS},
    ),
    Metric(
        name="sallyport_unavailable_total",
        kind="counter",
        help="Requests that ended in 503, by cause.",
        labels={"cause": tuple(map(str, Cause))},
    ),
    Metric(
        name="sallyport_authentication_failures_total",
        kind="counter",
        help="Tokens and certificates not accepted, by reason.",
        labels={"reason": ()},
    ),
    Metric(
        name="sallyport_handshakes_total",
        kind="counter",
        help="TLS handshakes with requesters, by how they ended.",
        labels={
            "outcome": (
                "done",
                "certificate",
                "no-certificate",
                "malformed",
                "late",
                "left",
                "crowded",
                "no-room",
            )
        },
    ),
    Metric(
        name="sallyport_limited_total",
        kind="counter",
        help="Requests that a limit refused with 429, by what was exceeded.",
        labels={"limit": tuple(map(str, Limit))},
    ),
    Metric(
        name="sallyport_defects_total",
        kind="counter",
        help="Failures that no code expected; any is worth a look.",
    ),
    Metric(
        name="sallyport_engine_failures_total",
        kind="counter",
        help="Questions that a policy engine gave no answer to believe, by fault.",
        labels={"engine": _ENGINES, "fault": tuple(map(str, EngineFault))},
    ),
    Metric(
        name="sallyport_engine_ready",
        kind="gauge",
        help="1 while a policy engine answers its known questions right.",
        labels={"engine": _ENGINES},
    ),
    Metric(
        name="sallyport_engine_open",
        kind="gauge",
        help="1 while the circuit breaker refuses to ask the OPA server.",
    ),
    Metric(
        name="sallyport_engine_seconds",
        kind="histogram",
        help="Time of an answer of the OPA server, in seconds.",
        buckets=_SECONDS,
    ),
    Metric(
        name="sallyport_disagreements_total",
        kind="counter",
        help="Times a policy engine was caught saying something wrong.",
    ),
    Metric(
        name="sallyport_closed",
        kind="gauge",
        help="1 from such a time, or from a start with a state that was put back, until"
        " an operator has looked: sallyport reopen. Also 1 while an activation waits"
        " for its files or for a restart.",
    ),
    Metric(
        name="sallyport_activations_refused_total",
        kind="counter",
        help="Files that were to be activated and were refused; the old ones stay.",
    ),
    Metric(
        name="sallyport_behind",
        kind="gauge",
        help="1 while another process activated what this one could not take over yet.",
    ),
    Metric(
        name="sallyport_source_seconds",
        kind="histogram",
        help="Time to read and decide one page of a source, in seconds.",
        labels={"source": ()},
        buckets=_SECONDS,
    ),
    Metric(
        name="sallyport_source_open",
        kind="gauge",
        help="1 while a source's circuit breaker refuses to ask it.",
        labels={"source": ()},
    ),
    Metric(
        name="sallyport_odd_values_total",
        kind="counter",
        help="Values withheld because they are not what the catalogue says.",
        labels={"source": ()},
    ),
    Metric(
        name="sallyport_drift",
        kind="gauge",
        help="Columns of a source that differ from the catalogue.",
        labels={"source": ()},
    ),
    Metric(
        name="sallyport_keys_age_seconds",
        kind="gauge",
        help="Age of an issuer's keys, in seconds.",
        labels={"issuer": ()},
    ),
    Metric(
        name="sallyport_log_entries", kind="gauge", help="Entries that are durable."
    ),
    Metric(
        name="sallyport_log_failed",
        kind="gauge",
        help="1 after the log stopped: nothing is released until a restart.",
    ),
    Metric(
        name="sallyport_log_unwitnessed_seconds",
        kind="gauge",
        help="How long the newest entries have lacked a witness quorum, in seconds.",
    ),
    Metric(
        name="sallyport_witnesses",
        kind="gauge",
        help="Witnesses of the trust policy, by whether they signed when asked last.",
        labels={"signs": ("yes", "no")},
    ),
    Metric(
        name="sallyport_witness_clock_offset_seconds",
        kind="gauge",
        help="The nearest witness's clock against ours, in seconds.",
    ),
    Metric(
        name="sallyport_log_seconds",
        kind="histogram",
        help="Time from handing over an entry until it is durable, in seconds.",
        buckets=_SECONDS,
    ),
    Metric(
        name="sallyport_arrears",
        kind="gauge",
        help="Answers that the law may command and a fault prevented, still owed.",
    ),
    Metric(
        name="sallyport_commanded_failures_total",
        kind="counter",
        help="Requests that the law may command and a fault ended, by its cause.",
        labels={"cause": (*map(str, Cause), INTERNAL)},
    ),
    Metric(name="sallyport_reviews_waiting", kind="gauge", help="Requests that wait."),
    Metric(
        name="sallyport_reviews_expired_total",
        kind="counter",
        help="Requests whose time ran out.",
    ),
    Metric(
        name="sallyport_tasks_overdue",
        kind="gauge",
        help="Things that the law makes somebody do, whose time is past.",
    ),
    Metric(name="sallyport_cutoffs", kind="gauge", help="Cut-offs in force."),
    Metric(
        name="sallyport_activation",
        kind="gauge",
        help="The number of the activation in force.",
    ),
    Metric(
        name="sallyport_clock_offset_seconds",
        kind="gauge",
        help="Wall clock against monotonic clock since the start, in seconds.",
    ),
    Metric(
        name="sallyport_up",
        kind="gauge",
        help="1 for each part the gateway needs that works.",
        labels={"part": ("policy", "log", "state", "identity", "standing", "source")},
    ),
)
"""Every metric. No metric has both an agency and a dataset; none has an agency."""
