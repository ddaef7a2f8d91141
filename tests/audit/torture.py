"""What a log survives: seeded trials over its stores, each looked at in full after.

``python -m tests.audit.torture [TRIALS] [--seed SEED]`` prints a table and keeps the
seed of each trial that failed in ``.cache/torture``; ``--again KIND SEED`` does one
again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.audit.trial import Trial, World
from tests.audit.trialkinds import KINDS

__all__ = ["main", "run", "share"]

ROOT = Path(__file__).parents[2]
_FAILED = ROOT / ".cache" / "torture"


def share(trials: int) -> Iterator[str]:
    """Yield kinds in turn until there are so many trials."""
    total = sum(weight for _, weight in KINDS.values())
    done: Counter[str] = Counter()
    for number in range(1, trials + 1):
        # Whichever is furthest behind its share is next.
        kind = max(KINDS, key=lambda k: KINDS[k][1] * number / total - done[k])
        done[kind] += 1
        yield kind


def run(kind: str, seed: str, world: World) -> None:
    """Do one trial; raise if anything was lost, doubled or forked."""
    work, _ = KINDS[kind]
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="trial-", dir=world.folder)
        folder = Path(stack.enter_context(made))
        trial = Trial(world=world, seed=seed, folder=folder, stack=stack)
        work(trial)
        world.entries += len(trial.notes.told())


@contextmanager
def world() -> Iterator[World]:
    """Have what trials need until the block ends."""
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="torture-")
        yield World(folder=Path(stack.enter_context(made)), stack=stack)


def _table(done: Counter[str], spent: Mapping[str, float], failed: Counter[str]) -> str:
    lines = [f"{'what happened':34} {'trials':>6} {'failed':>6} {'s each':>7}"]
    lines += [
        f"{kind:34} {done[kind]:6} {failed[kind]:6} {spent[kind] / done[kind]:7.2f}"
        for kind in KINDS
        if done[kind]
    ]
    return "\n".join(lines)


def main() -> int:
    """Do the trials; return 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trials", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", default=str(time.time_ns()))
    parser.add_argument("--again", nargs=2, metavar=("KIND", "SEED"))
    told = parser.parse_args()
    done, failed = Counter[str](), Counter[str]()
    spent: dict[str, float] = dict.fromkeys(KINDS, 0.0)
    with world() as here:
        if told.again:
            kind, seed = told.again
            run(kind, seed, here)
            return 0
        sys.stdout.write(f"seed {told.seed}\n")
        for number, kind in enumerate(share(told.trials)):
            seed, begun = f"{told.seed}/{number}", time.monotonic()
            try:
                run(kind, seed, here)
            except Exception:  # noqa: BLE001 - whatever it is, its seed is kept
                failed[kind] += 1
                _keep(kind, seed, traceback.format_exc())
            done[kind] += 1
            spent[kind] += time.monotonic() - begun
        entries = here.entries
    sys.stdout.write(_table(done, spent, failed) + "\n")
    sys.stdout.write(f"{done.total()} trials, {entries} acknowledged entries, ")
    sys.stdout.write(f"{failed.total()} trials failed\n")
    return 1 if failed else 0


def _keep(kind: str, seed: str, said: str) -> None:
    """Keep a failing trial's seed, and say how to do it again."""
    _FAILED.mkdir(parents=True, exist_ok=True)
    with (_FAILED / "failed").open("a") as file:
        file.write(f"{kind}\t{seed}\n")
    sys.stdout.write(f"FAILED {kind}\n{said}")
    sys.stdout.write(f"again: python -m tests.audit.torture --again '{kind}' {seed}\n")


if __name__ == "__main__":
    sys.exit(main())
