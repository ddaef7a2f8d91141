"""Metrics: declared in one table, labels from closed sets only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import TypeVar, cast

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from gateway.errors import Cause
from gateway.telemetry.measures import METRICS, Metric

__all__ = ["Metrics"]

# When something was first counted is nobody's business, and costs a line each.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no annotation

F = TypeVar("F", Counter, Gauge, Histogram)

OTHER = "other"
"""What a label says instead of a value that is not in its set."""


class Metrics:
    """The gateway's metrics, in a registry of their own.

    ``content_type`` is the media type of :meth:`render`.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(
        self,
        *,
        routes: Iterable[str] = (),
        sources: Iterable[str] = (),
        issuers: Iterable[str] = (),
        reasons: Iterable[str] = (),
    ) -> None:
        """Take the values that the configuration closes; nothing else is a label."""
        configured = {
            "route": tuple(routes),
            "source": tuple(sources),
            "issuer": tuple(issuers),
            "reason": tuple(reasons),
        }
        self._registry = CollectorRegistry(auto_describe=True)
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        self._values: dict[str, dict[str, frozenset[str]]] = {}
        self._children: dict[tuple[object, ...], Counter | Gauge | Histogram] = {}
        for item in METRICS:
            self._declare(item, configured)
            self._begin(item)

    def add(self, name: str, count: float = 1, **labels: str) -> None:
        """Add to a counter.

        Raises:
            KeyError: for a name that is not a declared counter.
            ValueError: for labels other than the declared ones.
        """
        self._child(self._counters[name], name, labels).inc(count)

    def set(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge.

        Raises:
            KeyError: for a name that is not a declared gauge.
            ValueError: for labels other than the declared ones.
        """
        self._child(self._gauges[name], name, labels).set(value)

    def watch(self, name: str, read: Callable[[], float], **labels: str) -> None:
        """Read a gauge when it is asked for, instead of setting it all the time.

        Args:
            name: of a declared gauge.
            read: returns its value at once; it must not wait or raise.
            labels: the declared labels.

        Raises:
            KeyError: for a name that is not a declared gauge.
            ValueError: for labels other than the declared ones.
        """
        self._child(self._gauges[name], name, labels).set_function(read)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Add one observation to a histogram.

        Raises:
            KeyError: for a name that is not a declared histogram.
            ValueError: for labels other than the declared ones.
        """
        self._child(self._histograms[name], name, labels).observe(value)

    def unavailable(self, cause: Cause) -> None:
        """Count a 503."""
        self.add("sallyport_unavailable_total", cause=str(cause))

    def render(self) -> bytes:
        """Return everything in the Prometheus text format."""
        return generate_latest(self._registry)

    def _declare(self, item: Metric, configured: Mapping[str, tuple[str, ...]]) -> None:
        self._values[item.name] = {
            label: frozenset(values or configured[label])
            for label, values in item.labels.items()
        }
        labels = tuple(item.labels)
        match item.kind:
            case "counter":
                self._counters[item.name] = Counter(
                    item.name, item.help, labels, registry=self._registry
                )
            case "gauge":
                self._gauges[item.name] = Gauge(
                    item.name, item.help, labels, registry=self._registry
                )
            case "histogram":
                self._histograms[item.name] = Histogram(
                    item.name,
                    item.help,
                    labels,
                    buckets=item.buckets,
                    registry=self._registry,
                )

    def _begin(self, item: Metric) -> None:
        """Begin a counter of a closed list at 0, so that a first count is a rise.

        Prometheus sees no increase in a series whose first sample is 1.
        """
        if item.kind == "counter" and all(item.labels.values()):
            for values in product(*item.labels.values()):
                self.add(item.name, 0, **dict(zip(item.labels, values, strict=True)))

    def _child(self, family: F, name: str, labels: Mapping[str, str]) -> F:
        """Return the series of a family that these labels name."""
        key = (name, *labels.items())
        kept = self._children.get(key)
        if kept is None:
            closed = self._closed(name, labels)
            kept = family.labels(**closed) if closed else family
            if closed == labels:  # else what was said is anybody's: not remembered
                self._children[key] = kept
        return cast("F", kept)

    def _closed(self, name: str, labels: Mapping[str, str]) -> dict[str, str]:
        sets = self._values[name]
        if labels.keys() != sets.keys():
            raise ValueError(f"{name} has the labels {', '.join(sets) or 'none'}")
        return {
            label: value if value in sets[label] else OTHER
            for label, value in labels.items()
        }
