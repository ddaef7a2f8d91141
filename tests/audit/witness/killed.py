"""A witness that is killed at random moments; run by test_book.py as a program.

``python -m tests.audit.witness.killed FOLDER TRIALS SEED``: for each trial forks a
witness that cosigns a growing log as fast as it can, and kills it with SIGKILL some
milliseconds after its first answer. Prints a line for each trial: the sizes that were
answered, and the one that is found in the record afterwards.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from hashlib import sha256
from pathlib import Path

from audit.addcheckpoint import AddCheckpoint
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.merkle import consistency_path, leaf_hash, root_of
from audit.witness.book import Book
from audit.witness.settings import read_settings
from audit.witness.witness import Witness
from tests.audit.witness.logs import LOG_KEY, ORIGIN

LONGEST_S = 0.006
HASH = sha256(ORIGIN.encode()).hexdigest()
LEAVES = [leaf_hash(b"%d" % number) for number in range(4096)]


def request(old: int) -> bytes:
    """Return the request for one entry more."""

    def subtree(level: int, index: int) -> bytes:
        return root_of(LEAVES[index << level : (index + 1) << level])

    size = old + 1
    head = Checkpoint(origin=ORIGIN, size=size, root=root_of(LEAVES[:size]))
    note = sign_checkpoint(head, log=LOG_KEY, time=None, seconds=0)
    proof = consistency_path(old, size, subtree) if old else ()
    return AddCheckpoint(old=old, proof=proof, checkpoint=note).pack()


def latest(witness: Witness) -> int:
    """Return how far the witness is."""
    note = witness.checkpoint(HASH)
    return 0 if note is None else int(note.split(b"\n")[1])


def write(folder: Path, answered: int) -> None:
    """Cosign for ever; write down each size that was answered."""
    witness = opened(folder)
    size = latest(witness)
    while True:
        witness.add_checkpoint(request(size))
        size += 1
        os.write(answered, f"{size} ".encode())


def opened(folder: Path) -> Witness:
    """Return the witness as a start finds it."""
    settings = read_settings(folder / "witness.toml")
    book = Book(settings.database)
    return Witness(settings, book, seconds=lambda: 7, monotonic=time.monotonic)


def trial(folder: Path, wait_s: float) -> str:
    """Kill one writer; return what it had answered."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            write(folder, writing)
        finally:
            os._exit(9)  # a witness ends only by being killed
    os.close(writing)
    first = os.read(reading, 1)
    time.sleep(wait_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        sys.exit(f"a witness ended by itself: {status}")
    with os.fdopen(reading, "rb") as rest:
        return (first + rest.read()).decode()


def main() -> None:
    """Run the trials."""
    folder, trials = Path(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(sys.argv[3])  # noqa: S311 - moments, not secrets
    for _ in range(trials):
        answered = trial(folder, chance.uniform(0, LONGEST_S))
        sys.stdout.write(f"{answered.strip()}|{latest(opened(folder))}\n")


if __name__ == "__main__":
    main()
