"""Processes that write a log and die: forked, told what goes wrong, looked at after.

A life is some writers at once on one store. What a client asks for and what it is
told is noted (asked.py).
"""

from __future__ import annotations

import asyncio
import errno
import faulthandler
import json
import os
import random
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from audit import Log, LogError
from audit.checkpoint import Checkpoint
from audit.disk import Faults, no_faults
from audit.forked import settle
from audit.merkle import leaf_hash
from tests.audit.asked import Notes
from tests.audit.builders import FakeClock, entry
from tests.audit.kept import Store, check

__all__ = ["ERRORS", "Life", "Writer", "fails", "finish", "kills", "live"]

CLIENTS = 6
EACH = 5
_LONGEST_S = 20.0
_PAUSE_S = 0.01
ERRORS = {"full": errno.ENOSPC, "broken": errno.EIO}


def word(step: str) -> str:
    """Return a step's name without the file that it is about."""
    before, what, *_ = step.split(" ")
    return f"{before} {what}"


def kills(name: str, number: int) -> Faults:
    """Return what kills this process at a step, when it comes that often."""
    seen: Counter[str] = Counter()

    def faults(step: str) -> None:
        seen[word(step)] += 1
        if word(step) == name and seen[name] == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return faults


def fails(name: str, number: int, error: int, times: int = 1) -> Faults:
    """Return what fails a step, when it comes that often, some times."""
    seen: Counter[str] = Counter()

    def faults(step: str) -> None:
        seen[word(step)] += 1
        if word(step) == name and number <= seen[name] < number + times:
            raise OSError(error, "injected")

    return faults


@dataclass(frozen=True, kw_only=True, slots=True)
class Writer:
    """One process of a life."""

    store: Store
    faults: Faults = no_faults
    clock: FakeClock = field(default_factory=FakeClock)
    jumps: Sequence[int] = ()
    """By how many milliseconds the clock jumps, entry by entry."""


async def _write(writer: Writer, notes: Notes, name: str, again: list[str]) -> None:
    """Ask again for what was open, then for some more; end with the log."""
    jumps = list(writer.jumps)

    async def ask(log: Log, key: str) -> None:
        notes.line(f"ask {key}")
        while True:
            if jumps:
                writer.clock.ms += jumps.pop()
            try:
                receipt = await log.append(entry(key, db=key))
            except LogError:
                if log.failed:
                    return
                await asyncio.sleep(_PAUSE_S)
                continue
            notes.line(f"got {key} {receipt.index} {receipt.leaf_hash.hex()}")
            return

    async def client(log: Log, number: int) -> None:
        for key in again[number::CLIENTS]:
            await ask(log, key)
        for count in range(EACH):
            await ask(log, f"{name}-{number}-{count}")

    log = await writer.store.opening(
        faults=writer.faults, clock=writer.clock, checkpoint_interval_s=0.004
    )
    try:
        async with asyncio.timeout(_LONGEST_S), asyncio.TaskGroup() as group:
            for number in range(CLIENTS):
                group.create_task(client(log, number))
    finally:
        await log.close()


def _fork(writer: Writer, notes: Notes, name: str, again: list[str]) -> int:
    child = os.fork()
    if child == 0:
        code = 9
        # Who hangs is killed in the end; where it hung is said before.
        faulthandler.dump_traceback_later(2 * _LONGEST_S)
        try:
            asyncio.run(_write(writer, notes, name, again))
            code = 0
        except (LogError, TimeoutError):
            code = 0  # it was refused, or too much was in the way: looked at after
        except BaseException:  # noqa: BLE001 - a child says so and ends, whatever it is
            notes.line("error " + json.dumps(traceback.format_exc()))
        finally:
            os._exit(code)
    return child


@dataclass(frozen=True, kw_only=True, slots=True)
class Life:
    """The outcome of one life: how each writer ended (a signal is negative)."""

    ended: tuple[int, ...]


def live(
    writers: Sequence[Writer],
    notes: Notes,
    name: str,
    *,
    meanwhile: Callable[[list[int]], None] = lambda _: None,
) -> Life:
    """Have some writers at once; ``meanwhile`` is told their process ids.

    Raises:
        AssertionError: a writer ended in a way that nobody foresaw.
    """
    again = notes.open_keys()
    settle()
    children = [
        _fork(writer, notes, f"{name}{number}", again)
        for number, writer in enumerate(writers)
    ]
    try:
        meanwhile(list(children))
    finally:
        ends_at = time.monotonic() + 3 * _LONGEST_S
        ended = tuple(_end_of(child, ends_at) for child in children)
    errors = notes.errors()
    assert not errors, errors[0]
    assert all(code in {0, -signal.SIGKILL} for code in ended), ended
    return Life(ended=ended)


def _end_of(child: int, ends_at: float) -> int:
    while time.monotonic() < ends_at:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return 1


def finish(store: Store, notes: Notes, since: Sequence[Checkpoint]) -> Checkpoint:
    """Ask again for what is open, with nothing in the way; then look at everything.

    Verified from the first entry on; every acknowledged receipt is of the entry that
    it names; no entry stands twice; the tree extends every one that was seen before.
    """
    live([Writer(store=store)], notes, f"end{len(since)}-")
    assert notes.open_keys() == []
    leaves = store.leaves()
    keys = [json.loads(leaf)["db"] for leaf in leaves]
    assert len(set(keys)) == len(keys), "an entry stands twice"
    for key, index, hashed in notes.told():
        assert keys[index] == key, f"{key} is not where it was acknowledged"
        assert leaf_hash(leaves[index]).hex() == hashed
    for before in since:
        check(store, since=before)
    return check(store)


def moment(chance: random.Random, longest_s: float) -> None:
    """Let some time pass."""
    time.sleep(chance.uniform(0.0, longest_s))
