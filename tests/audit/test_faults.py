"""What a failing disk does to a log in a directory: it stops, and takes nothing more.

What holds for each kind of store is in ``test_contract_faults.py``.
"""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import pytest

from audit import Log, LogError, LogFailed, LogFull
from tests.audit.builders import act_note, entry, opening
from tests.audit.failing import Faults, outcome


async def test_a_failed_sync_stops_the_log_for_ever(tmp_path: Path) -> None:
    """Nothing is acknowledged after it, not even when the disk seems well again."""
    faults = Faults("before wal sync", 2)
    log = await opening(tmp_path, create=True, faults=faults)
    await log.append(entry("a"))
    with pytest.raises(LogFailed):
        await log.append(entry("b"))
    assert log.failed
    with pytest.raises(LogFailed):
        await log.append(entry("c"))
    await log.close()
    assert faults.seen["before wal sync"] == 2
    async with opening(tmp_path) as log:
        # It was written, so it may stand; the retry finds out.
        assert (await log.append(entry("b"))).index == 1
        assert log.size == 2


async def test_a_failure_tells_only_who_still_waits(tmp_path: Path) -> None:
    """A caller who went away is no trouble to the log that stops."""
    log = await opening(tmp_path, create=True, faults=Faults("before wal sync", 2))
    await log.append(entry())
    async with asyncio.TaskGroup() as group:
        gone = group.create_task(log.append(entry("a")))
        stays = group.create_task(_refused(log))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gone.cancel()
    assert stays.result()
    await log.close()


async def test_what_waits_behind_a_failure_is_refused(tmp_path: Path) -> None:
    """Entries in the queue of a log that stops are told so."""
    log = await opening(tmp_path, create=True, faults=Faults("before wal sync", 2))
    await log.append(entry())
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_refused(log)) for _ in range(5)]
        await asyncio.sleep(0)
        tasks += [group.create_task(_refused(log)) for _ in range(2000)]
    assert all(task.result() for task in tasks)
    await log.close()


async def _refused(log: Log) -> bool:
    try:
        await log.append(entry())
    except LogFailed:
        return True
    return False


async def test_a_frame_that_can_not_be_taken_back_stops_the_log(
    tmp_path: Path,
) -> None:
    """An unfinished frame in the way would hide what follows it."""

    def faults(step: str) -> None:
        if step in {"after wal write", "before wal take back"} and armed:
            raise OSError(errno.ENOSPC, "injected")

    armed = False
    log = await opening(tmp_path, create=True, faults=faults)
    await log.append(entry("a"))
    armed = True
    with pytest.raises(LogFailed):
        await log.append(entry("b"))
    armed = False
    with pytest.raises(LogFailed):
        await log.append(entry("c"))
    await log.close()


@pytest.mark.parametrize(
    ("code", "kind"), [(errno.ENOSPC, LogFull), (errno.EACCES, LogFailed)]
)
async def test_a_log_that_can_not_begin_says_why(
    tmp_path: Path, code: int, kind: type[LogError]
) -> None:
    """No raw error of the system escapes from opening."""
    with pytest.raises(kind):
        await opening(
            tmp_path, create=True, faults=Faults("before write state.json", 1, code)
        )


async def test_a_write_that_fails_for_another_reason_stops_the_log(
    tmp_path: Path,
) -> None:
    """Only a full disk is waited out."""
    for step in ("before wal write", "before append files"):
        act, note = act_note()
        one = entry("a", ev="act", act=act, attachments={f"acts/{act}": note})
        folder = tmp_path / step.replace(" ", "_")
        log = await opening(folder, create=True, faults=Faults(step))
        results = [await outcome(log.append(one)), await outcome(log.settle())]
        assert any(isinstance(each, LogFailed) for each in results)
        assert log.failed
        await log.close()


async def test_content_that_conflicts_stops_the_log(tmp_path: Path) -> None:
    """A full tile that is not what the entries make is never written over."""
    path = tmp_path / "live" / "tile" / "0" / "000"
    log = await opening(tmp_path, create=True, checkpoint_interval_s=60)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"something else")
    await asyncio.gather(*(log.append(entry()) for _ in range(300)))
    with pytest.raises(LogFailed, match="000"):
        await log.settle()
    assert log.failed
    await log.close()
    with pytest.raises(LogFailed):
        await opening(tmp_path)


@pytest.mark.parametrize("step", ["before wal write", "before write checkpoint"])
async def test_an_unforeseen_fault_stops_the_log(tmp_path: Path, step: str) -> None:
    """An error of no known kind is treated like the worst one."""

    def faults(name: str) -> None:
        if armed and name == step:
            raise RuntimeError("injected")

    armed = False
    log = await opening(tmp_path, create=True, faults=faults)
    await log.append(entry())
    await log.settle()
    armed = True
    results = [await outcome(log.append(entry())), await outcome(log.settle())]
    assert any(isinstance(each, LogFailed | RuntimeError) for each in results)
    assert log.failed
    await log.close()
