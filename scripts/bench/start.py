"""How long `sallyport --help` takes, beside an interpreter that does nothing."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from scripts.bench.figure import Figure

__all__ = ["figures"]

GOAL_S = 0.25
TIMES = 10


def _median_s(*command: str) -> float:
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def figures() -> Iterator[Figure]:
    """Measure the help of the command line, medians of ten."""
    run = "from gateway.cli.main import run; run()"
    value = _median_s(sys.executable, "-c", run, "--help")
    yield Figure(
        name="command line: sallyport --help",
        value=value,
        unit="s",
        baseline={"python -c pass": _median_s(sys.executable, "-c", "pass")},
        goal=f"<= {GOAL_S}",
        met=value <= GOAL_S,
    )
