"""Measure. Each figure is one JSON line with its baseline from the same run.

::

    python -m scripts.bench            everything
    python -m scripts.bench disk log   these parts only

No absolute time is a test: machines differ, and this one may be busy. What counts
is a figure beside its own baseline.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping

from scripts.bench import (
    decision,
    disk,
    exchange,
    flood,
    log,
    officer,
    page,
    peer,
    postgres,
    reading,
    start,
    writers,
    yesno,
)
from scripts.bench.figure import Figure

PARTS: Mapping[str, Callable[[], Iterator[Figure]]] = {
    "disk": disk.figures,
    "start": start.figures,
    "decision": decision.figures,
    "officer": officer.figures,
    "log": log.figures,
    "reading": reading.figures,
    "page": page.figures,
    "peer": peer.figures,
    "exchange": exchange.figures,
    "postgres": postgres.figures,
    "writers": writers.figures,
    "yesno": yesno.figures,
    "flood": flood.figures,
}


def main(arguments: list[str]) -> int:
    """Print the figures of every part that was asked for; 0 when all ran."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    chosen = parser.parse_args(arguments).parts or list(PARTS)
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        parser.error(
            f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}"
        )
    for name in chosen:
        for figure in PARTS[name]():
            print(figure.line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
