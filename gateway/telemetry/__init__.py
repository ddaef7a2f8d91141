"""What operators see: log lines, metrics, spans. Allow-lists throughout.

No name of a person, no value of a record, no path, query or body is ever here. Every
name that can appear is declared in :mod:`gateway.telemetry.names` or
:mod:`gateway.telemetry.measures`.
"""

from gateway.telemetry.clockguard import ClockGuard
from gateway.telemetry.lines import Lines, configure_lines
from gateway.telemetry.measures import METRICS, Metric
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.names import EVENTS, FIELDS, SPAN_ATTRIBUTES, Field
from gateway.telemetry.requests import RequestSpan, Telemetry

__all__ = [
    "EVENTS",
    "FIELDS",
    "METRICS",
    "SPAN_ATTRIBUTES",
    "ClockGuard",
    "Field",
    "Lines",
    "Metric",
    "Metrics",
    "RequestSpan",
    "Telemetry",
    "configure_lines",
]
