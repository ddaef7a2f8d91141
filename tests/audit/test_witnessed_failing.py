"""A log with witnesses that is killed or cannot write: what they saw is kept."""

from __future__ import annotations

import asyncio
import errno
import shutil
from pathlib import Path

import pytest

from audit import LogFull
from audit.cosigning import Cosigner
from audit.disk import no_faults
from audit.errors import LogError
from tests.audit.builders import START_MS, FakeClock, entry, opening
from tests.audit.witnessing import Boards, cosigner, heads, open_log, silent


async def test_a_state_that_cannot_be_written_is_tried_again(
    tmp_path: Path, boards: Boards
) -> None:
    """The count goes on in memory; the next checkpoint tries once more."""
    fail = True

    def faults(name: str) -> None:
        if fail and name == "before write state.json":
            raise OSError(28, "No space left on device")
        no_faults(name)

    one = cosigner(boards)
    for each in boards.boards:
        each.fault = silent
    async with open_log(tmp_path / "s", None, create=True):
        pass
    path = tmp_path / "s" / "state.json"
    async with open_log(tmp_path / "s", one, fault_hooks=faults) as log:
        await log.append(entry())
        await log.settle()
        assert log.unwitnessed_since_ms == START_MS
        assert "unwitnessed" not in await asyncio.to_thread(path.read_text)
        fail = False
        await log.append(entry())
        await log.settle()
        assert str(START_MS) in await asyncio.to_thread(path.read_text)


async def test_what_witnesses_were_shown_is_published_after_a_crash(
    tmp_path: Path, boards: Boards
) -> None:
    """Not another note of the same tree: ML-DSA lines and times would differ."""

    class Killed(Exception):
        """The process ended here."""

    crash = False

    def faults(name: str) -> None:
        if crash and name == "before write checkpoint":
            raise Killed
        no_faults(name)

    store = tmp_path / "s"
    clock = FakeClock()
    log = await open_log(
        store, cosigner(boards), create=True, fault_hooks=faults, clock=clock
    )
    crash = True
    await log.append(entry())
    with pytest.raises(Killed):
        await log.settle()
    crash = False
    shown = await asyncio.to_thread((store / "signed").read_bytes)
    await asyncio.to_thread(shutil.copytree, store, tmp_path / "after")
    with pytest.raises(LogError):
        await log.append(entry())
    await log.close()
    clock.ms += 60_000
    async with open_log(tmp_path / "after", cosigner(boards), clock=clock) as log:
        assert log.checkpoint().startswith(shown)
        assert heads(log.checkpoint()) == 1
        await log.append(entry())
        await log.settle()
        assert heads(log.checkpoint()) == 2


def test_an_open_store_is_given_up_if_it_cannot_be_watched(
    tmp_path: Path, boards: Boards, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong after the lock was taken, the lock is given back."""

    async def go() -> None:
        async with open_log(tmp_path / "s", None, create=True):
            pass
        with monkeypatch.context() as patch:
            patch.setattr(Cosigner, "satisfied", lambda *_: 1 / 0)
            patch.setattr(Cosigner, "lacking", lambda *_: False)
            one = cosigner(boards)
            async with open_log(tmp_path / "s", None) as log:
                await log.append(entry())
            with pytest.raises(ZeroDivisionError):
                await open_log(tmp_path / "s", one)
        async with opening(tmp_path / "s") as log:
            assert log.size == 1

    asyncio.run(go())


async def test_a_full_disk_does_not_show_witnesses_what_is_not_kept(
    tmp_path: Path, boards: Boards
) -> None:
    """The log refuses while it is full, and heals; nobody saw a note that is lost."""
    full = False

    def faults(name: str) -> None:
        if full and name == "before write signed":
            raise OSError(errno.ENOSPC, "injected")

    one = cosigner(boards)
    async with open_log(tmp_path / "s", one, create=True, fault_hooks=faults) as log:
        full, asked = True, len(boards.rounds)
        await log.append(entry())
        with pytest.raises(LogFull):
            await log.settle()
        assert len(boards.rounds) == asked
        full = False
        await log.settle()
        assert heads(log.checkpoint()) == 1
