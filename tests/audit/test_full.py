"""A full disk: the log refuses, and with room it goes on by itself."""

from __future__ import annotations

import asyncio
import errno
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from audit import Log, LogFull
from tests.audit.builders import act_note, entry, opening
from tests.audit.failing import Faults, check, outcome


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("step", ["before wal write", "after wal write"])
async def test_a_full_disk_refuses_and_heals(
    tmp_path: Path, step: str, code: int
) -> None:
    """Nothing is acknowledged without room; with room the log goes on by itself."""
    faults = Faults(step, 2, code, times=2)
    async with opening(tmp_path, create=True, faults=faults) as log:
        await log.append(entry("a"))
        for _ in range(2):
            with pytest.raises(LogFull):
                await log.append(entry("b"))
        assert not log.failed
        assert (await log.append(entry("b"))).index == 1
    await asyncio.to_thread(check, tmp_path)


async def test_no_room_for_the_tree_refuses_and_heals(tmp_path: Path) -> None:
    """While checkpoints can't be written nothing more is promised."""
    faults = Faults("before write checkpoint", 2, errno.ENOSPC, times=3)
    async with opening(
        tmp_path, create=True, faults=faults, checkpoint_interval_s=0.01
    ) as log:
        await log.append(entry())
        async with asyncio.timeout(5):
            while faults.seen["before write checkpoint"] < 3:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.001)
        with pytest.raises(LogFull):
            await log.append(entry())
        async with asyncio.timeout(5):
            while faults.seen["before write checkpoint"] < 5:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.001)
            while await _full(log):  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.001)
    assert (await asyncio.to_thread(check, tmp_path)).size >= 2


async def _full(log: Log) -> bool:
    try:
        await log.append(entry())
    except LogFull:
        return True
    return False


async def test_a_log_that_closes_without_room_is_whole(tmp_path: Path) -> None:
    """What could not be published at the end is published at the next start."""
    faults = Faults("before write checkpoint", 2, errno.ENOSPC, times=9)
    log = await opening(tmp_path, create=True, faults=faults)
    await log.append(entry("a"))
    await log.close()
    assert log.failed
    async with opening(tmp_path) as log:
        assert (await log.append(entry("a"))).index == 0
    assert (await asyncio.to_thread(check, tmp_path)).size == 1


@pytest.mark.parametrize("step", ["before wal create", "before append files"])
async def test_other_steps_without_room_heal(tmp_path: Path, step: str) -> None:
    """A new segment, an index beside the tree: refused, and then not."""
    act, note = act_note()
    files = {f"acts/{act}": note}
    one = entry("a", ev="act", act=act, decision="genesis", attachments=files)
    faults = Faults(step, 1, errno.ENOSPC)
    async with opening(
        tmp_path, create=True, faults=faults, checkpoint_interval_s=60
    ) as log:
        results = [await outcome(log.append(one)), await outcome(log.settle())]
        assert any(isinstance(each, LogFull) for each in results)
        await log.settle()
        assert (await log.append(one)).index == 0
    await asyncio.to_thread(check, tmp_path)


async def test_no_room_for_an_epochs_keys_refuses_and_heals(tmp_path: Path) -> None:
    """No record is sealed before its keys' copies are durable."""

    def faults(step: str) -> None:
        if "write" in step and ".json" in step and armed:
            raise OSError(errno.ENOSPC, "injected")

    armed = False
    async with opening(tmp_path, create=True, faults=faults) as log:
        armed = True
        with pytest.raises(LogFull):
            await log.append(entry())
        armed = False
        assert (await log.append(entry())).index == 0


WRITER = """
import asyncio, resource, sys
from pathlib import Path
from audit import LogFull
from tests.audit.builders import entry, opening

async def main():
    folder = Path(sys.argv[1])
    async with opening(folder, create=True, checkpoint_interval_s=60) as log:
        await log.append(entry("first"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))
        told = 0
        try:
            for number in range(100):
                await log.append(entry(f"k{number}"))
                told += 1
        except LogFull:
            print(told)
        resource.setrlimit(
            resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        )
        assert told < 100
        await log.append(entry("after"))
        assert log.size == told + 2

import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
asyncio.run(main())
"""


def test_a_real_limit_of_the_system_refuses_and_heals(
    tmp_path: Path, repository: Path
) -> None:
    """With a real file-size limit the write fails half-way and is taken back."""
    answer = subprocess.run(
        [sys.executable, "-c", WRITER, str(tmp_path / "store")],
        capture_output=True,
        text=True,
        check=False,
        cwd=repository,
    )
    assert answer.stderr == ""
    told = int(answer.stdout)
    assert 0 < told < 100
    assert check(tmp_path / "store").size == told + 2


def test_limits_are_set_back() -> None:
    """The limit of the test above was the child's own."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
