"""One figure: what was measured, beside what, in the same run."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Figure", "microseconds", "percentile"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A measurement with its unit, its baseline of the same run, and the goal.

    ``met`` is None where there is no goal, or where it depends on the disk.
    """

    name: str
    value: float
    unit: str
    baseline: Mapping[str, float] = field(default_factory=dict)
    goal: str = ""
    met: bool | None = None

    def line(self) -> str:
        """Return the figure as one JSON line."""
        members: dict[str, object] = {
            "figure": self.name,
            "value": _rounded(self.value),
            "unit": self.unit,
        }
        if self.baseline:
            members["baseline"] = {k: _rounded(v) for k, v in self.baseline.items()}
        if self.goal:
            members["goal"] = self.goal
        if self.met is not None:
            members["met"] = self.met
        return json.dumps(members)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value below which a share of the values lies (nearest rank)."""
    ordered = sorted(values)
    rank = min(len(ordered) - 1, int(len(ordered) * percent / 100))
    return ordered[rank]


def microseconds(call: Callable[[], object], *, times: int = 2_000) -> float:
    """Return the median time of one call, in microseconds."""
    spent = []
    for _ in range(times):
        began = time.perf_counter_ns()
        call()
        spent.append(time.perf_counter_ns() - began)
    return statistics.median(spent) / 1_000
