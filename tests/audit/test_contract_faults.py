"""What holds when a step fails, with its effect or without, over each kind of store.

For every step that a store announces, two logs are made in which that step fails: once
before it happened (failed and not persisted) and once after (failed but persisted).
After each, the tree is verified in full, what was acknowledged is there, nothing is
there twice, and a restart goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from audit import Log, LogError, Receipt
from tests.audit.builders import act_note, entry
from tests.audit.failing import Faults
from tests.audit.kept import DirectoryStore, PostgresStore, Store, checked, copied
from tests.services.postgres import Server

ROUNDS = 3


async def work(log: Log, acknowledged: dict[str, Receipt], each: int) -> None:
    """Add some rounds of entries; remember what was acknowledged."""
    act, note = act_note()
    for number in range(ROUNDS):

        async def one(key: str, *, file_too: bool) -> None:
            # No leaf names it: what an act must be to count is tried elsewhere.
            files = {f"acts/{act}": note} if file_too else {}
            acknowledged[key] = await log.append(entry(key, attachments=files))

        results = await asyncio.gather(
            *(one(f"{number}-{i}", file_too=i == 0) for i in range(each)),
            return_exceptions=True,
        )
        for result in results:
            assert result is None or isinstance(result, LogError), result
        try:
            await log.settle()
        except LogError:
            return


New = Callable[[], Store]


@contextmanager
def directories(folder: Path) -> Iterator[New]:
    """Give a new folder each time."""
    yield lambda: DirectoryStore(folder / str(len(list(folder.iterdir()))))


@contextmanager
def databases(server: Server, of: str) -> Iterator[New]:
    """Give a new database each time."""
    with ExitStack() as stack:
        yield lambda: PostgresStore(
            stack.enter_context(contextmanager(copied)(server, of)), timeout_s=0.4
        )


async def steps_of(store: Store, each: int) -> list[str]:
    """Return every step that a store announces in some rounds."""
    faults = Faults()
    async with store.opening(create=True, faults=faults) as log:
        await work(log, {}, each)
    return sorted(faults.seen)


async def survives(store: Store, faults: Faults, each: int) -> None:
    """Do some rounds while a step fails, look, go on after a restart, look again."""
    acknowledged: dict[str, Receipt] = {}
    try:
        log = await store.opening(create=True, faults=faults)
    except (LogError, OSError):
        return  # it never began: nobody was told anything
    await work(log, acknowledged, each)
    await log.close()
    before = await checked(store, [*acknowledged.values()])
    async with store.opening() as log:
        # Asking again is safe: what stands is given again, the rest is added.
        await work(log, acknowledged, each)
        assert len(acknowledged) == log.size == ROUNDS * each
    after = await checked(store, [*acknowledged.values()], since=before)
    assert after.size == ROUNDS * each


@pytest.mark.slow
async def test_each_step_of_a_directory_may_fail(tmp_path: Path) -> None:
    """No failing step loses, doubles or forks anything, before or after a restart."""
    with directories(tmp_path) as new:
        steps = await steps_of(new(), 90)
        words = {each.split(" ", 2)[1] for each in steps}
        assert words >= {"wal", "write", "rename", "append", "tidy", "integrate"}
        for step in steps:
            for number in (1, 2):
                await survives(new(), Faults(step, number), 90)


@pytest.mark.slow
@pytest.mark.parametrize(("times", "numbers"), [(1, (1, 3)), (1000, (2,))])
async def test_each_step_of_a_database_may_fail(
    postgres: Server, log_template: str, times: int, numbers: tuple[int, ...]
) -> None:
    """Once, so that the store finds out what stands; or on and on."""
    with databases(postgres, log_template) as new:
        steps = await steps_of(new(), 20)
        words = {each.split(" ", 2)[1] for each in steps}
        assert words == {"sequence", "epoch", "integrate", "publish"}
        for step in steps:
            for number in numbers:
                await survives(new(), Faults(step, number, times=times), 20)
