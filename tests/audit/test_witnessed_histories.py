"""A store that is not what its witnesses have seen is refused: an old copy, a fork."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from audit import LogBehind, LogForked
from audit.cosigning import Cosigner
from audit.elsewhere import Said
from tests.audit.builders import ORIGIN, entry
from tests.audit.witnessing import Boards, cosigner, open_log


@pytest.fixture
def stores(tmp_path: Path, boards: Boards) -> tuple[Path, Path]:
    """A store of five entries, and its copy of when it had three."""

    async def make() -> None:
        async with open_log(tmp_path / "s", cosigner(boards), create=True) as log:
            for _ in range(3):
                await log.append(entry())
        await asyncio.to_thread(shutil.copytree, tmp_path / "s", tmp_path / "old")
        async with open_log(tmp_path / "s", cosigner(boards)) as log:
            for _ in range(2):
                await log.append(entry())

    asyncio.run(make())
    return tmp_path / "s", tmp_path / "old"


def said(one: Cosigner) -> list[Said]:
    """Return what the witnesses show, as one asks at start."""
    return one.said(ORIGIN)[0]


def test_an_old_copy_is_refused_at_start(
    stores: tuple[Path, Path], boards: Boards
) -> None:
    """Nothing is written to it, and the sentence says what may be done."""
    _, old = stores
    before = sorted((path, path.stat().st_mtime_ns) for path in old.rglob("*"))

    async def go() -> None:
        one = cosigner(boards)
        async with open_log(old, one, said=await asyncio.to_thread(said, one)):
            pass

    with pytest.raises(LogBehind) as caught:
        asyncio.run(go())
    assert "shows that this log signed 5 entries, and 3 entries are stored" in str(
        caught.value
    )
    assert "Put the newest copy back" in str(caught.value)
    after = sorted((path, path.stat().st_mtime_ns) for path in old.rglob("*"))
    assert [each for each in after if each[0].name != "lock"] == [
        each for each in before if each[0].name != "lock"
    ]


def test_without_the_question_the_first_checkpoint_stops_it(
    stores: tuple[Path, Path], boards: Boards
) -> None:
    """A witness that was not reached at start is reached with the first checkpoint."""
    _, old = stores

    async def go() -> None:
        async with open_log(old, cosigner(boards)) as log:
            await log.append(entry())
            with pytest.raises(LogBehind):
                await log.settle()
            with pytest.raises(LogBehind, match=r"the witness a\.example shows"):
                await log.append(entry())
            assert log.failed

    asyncio.run(go())


def test_the_whole_store_is_accepted(stores: tuple[Path, Path], boards: Boards) -> None:
    """What continues everything that was signed is opened."""
    whole, _ = stores

    async def go() -> None:
        one = cosigner(boards)
        async with open_log(whole, one, said=await asyncio.to_thread(said, one)) as log:
            assert log.size == 5

    asyncio.run(go())


def test_a_second_history_is_refused_at_start(
    stores: tuple[Path, Path], boards: Boards
) -> None:
    """An old copy that went on without its witnesses is a fork, and stays one."""
    _, old = stores

    async def go() -> None:
        async with open_log(old, None) as log:
            for _ in range(4):
                await log.append(entry())
        one = cosigner(boards)
        async with open_log(old, one, said=await asyncio.to_thread(said, one)):
            pass

    with pytest.raises(LogForked, match="there are two histories"):
        asyncio.run(go())
