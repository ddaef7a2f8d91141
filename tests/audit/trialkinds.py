"""What is done to a log: the kinds of trial, over each store, and how often each."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Sequence
from contextlib import contextmanager

from audit.errors import LogUnavailable
from audit.folder import Folder
from audit.frames import frames
from audit.keep import FolderKeep
from audit.objects.bucket import Bucket
from audit.objects.copying import copy
from audit.objects.source import ObjectSource
from audit.verify import Trust, verify
from tests.audit.builders import KEYS, FakeClock
from tests.audit.kept import Database, PostgresStore, template
from tests.audit.lives import ERRORS, Writer, fails, kills, moment
from tests.audit.trial import Trial
from tests.services.between import between
from tests.services.pair import run_pair
from tests.services.postgres import programs

__all__ = ["KINDS"]

DIRECTORY_STEPS = (
    *("wal write", "wal sync", "wal create", "integrate", "publish", "tidy"),
    *("write checkpoint", "rename checkpoint", "write 1", "rename 1", "append files"),
)
"""The directory's steps, as far as a trial counts on them to come."""
POSTGRES_STEPS = ("sequence", "epoch", "integrate", "publish")


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
