"""The table of metrics: what can be measured at all."""

from __future__ import annotations

from gateway.errors import Cause
from gateway.telemetry import METRICS


def test_names_are_unique() -> None:
    """Each metric is declared once."""
    names = [item.name for item in METRICS]
    assert len(names) == len(set(names))


def test_every_cause_of_a_503_has_its_count() -> None:
    """A new cause is a new label value, by itself."""
    (item,) = (m for m in METRICS if m.name == "sallyport_unavailable_total")
    assert set(item.labels["cause"]) == {str(cause) for cause in Cause}


def test_buckets_rise() -> None:
    """Histograms have rising buckets in seconds."""
    for item in METRICS:
        assert list(item.buckets) == sorted(set(item.buckets))
        if item.buckets:
            assert item.name.endswith("_seconds")
