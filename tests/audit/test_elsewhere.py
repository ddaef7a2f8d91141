"""A store is compared, before it is written to, with what others have seen it sign."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from audit import KeyFileRefused, Log, LogBehind, LogError, LogForked, LogKeys
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.cli import main
from audit.elsewhere import Said, compare
from audit.keyring import Keyring, Period
from audit.merkle import EMPTY_ROOT
from tests.audit.builders import AUDITOR, KEYS, ORIGIN, FakeClock, entry
from tests.audit.kept import DirectoryStore, PostgresStore, Store, copied

KEYRING = Keyring.of(KEYS.verifiers)


def note(
    size: int, root: bytes = EMPTY_ROOT, *, keys: LogKeys = KEYS, origin: str = ORIGIN
) -> bytes:
    """Return a checkpoint as a witness gives it back: the log's line alone."""
    shown = Checkpoint(origin=origin, size=size, root=root)
    return sign_checkpoint(shown, log=keys.log, time=None, seconds=1)


def said(data: bytes, where: str = "the witness board.example") -> list[Said]:
    """Return what one of the others has."""
    return [Said(where=where, note=data)]


def root_at(size: int) -> bytes:
    """Return what stands for the root of so many entries."""
    return sha256(str(size).encode()).digest() if size else EMPTY_ROOT


def compared(data: bytes, keys: Keyring = KEYRING, size: int = 5) -> list[str]:
    """Compare one statement with a store."""
    return compare(said(data), keys, origin=ORIGIN, size=size, root_at=root_at)


def test_what_the_store_continues_is_well() -> None:
    """The same size, a smaller one, and none at all."""
    assert compared(note(5, root_at(5))) == []
    assert compared(note(3, root_at(3))) == []
    assert compared(note(0)) == []
    assert compare([], KEYRING, origin=ORIGIN, size=5, root_at=root_at) == []


def test_a_store_that_is_behind_is_refused() -> None:
    """The sentence says who shows it, how much is missing, and what may be done."""
    with pytest.raises(LogBehind) as caught:
        compared(note(6, root_at(6)))
    said_so = str(caught.value)
    assert said_so.startswith(
        "the witness board.example shows that this log signed 6 entries, and 5 entries"
    )
    assert "an older copy of the store was put back" in said_so
    assert "Put the newest copy back." in said_so


def test_a_second_history_is_refused() -> None:
    """The same size with another root: somebody else wrote under this name."""
    with pytest.raises(LogForked, match=r"signed 5 entries that are not .*two histor"):
        compared(note(5, root_at(6)))


def test_keys_that_were_changed_elsewhere_are_refused() -> None:
    """A checkpoint of this log that its keys, as they are here, did not sign."""
    other = LogKeys.generate(ORIGIN)
    with pytest.raises(LogForked, match="its keys did not sign here"):
        compared(note(3, root_at(3), keys=other))
    # A key of the log, outside its window, is as good as none.
    periods = (
        Period(keys=KEYS.verifiers, last=2),
        Period(keys=other.verifiers, first=3),
    )
    with pytest.raises(LogForked, match="did not sign here"):
        compared(note(3, root_at(3)), Keyring(periods=periods))
    assert compared(note(2, root_at(2)), Keyring(periods=periods)) == []


def test_what_is_no_statement_about_this_log_is_told() -> None:
    """Nobody can stop a log by showing something else; it is said all the same."""
    elsewhere = LogKeys.generate("other.example/log")
    assert compared(b"nonsense") == [
        (
            "the witness board.example shows no checkpoint: note-no-signatures (it is"
            " empty, cut short, or no signed note)"
        )
    ]
    assert compared(note(9, keys=elsewhere, origin="other.example/log")) == [
        "the witness board.example shows the log other.example/log"
    ]


# --- over both kinds of store ---------------------------------------------------------


async def grow(store: Store, count: int, *, create: bool = False) -> bytes:
    """Add entries to a log; return its checkpoint."""
    async with store.opening(create=create, clock=FakeClock()) as log:
        for _ in range(count):
            await log.append(entry())
        await log.settle()
        checkpoint: bytes = log.checkpoint()
    return checkpoint


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What ends with the test."""
    with ExitStack() as stack:
        yield stack


async def test_an_old_copy_that_was_put_back_is_refused(
    store: Store, stack: ExitStack
) -> None:
    """It looks whole by itself: only what others have seen shows it."""
    old = await grow(store, 3, create=True)
    copy = await asyncio.to_thread(copy_of, store, stack)
    new = await grow(store, 400)

    for checkpoint in (old, new):
        async with store.opening(said=said(checkpoint)) as log:
            assert log.size == 403
    with pytest.raises(LogBehind, match="signed 403 entries, and 3 entries are stored"):
        await copy.opening(said=said(new))
    async with copy.opening(said=said(old)) as log:
        await log.append(entry())
    with pytest.raises(LogForked, match="signed 4 entries"):
        await store.opening(said=said(log.checkpoint()))
    # Nothing was signed on top of it meanwhile.
    async with store.opening(said=said(new)) as log:
        assert log.size == 403


def copy_of(store: Store, stack: ExitStack) -> Store:
    """Return a copy of a store, as a backup has it."""
    if isinstance(store, DirectoryStore):
        shutil.copytree(store.root, store.root.with_name("copy"))
        return DirectoryStore(store.root.with_name("copy"))
    assert isinstance(store, PostgresStore)
    copy = contextmanager(copied)(store.database.server, store.database.name)
    return replace(store, database=stack.enter_context(copy))


async def test_other_keys_are_refused(store: Store) -> None:
    """Keys of the same name that are not the log's."""
    await grow(store, 1, create=True)
    with pytest.raises(KeyFileRefused, match="not those of the log in this"):
        await Log.open(
            store.place,
            origin=ORIGIN,
            keys=LogKeys.generate(ORIGIN),
            auditors=[AUDITOR.auditor],
            clock=FakeClock(),
        )


async def opened(store: Store, shown: Said) -> None:
    """Open a log, comparing it with what another has."""
    async with store.opening(said=[shown]):
        pass


def test_the_doctor_says_what_opening_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same sentences, and 1 as the exit code; 0 for a store that may go on."""
    store = DirectoryStore(tmp_path / "store")
    old = asyncio.run(grow(store, 3, create=True))
    copy = copy_of(store, ExitStack())
    new = asyncio.run(grow(store, 2))
    (tmp_path / "seen").write_bytes(new)
    assert isinstance(copy, DirectoryStore)

    def doctor(root: Path, *more: str) -> tuple[int, str]:
        return main(["doctor", str(root), *more]), capsys.readouterr().out

    seen = ("--said", str(tmp_path / "seen"))
    code, text = doctor(store.root, *seen)
    assert code == 0
    assert "this store continues all that was signed" in text
    code, text = doctor(store.root)
    assert code == 0
    assert "an old copy of a store looks whole" in text
    code, text = doctor(copy.root, *seen)
    with pytest.raises(LogError) as caught:
        asyncio.run(opened(copy, Said(where="seen", note=new)))
    assert code == 1
    assert str(caught.value) in text
    (tmp_path / "seen").write_bytes(old)
    assert (doctor(copy.root, *seen))[0] == 0


def test_the_doctor_says_what_it_can_not_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No store, a change of keys, entries that nobody integrated yet, altered tiles."""
    store = DirectoryStore(tmp_path / "store")
    assert main(["doctor", str(tmp_path)]) == 2
    (tmp_path / "empty" / "live").mkdir(parents=True)
    assert main(["doctor", str(tmp_path / "empty")]) == 2
    capsys.readouterr()
    first = asyncio.run(grow(store, 3, create=True))
    second = asyncio.run(grow(store, 3))
    (tmp_path / "seen").write_bytes(second)
    live = store.root / "live" / "checkpoint"
    newest = live.read_bytes()
    live.write_bytes(first)
    said_it = ["doctor", str(store.root), "--said", str(tmp_path / "seen")]
    assert main(said_it) == 2
    assert "of the 6 entries that were signed, 3 lie in the tree" in (
        capsys.readouterr().out
    )
    live.write_bytes(newest)
    (tile,) = (store.root / "live" / "tile" / "0" / "000.p").iterdir()
    whole = tile.read_bytes()
    tile.write_bytes(bytes(len(whole)))
    assert main(["doctor", str(store.root)]) == 1
    assert "not those that were signed" in capsys.readouterr().out
    tile.write_bytes(whole)
    state = store.root / "state.json"
    state.write_text(state.read_text().replace('"keys"', '"next":[],"keys"'))
    assert main(["doctor", str(store.root)]) == 2
    assert "a change of keys was begun" in capsys.readouterr().out


def test_the_doctor_passes_over_nothing_that_does_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pipe among the segments may stand for entries: who writes would stop at it."""
    store = DirectoryStore(tmp_path / "store")
    asyncio.run(grow(store, 3, create=True))
    os.mkfifo(store.root / "wal" / "9")
    assert main(["doctor", str(store.root)]) == 2
    assert "CANNOT TELL  wal/9: not a regular file" in capsys.readouterr().out


def test_the_doctor_compares_the_write_ahead_file_with_the_checkpoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An older one was put back, or it was altered: opening refuses both."""
    store = DirectoryStore(tmp_path / "store")
    asyncio.run(grow(store, 2, create=True))
    shutil.copytree(store.root / "wal", tmp_path / "older")
    asyncio.run(grow(store, 3))
    shutil.copytree(store.root / "wal", tmp_path / "newest")
    shutil.rmtree(store.root / "wal")
    shutil.copytree(tmp_path / "older", store.root / "wal")
    assert main(["doctor", str(store.root)]) == 1
    behind = "the store's own checkpoint shows that this log signed 5 entries, and 2"
    assert behind in capsys.readouterr().out

    shutil.rmtree(store.root / "wal")
    shutil.copytree(tmp_path / "newest", store.root / "wal")
    segment = max((store.root / "wal").iterdir())
    segment.write_bytes(segment.read_bytes() + b"more")
    assert main(["doctor", str(store.root)]) == 1
    assert f"TAMPERED  wal/{segment.name}, entry 5: store" in capsys.readouterr().out


def test_the_doctor_says_whom_it_did_not_ask_and_what_it_could_not_compare(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether it is witnessed is not its question; what is named must be compared."""
    store = DirectoryStore(tmp_path / "store")
    asyncio.run(grow(store, 3, create=True))
    assert main(["doctor", str(store.root), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["outcome"], told["witnessed"]) == ("ok", None)
    elsewhere = LogKeys.generate("other.example/log")
    for data, why in (
        (note(2, keys=elsewhere, origin="other.example/log"), "the log other.exam"),
        (b"{}", "no checkpoint"),
    ):
        (tmp_path / "seen").write_bytes(data)
        words = ["doctor", str(store.root), "--said", str(tmp_path / "seen")]
        assert main(words) == 2
        assert f"CANNOT TELL  seen shows {why}" in capsys.readouterr().out
