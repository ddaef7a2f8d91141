"""What a log survives: seeded trials over its stores, each looked at in full after.

``python -m tests.audit.torture [TRIALS] [--seed SEED]`` prints a table and keeps the
seed of each trial that failed in ``.cache/torture``; ``--again KIND SEED`` does one
again.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from audit.checkpoint import Checkpoint
from audit.errors import LogUnavailable
from audit.folder import Folder
from audit.frames import frames
from audit.keep import FolderKeep
from audit.objects.bucket import Bucket, Place
from audit.objects.copying import copy
from audit.objects.source import ObjectSource
from audit.verify import Trust, verify
from tests.audit.asked import Notes
from tests.audit.builders import KEYS, FakeClock
from tests.audit.kept import (
    Database,
    DirectoryStore,
    PostgresStore,
    Store,
    copied,
    template,
)
from tests.audit.lives import ERRORS, Writer, fails, finish, kills, live, moment
from tests.services.between import between
from tests.services.objects import Objects, run_objects
from tests.services.pair import run_pair
from tests.services.postgres import Server, programs, run_server

__all__ = ["KINDS", "Trial", "World", "main", "run", "share"]

ROOT = Path(__file__).parents[2]
_FAILED = ROOT / ".cache" / "torture"

_FIRST_S = 5.0
"""The longest wait for a life's first entry."""

DIRECTORY_STEPS = (
    *("wal write", "wal sync", "wal create", "integrate", "publish", "tidy"),
    *("write checkpoint", "rename checkpoint", "write 1", "rename 1", "append files"),
)
"""The directory's steps, as far as a trial counts on them to come."""
POSTGRES_STEPS = ("sequence", "epoch", "integrate", "publish")


@dataclass(kw_only=True)
class World:
    """What trials need; a server is started when the first needs it."""

    folder: Path
    stack: ExitStack
    postgres: Server | None = None
    objects: Objects | None = None
    log_template: str | None = None
    entries: int = 0
    """What was acknowledged in all."""

    def server(self) -> Server:
        """Return a PostgreSQL with the tables of a log to copy."""
        if self.postgres is None:
            found = programs()
            assert found is not None, "PostgreSQL is not here: `make tools`"
            self.postgres = self.stack.enter_context(run_server(found))
        if self.log_template is None:
            made = contextmanager(template)(self.postgres)
            self.log_template = self.stack.enter_context(made)
        return self.postgres

    def bucket(self) -> Place:
        """Return a new bucket with Object Lock."""
        if self.objects is None:
            program = ROOT / ".tools" / "bin" / "versitygw"
            assert program.exists(), "versitygw is not here: `make tools`"
            self.objects = self.stack.enter_context(run_objects(program))
        return self.objects.place()


@dataclass(kw_only=True)
class Trial:
    """One store, its notes, and a seed from which everything else follows."""

    world: World
    seed: str
    folder: Path
    stack: ExitStack
    chance: random.Random = field(init=False)
    seen: list[Checkpoint] = field(default_factory=list)
    lives: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - moments, not secrets
        self.notes = Notes(self.folder / "notes")

    def directory(self) -> DirectoryStore:
        """Begin a log in a folder."""
        store = DirectoryStore(self.folder / "store")
        self.begin(store)
        return store

    def database(self, timeout_s: float = 10.0) -> PostgresStore:
        """Begin a log in a database."""
        server = self.world.server()
        assert self.world.log_template is not None
        made = contextmanager(copied)(server, self.world.log_template)
        database = self.stack.enter_context(made)
        store = PostgresStore(database, timeout_s=timeout_s)
        self.begin(store)
        return store

    def begin(self, store: Store) -> None:
        """Make the log."""

        async def begin() -> None:
            await (await store.opening(create=True)).close()

        asyncio.run(begin())

    def life(
        self,
        writers: Sequence[Writer],
        meanwhile: Callable[[list[int]], None] = lambda _: None,
    ) -> tuple[int, ...]:
        """Have writers at once; return how each ended."""
        self.lives += 1
        name = f"life{self.lives}-"
        return live(writers, self.notes, name, meanwhile=meanwhile).ended

    def look(self, store: Store) -> None:
        """Ask again for what is open, and look at everything."""
        self.seen.append(finish(store, self.notes, self.seen))

    def at(self, steps: Sequence[str]) -> tuple[str, int]:
        """Choose a step, before or after, and how often it has come by then."""
        when = self.chance.choice(("before", "after"))
        return f"{when} {self.chance.choice(steps)}", self.chance.choice((1, 1, 2, 4))

    def kill(self, children: Sequence[int], longest_s: float = 0.15) -> None:
        """Kill processes, each at a moment of its own; most once somebody was told."""
        if self.chance.random() < 0.8:
            self._until_told()
        for child in children:
            moment(self.chance, longest_s)
            os.kill(child, signal.SIGKILL)

    def _until_told(self) -> None:
        """Wait until this life's first entry is acknowledged, for some time."""
        start, ends_at = f"life{self.lives}-", time.monotonic() + _FIRST_S
        while time.monotonic() < ends_at:
            if any(told.key.startswith(start) for told in self.notes.told()):
                return
            time.sleep(0.002)


# --- a directory ------------------------------------------------------------------


def killed_at_a_moment(trial: Trial) -> None:
    """SIGKILL, twice, whenever."""
    store = trial.directory()
    for _ in range(2):
        trial.life([Writer(store=store)], trial.kill)
    trial.look(store)


def killed_at_a_step(trial: Trial) -> None:
    """SIGKILL at a named step."""
    store = trial.directory()
    for _ in range(2):
        trial.life([Writer(store=store, faults=kills(*trial.at(DIRECTORY_STEPS)))])
    trial.look(store)


def torn_write(trial: Trial) -> None:
    """Only a part of the last write came to the disk: nobody was told of it."""
    store = trial.directory()
    number = trial.chance.randint(2, 6)
    faults = kills("before wal sync", number)
    (code,) = trial.life([Writer(store=store, faults=faults)])
    if code:
        *_, last = sorted(Folder(root=store.root).wal.iterdir())
        data = last.read_bytes()
        bodies, end = frames(data, last.name)
        whole = len(data) - (end - len(data) if end != len(data) else 0)
        lost = trial.chance.randint(1, len(bodies[-1]))
        os.truncate(last, whole - lost)
        if trial.chance.random() < 0.5:
            with last.open("ab") as file:
                file.write(trial.chance.randbytes(lost))
    trial.look(store)


def full_disk(trial: Trial) -> None:
    """No room for some time."""
    store, (step, number) = trial.directory(), trial.at(DIRECTORY_STEPS)
    times = trial.chance.randint(1, 4)
    faults = fails(step, number, ERRORS["full"], times)
    trial.life([Writer(store=store, faults=faults)])
    trial.look(store)


def failed_sync(trial: Trial) -> None:
    """A write or sync fails: nobody knows what the disk has of it."""
    store = trial.directory()
    step, number = trial.at(DIRECTORY_STEPS)
    trial.life([Writer(store=store, faults=fails(step, number, ERRORS["broken"]))])
    trial.look(store)


def jumping_clock(trial: Trial) -> None:
    """The clock runs hours forward and back."""
    store = trial.directory()
    jumps = [trial.chance.randint(-7_200_000, 7_200_000) for _ in range(20)]
    trial.life([Writer(store=store, clock=FakeClock(), jumps=jumps)])
    trial.look(store)


def two_at_once(trial: Trial) -> None:
    """Two processes on one directory: one writes, the other is refused."""
    store = trial.directory()
    trial.life([Writer(store=store), Writer(store=store)], lambda _: None)
    trial.life([Writer(store=store), Writer(store=store)], trial.kill)
    trial.look(store)


# --- PostgreSQL -------------------------------------------------------------------


def writers_killed(trial: Trial) -> None:
    """Three processes write one log; each is killed, whenever."""
    store = trial.database()
    trial.life([Writer(store=store)] * 3, trial.kill)
    trial.look(store)


def writer_killed_at_a_step(trial: Trial) -> None:
    """One of two is killed at a named step; the other goes on."""
    store = trial.database()
    faults = kills(*trial.at(POSTGRES_STEPS))
    trial.life([Writer(store=store, faults=faults), Writer(store=store)])
    trial.look(store)


def step_failed(trial: Trial) -> None:
    """A connection breaks at a named step, before it is done or after."""
    store = trial.database(timeout_s=1.0)
    step, number = trial.at(POSTGRES_STEPS)
    times = trial.chance.choice((1, 3))
    faults = fails(step, number, ERRORS["broken"], times)
    trial.life([Writer(store=store, faults=faults), Writer(store=store)])
    trial.look(store)


def clocks_apart(trial: Trial) -> None:
    """Two processes, hours apart, and each clock jumps."""
    store = trial.database()
    writers = []
    for _ in range(2):
        clock = FakeClock()
        clock.ms += trial.chance.randint(-7_200_000, 7_200_000)
        jumps = [trial.chance.randint(-7_200_000, 7_200_000) for _ in range(10)]
        writers.append(Writer(store=store, clock=clock, jumps=jumps))
    trial.life(writers)
    trial.look(store)


def server_killed(trial: Trial) -> None:
    """The server dies under two writers, and comes again."""
    store = trial.database(timeout_s=5.0)
    server = trial.world.server()

    def crash(_: Sequence[int]) -> None:
        moment(trial.chance, 0.3)
        server.crash()
        server.start()

    trial.life([Writer(store=store), Writer(store=store)], crash)
    trial.look(store)


def partition(trial: Trial) -> None:
    """One writer's way to the server is cut, or held, again and again."""
    store = trial.database(timeout_s=0.6)
    with between(trial.world.server().port) as way:
        far = PostgresStore(store.database, port=way.port, timeout_s=0.6)

        def weather(_: Sequence[int]) -> None:
            for _time in range(trial.chance.randint(1, 5)):
                moment(trial.chance, 0.1)
                if trial.chance.random() < 0.3:
                    way.hold()
                    moment(trial.chance, 1.0)
                    way.let()
                way.cut()

        trial.life([Writer(store=store), Writer(store=far)], weather)
    trial.look(store)


def failover(trial: Trial) -> None:
    """The server is lost with its disk; its synchronous standby takes over."""
    found = programs()
    assert found is not None, "PostgreSQL is not here: `make tools`"
    pair = trial.stack.enter_context(run_pair(found))
    made = contextmanager(template)(pair.primary, keep=True)
    name = trial.stack.enter_context(made)
    before = PostgresStore(Database(server=pair.primary, name=name), timeout_s=20.0)
    store = PostgresStore(Database(server=pair.primary, name=name), pair.ports, 20.0)
    trial.begin(before)

    def fail(_: Sequence[int]) -> None:
        moment(trial.chance, 0.5)
        pair.fail_over()

    trial.life([Writer(store=store), Writer(store=store)], fail)
    after = PostgresStore(Database(server=pair.standby, name=name), timeout_s=20.0)
    trial.look(after)


# --- an object store --------------------------------------------------------------


def copied_in_bad_weather(trial: Trial) -> None:
    """The copy's store refuses, stalls and breaks off; in the end it is the log."""
    store, place = trial.directory(), trial.world.bucket()
    trial.life([Writer(store=store)])
    assert trial.world.objects is not None
    keep = FolderKeep(Folder(root=store.root))
    with between(trial.world.objects.port) as way:
        far = trial.world.objects.elsewhere(place, way.port)

        async def attempt() -> None:
            async def weather() -> None:
                await asyncio.sleep(trial.chance.uniform(0, 0.1))
                way.cut()
                way.delay_s = trial.chance.uniform(0, 0.02)

            async with asyncio.TaskGroup() as group:
                group.create_task(weather())
                with contextlib.suppress(LogUnavailable):
                    async with Bucket.open(far) as bucket:
                        await copy(keep, bucket)

        for _ in range(2):
            asyncio.run(attempt())
    trial.look(store)

    async def whole() -> None:
        async with Bucket.open(place) as bucket:
            await copy(FolderKeep(Folder(root=store.root)), bucket)

    asyncio.run(whole())
    source = ObjectSource(place)
    report = verify(source, Trust(keys=KEYS.verifiers), leaves=False)
    source.close()
    assert not report.findings, report.findings
    assert report.facts["entries"] == trial.seen[-1].size


# --- all of it --------------------------------------------------------------------


KINDS: dict[str, tuple[Callable[[Trial], None], int]] = {
    "directory, killed at a moment": (killed_at_a_moment, 16),
    "directory, killed at a step": (killed_at_a_step, 20),
    "directory, torn write": (torn_write, 10),
    "directory, full disk": (full_disk, 8),
    "directory, failed write or sync": (failed_sync, 8),
    "directory, jumping clock": (jumping_clock, 3),
    "directory, two at once": (two_at_once, 3),
    "PostgreSQL, three writers killed": (writers_killed, 8),
    "PostgreSQL, killed at a step": (writer_killed_at_a_step, 8),
    "PostgreSQL, step failed": (step_failed, 5),
    "PostgreSQL, clocks apart": (clocks_apart, 2),
    "PostgreSQL, server killed": (server_killed, 3),
    "PostgreSQL, partition": (partition, 3),
    "PostgreSQL, failover": (failover, 1),
    "object store, bad weather": (copied_in_bad_weather, 2),
}
"""What is tried, and how many of a hundred trials it gets."""


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
