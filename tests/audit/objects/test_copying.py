"""The copy of a log in an object store, over each kind of store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import ANY

import pytest

from audit import LogBehind, LogForked
from audit.cli import main
from audit.errors import (
    LogDamaged,
    LogFailed,
    LogUnavailable,
)
from audit.objects.bucket import Bucket, Place
from audit.objects.copying import Copied, copy, said_by
from audit.objects.source import ObjectSource
from audit.verify import Trust, verify
from tests.audit.builders import KEYS
from tests.audit.kept import DirectoryStore, PostgresStore, Store
from tests.audit.objects.copies import ACT, MARKS, altered, copied, grow, keep_of
from tests.audit.test_elsewhere import copy_of
from tests.audit.witnessing import Board, Boards, cosigner
from tests.services.objects import Objects

pytestmark = MARKS


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What ends with the test."""
    with ExitStack() as stack:
        yield stack


def verified(place: Place, *, jobs: int = 1) -> int:
    """Verify a copy in full; return how many entries it has."""
    source = ObjectSource(place)
    report = verify(source, Trust(keys=KEYS.verifiers), jobs=jobs)
    assert [each.text for each in report.findings] == report.doubts == []
    source.close()
    return int(report.facts["entries"])


async def test_a_copy_is_the_log_itself(store: Store, place: Place) -> None:
    """Verified from its first entry on, and brought up by what is new."""
    await grow(store, 300, create=True)
    assert await copied(store, place) == (300, 0)
    assert await asyncio.to_thread(verified, place) == 300
    assert await copied(store, place) == (300, 300)
    await grow(store, 250)
    assert await copied(store, place) == (550, 300)
    assert await asyncio.to_thread(verified, place) == 550


async def test_lines_of_witnesses_that_came_late_are_copied(
    tmp_path: Path, place: Place
) -> None:
    """The copy shows what the store shows, once a witness has signed it."""
    store, boards = DirectoryStore(tmp_path / "store"), Boards([Board("a.example")])
    await grow(store, 3, create=True)
    assert await copied(store, place) == (3, 0)
    async with store.opening(cosigner=cosigner(boards)) as log:
        await log.settle()
        assert await copied(store, place) == (3, 3)
        async with Bucket.open(place) as bucket:
            assert await bucket.get("checkpoint") == (log.checkpoint(), ANY)
            assert await copy(keep_of(store), bucket) == Copied(size=3, before=3)
    assert cosigner(boards).satisfied(log.checkpoint())


async def test_the_copy_shows_a_store_that_was_put_back(
    store: Store, place: Place, stack: ExitStack
) -> None:
    """It cannot be put back with it: opening the store, and copying it, are refused."""
    assert await said_by(place) is None
    await grow(store, 3, create=True)
    old = await asyncio.to_thread(copy_of, store, stack)
    await grow(store, 2)
    await copied(store, place)
    shown = await said_by(place)
    assert shown is not None
    with pytest.raises(LogBehind, match=r"bucket log-.* signed 5 entries, and 3"):
        await old.opening(said=[shown])
    with pytest.raises(LogBehind):
        await copied(old, place)
    await grow(old, 4)
    with pytest.raises(LogForked, match=r"bucket log-.* two histories"):
        await old.opening(said=[shown])
    with pytest.raises(LogForked):
        await copied(old, place)


async def test_two_that_copy_at_once_agree(
    postgres_store: PostgresStore, place: Place
) -> None:
    """Each may find what the other made; the checkpoint is of whoever was first."""
    await grow(postgres_store, 270, create=True)
    done = await asyncio.gather(*(copied(postgres_store, place) for _ in range(3)))
    assert {size for size, _ in done} == {270}
    assert await asyncio.to_thread(verified, place) == 270


async def test_who_is_never_first_gives_up(
    tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the next time."""
    store = DirectoryStore(tmp_path / "store")
    await grow(store, 3, create=True)

    async def never(*_: object) -> bool:
        return False

    monkeypatch.setattr(Bucket, "swap", never)
    with pytest.raises(LogUnavailable, match="others copy to the bucket"):
        await copied(store, place)


async def test_a_copy_that_holds_something_else_stops(
    tmp_path: Path, place: Place
) -> None:
    """A tile, a checkpoint of another log, no checkpoint at all."""
    store = DirectoryStore(tmp_path / "store")
    await grow(store, 300, create=True)
    async with Bucket.open(place) as bucket:
        await bucket.make("tile/0/000", b"another tile")
        with pytest.raises(LogFailed, match="holds something else"):
            await copy(keep_of(store), bucket)
        await bucket.swap("checkpoint", b"no checkpoint", None)
        with pytest.raises(LogFailed, match="shows no checkpoint"):
            await copy(keep_of(store), bucket)


async def test_a_store_that_does_not_read_is_damage(
    tmp_path: Path, place: Place
) -> None:
    """Nothing is signed over it in the copy."""
    store = DirectoryStore(tmp_path / "store")
    await grow(store, 3, create=True)
    live = store.root / "live"
    acts = (live / "acts" / ACT).rename(tmp_path / "act")
    with pytest.raises(LogDamaged, match=f"acts/{ACT} is missing"):
        await copied(store, place)
    acts.rename(live / "acts" / ACT)
    (live / "checkpoint").write_bytes(b"x")
    with pytest.raises(LogDamaged, match="the live checkpoint"):
        await copied(store, place)
    (live / "checkpoint").unlink()
    with pytest.raises(LogDamaged, match="no checkpoint"):
        await copied(store, place)


async def test_what_was_altered_is_not_locked(tmp_path: Path, place: Place) -> None:
    """Nobody could put the right one in its place: the timer fails instead."""
    store = DirectoryStore(tmp_path / "store")
    await grow(store, 300, create=True)
    bundle = store.root / "live" / "tile" / "entries" / "000"
    whole = bundle.read_bytes()
    bundle.write_bytes(altered(whole))
    with pytest.raises(LogDamaged, match=r"entry 0: leaf changed.*nothing was copied"):
        await copied(store, place)
    bundle.write_bytes(whole)
    assert await copied(store, place) == (300, 0)


def test_the_commands_copy_verify_and_look(
    objects: Objects,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """``audit copy``, ``verify s3://``, ``doctor``; without lock only on purpose."""
    for name, value in objects.environment().items():
        monkeypatch.setenv(name, value)
    store = DirectoryStore(tmp_path / "store")
    asyncio.run(grow(store, 3, create=True))
    KEYS.write(tmp_path / "keys")
    where = f"s3://{objects.place().bucket}/county"
    without = f"s3://{objects.place(lock=False).bucket}"

    def run(*arguments: str) -> tuple[int, str]:
        code = main([*arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    assert run("doctor", str(store.root), "--said", where)[0] == 0  # nothing yet
    code, text = run("copy", str(store.root), where, "--retention-days", "1", "--json")
    assert (code, '"entries": 3' in text) == (0, True)
    code, text = run("copy", str(store.root), where, "--retention-days", "1")
    assert (code, text) == (0, "3 entries are in the copy, 3 were\n")
    verify_it = ("verify", where, "--vkey", str(tmp_path / "keys" / "log.vkeys"))
    code, text = run(*verify_it)
    assert code == 3
    assert "the sealed records were not checked" in text
    assert run("doctor", str(store.root), "--said", where)[0] == 0
    assert run("doctor", where)[0] == 0
    code, text = run("doctor", without)
    assert (code, "made without Object Lock" in text) == (2, True)
    code, text = run("copy", str(store.root), without, "--retention-days", "1")
    assert (code, "made without Object Lock" in text) == (2, True)
    code, _ = run("copy", str(store.root), without, "--retention-days", "0")
    assert code == 0
