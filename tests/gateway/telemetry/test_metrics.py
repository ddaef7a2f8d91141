"""Metrics: declared names, closed labels, never an agency."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from gateway.errors import Cause
from gateway.telemetry import METRICS, Metrics


def metrics() -> Metrics:
    """Return metrics with a few values closed."""
    return Metrics(
        routes=["/v1/exchanges"],
        sources=["jail"],
        issuers=["https://x"],
        reasons=["typ"],
    )


def samples(found: Metrics) -> dict[str, float]:
    """Return every sample by name and labels."""
    text = found.render().decode()
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_counter_counts() -> None:
    """A count appears under its labels."""
    found = metrics()
    found.unavailable(Cause.LOG_UNAVAILABLE)
    found.unavailable(Cause.LOG_UNAVAILABLE)
    name = "sallyport_unavailable_total[('cause', 'log-unavailable')]"
    assert samples(found)[name] == 2


def test_counters_of_closed_lists_begin_at_nothing() -> None:
    """A first count is a rise that an alert sees; each cause and fault is there."""
    before = samples(metrics())
    closed = [m for m in METRICS if m.kind == "counter" and all(m.labels.values())]
    assert {"sallyport_unavailable_total", "sallyport_engine_failures_total"} <= {
        metric.name for metric in closed
    }
    for metric in closed:
        found = [v for name, v in before.items() if name.startswith(metric.name)]
        assert found == [0.0] * prod(map(len, metric.labels.values()))


def test_gauges_and_histograms() -> None:
    """A gauge keeps its last value, a histogram every observation."""
    found = metrics()
    found.set("sallyport_cutoffs", 1)
    found.set("sallyport_cutoffs", 3)
    found.set("sallyport_source_open", 1, source="jail")
    found.observe("sallyport_source_seconds", 0.2, source="jail")
    values = samples(found)
    assert values["sallyport_cutoffs[]"] == 3
    assert values["sallyport_source_open[('source', 'jail')]"] == 1


def test_a_watched_gauge_is_read_when_asked_for() -> None:
    """Its value is the one of the moment of asking."""
    found = metrics()
    entries = [1.0]
    found.watch("sallyport_log_entries", lambda: entries[0])
    found.watch("sallyport_keys_age_seconds", lambda: 7.0, issuer="https://x")
    assert samples(found)["sallyport_log_entries[]"] == 1
    entries[0] = 5.0
    values = samples(found)
    assert values["sallyport_log_entries[]"] == 5
    assert values["sallyport_keys_age_seconds[('issuer', 'https://x')]"] == 7


@given(st.text(min_size=1))
def test_a_value_outside_its_set_is_other(value: str) -> None:
    """No text from outside becomes a label."""
    found = metrics()
    found.add("sallyport_pages_total", decision=value)
    rendered = found.render().decode()
    known = {"released", "partly_released", "waiting", "refused", "aborted"}
    if value not in {*known, "unavailable"}:
        assert 'decision="other"' in rendered


@pytest.mark.parametrize(
    ("name", "labels", "error"),
    [
        ("sallyport_nothing", {}, KeyError),
        ("sallyport_cutoffs", {}, KeyError),
        ("sallyport_pages_total", {}, ValueError),
        ("sallyport_pages_total", {"decision": "x", "agency": "ice"}, ValueError),
    ],
)
def test_undeclared_names_and_labels_are_defects(
    name: str, labels: dict[str, str], error: type[Exception]
) -> None:
    """Code cannot invent a metric or a label."""
    with pytest.raises(error):
        metrics().add(name, 1, **labels)


def test_no_metric_has_an_agency() -> None:
    """Agencies with datasets would tell who asked about what; here is no agency."""
    labels = {label for item in METRICS for label in item.labels}
    assert labels <= {
        "route",
        "method",
        "status",
        "decision",
        "cause",
        "reason",
        "stage",
        "engine",
        "fault",
        "source",
        "issuer",
        "part",
        "limit",
        "outcome",
        "signs",
    }


def test_every_metric_is_declared_well() -> None:
    """Names follow the conventions, every metric has a sentence."""
    for item in METRICS:
        assert item.name.startswith("sallyport_")
        assert item.name.endswith("_total") == (item.kind == "counter")
        assert bool(item.buckets) == (item.kind == "histogram")
        assert item.help.endswith(".")
    assert "_created" not in metrics().render().decode()
