"""A writer that is killed at random moments; run by test_kill.py as a program.

``python -m tests.audit.killed FOLDER TRIALS SEED``: imports everything once, then for
each trial forks a writer, kills it with SIGKILL after some milliseconds, and goes on
with the same store. What a writer is told is noted at once (asked.py).
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from pathlib import Path

from audit import Receipt
from tests.audit.asked import Notes
from tests.audit.builders import entry, opening

CLIENTS = 20
LONGEST_S = 0.12


async def write(folder: Path, trial: int, notes: Notes, again: list[str]) -> None:
    """Open the store, ask again for what was open, then go on for ever."""

    async def client(log: object, number: int) -> None:
        mine = again[number::CLIENTS]
        count = 0
        while True:
            key = mine.pop() if mine else f"{trial}-{number}-{count}"
            count += 1
            notes.line(f"ask {key}")
            receipt: Receipt = await log.append(entry(key, db=key))  # type: ignore[attr-defined] # the fixture gives Any
            notes.line(f"got {key} {receipt.index} {receipt.leaf_hash.hex()}")

    fresh = not (folder / "state.json").exists()
    log = await opening(folder, create=fresh, checkpoint_interval_s=0.004)
    async with asyncio.TaskGroup() as group:
        for number in range(CLIENTS):
            group.create_task(client(log, number))


def main() -> None:
    """Run the trials."""
    folder, trials = Path(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(sys.argv[3])  # noqa: S311 - moments, not secrets
    notes = Notes(folder / "notes")
    for trial in range(trials):
        again = notes.open_keys()
        child = os.fork()
        if child == 0:
            try:
                asyncio.run(write(folder / "store", trial, notes, again))
            finally:
                os._exit(9)  # a writer ends only by being killed
        time.sleep(chance.uniform(0.002, LONGEST_S))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(f"the writer of trial {trial} ended by itself: {status}")
        checkpoint = folder / "store" / "live" / "checkpoint"
        if checkpoint.exists():
            (folder / f"checkpoint.{trial}").write_bytes(checkpoint.read_bytes())


if __name__ == "__main__":
    main()
