"""How many trials a test of chances makes, with which seed, and whom it tells.

The suite makes a few, always the same ones. ``make torture`` (scripts/torture) makes
many, with a seed that it keeps when one fails, and prints what came of them.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Trials", "trials"]

TRIALS, SEED, FIGURES = (
    f"SALLYPORT_TORTURE_{name}" for name in ("TRIALS", "SEED", "FIGURES")
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trials:
    """How many, with which seed, and the file that what came of them is written to."""

    count: int
    seed: int
    figures: Path | None

    @property
    def limit_s(self) -> float:
        """How long they may take, in seconds; 0 where nobody waits for them."""
        return 300.0 if self.figures is None else 0.0

    def tell(self, **figures: int) -> None:
        """Say what came of them, by name; each part has names of its own."""
        if self.figures is not None:
            self.figures.write_text(json.dumps(figures))


def trials(in_the_suite: int, *, seed: int = 1) -> Trials:
    """Return how many there are: so many in the suite, or as many as it was told."""
    path = os.environ.get(FIGURES)
    return Trials(
        count=int(os.environ.get(TRIALS, in_the_suite)),
        seed=int(os.environ.get(SEED, seed)),
        figures=Path(path) if path else None,
    )
