"""A metric that is declared and never set is a promise nobody keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.telemetry import METRICS

SOURCE = "".join(
    path.read_text()
    for path in sorted((Path(__file__).parents[3] / "gateway").rglob("*.py"))
    if path.name != "measures.py"
)


@pytest.mark.parametrize("name", [metric.name for metric in METRICS])
def test_each_metric_is_set_somewhere(name: str) -> None:
    """Each declared metric is named where it is counted or measured."""
    assert f'"{name}"' in SOURCE
