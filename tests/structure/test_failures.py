"""Each fault has its test, its metric and its alert, and none names nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gateway import yamlfile
from gateway.telemetry.measures import METRICS
from scripts.faults import FAULTS, Fault, Heals
from scripts.reference.failures import ROOT, bound

RULES = ROOT / "deploy" / "prometheus" / "sallyport.rules.yaml"
OURS = {metric.name: metric for metric in METRICS}
FROM_PROMETHEUS = {"up"}
WORDS = {"sum", "by", "increase", "or", "engine", "job"}

EACH = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.id))


def alerts() -> list[dict[str, Any]]:
    """Return the alerts of the example rules."""
    document: Any = yamlfile.parse(RULES.read_text(), RULES.name)
    return [rule for group in document["groups"] for rule in group["rules"]]


def test_every_fault_is_bound_to_a_test_and_no_test_to_another() -> None:
    """A fault without a test fails here, and so does a mark that names none."""
    assert set(bound()) == {fault.id for fault in FAULTS}
    assert len({fault.id for fault in FAULTS}) == len(FAULTS)


@EACH
def test_a_fault_s_metric_and_its_labels_exist(fault: Fault) -> None:
    """What is said to count it is a sample that the gateway can have."""
    name, _, labels = fault.metric.partition("{")
    if name in FROM_PROMETHEUS:
        assert fault.cause is None, "a gateway that answers counts by itself"
        return
    for label, value in re.findall(r'(\w+)="([^"]*)"', labels):
        assert value in OURS[name].labels[label]
    assert name in OURS


@EACH
def test_what_needs_somebody_raises_an_alert(fault: Fault) -> None:
    """Whatever refuses requests, or waits for a person, tells somebody."""
    told = fault.alert in {alert["alert"] for alert in alerts()}
    nobody = fault.id in {"key-rotated", "sealed-between", "stopped"}

    assert told is not nobody
    assert fault.do
    assert fault.heals is not Heals.OPERATOR or told


def test_every_alert_is_of_a_fault_and_of_metrics_there_are() -> None:
    """Each alert is raised by a listed fault; its expression names our metrics only."""
    found = alerts()
    names = [alert["alert"] for alert in found]

    assert sorted(names) == sorted({fault.alert for fault in FAULTS} - {""})
    for alert in found:
        plain = re.sub(r'"[^"]*"|\[\w+\]|\{\w+=', "", alert["expr"])
        named = set(re.findall(r"[a-z_]{2,}", plain)) - WORDS
        assert named
        assert named <= OURS.keys() | FROM_PROMETHEUS
        for name, label, value in re.findall(
            r'(\w+)\{(\w+)="([^"]*)"\}', alert["expr"]
        ):
            assert name in FROM_PROMETHEUS or value in OURS[name].labels[label]
        assert alert["annotations"]["summary"]
