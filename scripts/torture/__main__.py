"""Kill it, many times, and count what was lost: ``make torture``.

::

    python -m scripts.torture [PART ...] [--trials N] [--seed N]

Each part is a test of the suite with far more trials, and its seed is a new one each
time. Where a trial fails, the seed, what was said and what lies on the disk are kept
below ``.cache/torture/``, and the line that repeats it is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scripts.suite import temporary
from scripts.torture.parts import PARTS, Part

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".cache" / "torture"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of a part: how long it took, its figures, and whether all held."""

    part: Part
    trials: int
    seed: int
    passed: bool
    seconds: float
    figures: Mapping[str, int] = field(default_factory=dict)

    @property
    def again(self) -> str:
        """The command that makes the same trials again."""
        return (
            f"python -m scripts.torture {self.part.name}"
            f" --trials {self.trials} --seed {self.seed}"
        )


def run(part: Part, *, trials: int, seed: int) -> Outcome:
    """Make a part's trials; keep seed, words and files where one fails."""
    began = time.monotonic()
    with temporary() as memory:
        work = Path(memory or KEPT / f"{part.name}-work")
        figures = work / "figures.json"
        if not memory:
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
        # A short path below it: Unix sockets' paths have 107 bytes.
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"),
                *("--basetemp", f"{work}/t", part.test),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "TMPDIR": str(work),
                "SALLYPORT_TORTURE_TRIALS": str(trials),
                "SALLYPORT_TORTURE_SEED": str(seed),
                "SALLYPORT_TORTURE_FIGURES": str(figures),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        # A test that was skipped told nothing, and shows nothing.
        passed = done.returncode == 0 and figures.exists()
        outcome = Outcome(
            part=part,
            trials=trials,
            seed=seed,
            passed=passed,
            seconds=time.monotonic() - began,
            figures=json.loads(figures.read_text()) if passed else {},
        )
        if not passed:
            keep(outcome, done.stdout, work)
    return outcome


def keep(outcome: Outcome, said: str, work: Path) -> None:
    """Keep everything of a trial that failed."""
    folder = KEPT / f"{outcome.part.name}-{outcome.seed}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "again").write_text(f"{outcome.again}\n")
    (folder / "said").write_text(said)
    if (work / "t").exists():
        shutil.copytree(
            work / "t",
            folder / "files",
            symlinks=True,
            ignore=lambda at, names: [n for n in names if Path(at, n).is_socket()],
        )
    print(said[-4000:])
    print(f"kept below {folder.relative_to(ROOT)}; again: {outcome.again}")


def line(outcome: Outcome) -> str:
    """Return a part's line of the table."""
    counted = ", ".join(
        f"{value:,} {name.replace('_', ' ')}" for name, value in outcome.figures.items()
    )
    return (
        f"{'held' if outcome.passed else 'FAIL'}  {outcome.part.name:<10}"
        f" {outcome.trials:>6,} {outcome.part.title}: {counted or 'nothing told'};"
        f" seed {outcome.seed}, {outcome.seconds:.0f} s"
    )


def main(arguments: list[str]) -> int:
    """Run the parts that were named, or all; 0 when everything held."""
    names = [part.name for part in PARTS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(names))
    parser.add_argument("--trials", type=int, default=0, help="instead of its own")
    parser.add_argument("--seed", type=int, default=None, help="to repeat a run")
    given = parser.parse_args(arguments)
    if strange := sorted(set(given.parts) - set(names)):
        parser.error(f"no part is called {', '.join(strange)}; {', '.join(names)} are")
    outcomes = []
    for part in PARTS:
        if given.parts and part.name not in given.parts:
            continue
        seed = secrets.randbelow(1 << 31) if given.seed is None else given.seed
        outcomes.append(run(part, trials=given.trials or part.trials, seed=seed))
        print(line(outcomes[-1]), flush=True)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
