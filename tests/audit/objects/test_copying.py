"""The copy of a log in an object store, over each kind of store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import ANY, AsyncMock

import pytest
from botocore.exceptions import ClientError

from audit import LogBehind, LogForked
from audit.cli import main
from audit.errors import (
    LogDamaged,
    LogFailed,
    LogUnavailable,
    Malformed,
    SourceUnreadable,
)
from audit.folder import Folder
from audit.keep import FolderKeep, Keep
from audit.objects import answers
from audit.objects.bucket import Bucket, Place
from audit.objects.copying import Copied, copy, said_by
from audit.objects.source import ObjectSource
from audit.postgres.keep import PostgresKeep
from audit.reading import read_tile
from audit.tiles import ENTRIES, Tile
from audit.verify import Trust, verify
from tests.audit.builders import CFG, KEYS, SCHEMA, FakeClock, act_note, entry
from tests.audit.kept import DirectoryStore, PostgresStore, Store
from tests.audit.test_elsewhere import copy_of
from tests.audit.witnessing import Board, Boards, cosigner
from tests.services.objects import Objects

pytestmark = [
    pytest.mark.services,
    pytest.mark.blocking("a bucket has an event loop that nobody else waits on"),
]

ACT, NOTE = act_note()


@pytest.fixture
async def place(objects: Objects) -> Place:
    """A bucket with Object Lock."""
    return await asyncio.to_thread(objects.place)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What ends with the test."""
    with ExitStack() as stack:
        yield stack


def keep_of(store: Store) -> Keep:
    """Return a store as its auditors read it."""
    if isinstance(store, PostgresStore):
        return PostgresKeep(store.database.server_of("auditor"))
    assert isinstance(store, DirectoryStore)
    return FolderKeep(Folder(root=store.root))


async def grow(store: Store, count: int, *, create: bool = False) -> None:
    """Add entries to a log; the first with files."""
    async with store.opening(create=create, clock=FakeClock()) as log:
        if create:
            files = {f"acts/{ACT}": NOTE, f"schema/{CFG}.json": SCHEMA}
            await log.append(entry(act=ACT, decision="genesis", attachments=files))
            count -= 1
        await asyncio.gather(*(log.append(entry()) for _ in range(count)))


async def copied(store: Store, place: Place) -> tuple[int, int]:
    """Copy a store; return how many entries the copy has, and had."""
    async with Bucket.open(place) as bucket:
        done = await copy(keep_of(store), bucket)
    return done.size, done.before


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


async def test_tiles_that_became_wider_are_cut(tmp_path: Path, place: Place) -> None:
    """Who has an earlier checkpoint reads the same tree; other names are no tiles."""
    store = DirectoryStore(tmp_path / "store")
    await grow(store, 5, create=True)
    await copied(store, place)

    def read() -> None:
        source = ObjectSource(place)
        for level in (0, ENTRIES):
            narrow = read_tile(source, Tile(level=level, index=0, width=2))
            assert narrow is not None
            whole = source.read(Tile(level=level, index=0, width=5).path)
            assert whole is not None
            assert whole.startswith(narrow)
        assert source.wider(Tile(level=0, index=9, width=2)) is None
        assert sorted(source.files()) == [
            f"acts/{ACT}",
            "checkpoint",
            f"schema/{CFG}.json",
        ]
        assert {tile.width for tile in source.tiles()} == {5}
        source.close()

    await asyncio.to_thread(read)


def test_a_bucket_that_can_not_be_read_tells_nothing(objects: Objects) -> None:
    """Neither open nor asked; and what is no tile is named."""
    place = objects.place()

    def none() -> tuple[str, str]:
        raise ValueError("no file")

    for broken, said in (
        (Place(bucket="x", key=none), "key to the bucket"),
        (objects.elsewhere(place, 9), "does not answer as it should"),
    ):
        source = ObjectSource(broken)
        with pytest.raises(SourceUnreadable, match=said):
            source.read("checkpoint")
        source.close()
    source = ObjectSource(place)

    async def other(bucket: Bucket) -> None:
        await bucket.make("tile/0/000.p/", b"")  # as consoles do
        await bucket.make("tile/other", b"x")

    source._ask(other)
    with pytest.raises(Malformed, match="tile/other"):
        list(source.tiles())
    source._ask(lambda bucket: bucket.make("tile/0/000.p/some", b"x"))
    assert source.wider(Tile(level=0, index=0, width=1)) is None
    source.close()


def altered(bundle: bytes) -> bytes:
    """Return a bundle whose first entry is another one."""
    return bundle[:2] + bytes([bundle[2] ^ 1]) + bundle[3:]


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


async def test_an_object_that_is_refused_hides_nothing(
    tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may deny one, or put a huge one there, covers no altered one by it."""
    store = DirectoryStore(tmp_path / "store")
    await grow(store, 300, create=True)
    await copied(store, place)
    asked = Bucket.get

    async def get(bucket: Bucket, name: str) -> tuple[bytes, str] | None:
        if name == "tile/entries/000":
            monkeypatch.setattr(answers, "_MAX_BYTES", 9)
            try:
                return await asked(bucket, name)
            finally:
                monkeypatch.setattr(answers, "_MAX_BYTES", 64_000_000)
        if name == "tile/0/000":
            response = {
                "Error": {"Code": "AccessDenied"},
                "ResponseMetadata": {"HTTPStatusCode": 403},
            }
            refused = AsyncMock(side_effect=ClientError(response, "GetObject"))
            with monkeypatch.context() as patched:
                patched.setattr(bucket._client, "get_object", refused)
                return await asked(bucket, name)
        found = await asked(bucket, name)
        if name == "tile/entries/001.p/44" and found is not None:
            return altered(found[0]), found[1]
        return found

    monkeypatch.setattr(Bucket, "get", get)

    def check() -> tuple[list[int | None], list[str]]:
        source = ObjectSource(place)
        report = verify(source, Trust(keys=KEYS.verifiers), leaves=False)
        source.close()
        return [each.index for each in report.findings], report.doubts

    found, doubts = await asyncio.to_thread(check)
    assert found == [256]
    assert sorted(doubts) == [
        f"tile/0/000: {place.name} does not answer as it should: AccessDenied",
        "tile/entries/000: more than 9 bytes",
    ]


def test_a_source_that_nobody_holds_is_closed(objects: Objects) -> None:
    """Wherever that is noticed, also while another loop runs."""
    source: ObjectSource | None = None

    async def leave() -> None:
        nonlocal source
        source = None

    def leave_it() -> None:
        nonlocal source
        source = None

    def leave_it_to_a_loop() -> None:
        asyncio.run(leave())

    for left in (leave_it, leave_it_to_a_loop):
        source = ObjectSource(objects.place())
        assert source.read("checkpoint") is None
        opened = source._opened
        assert len(opened) == 1
        left()
        assert opened == []


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
