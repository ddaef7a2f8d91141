"""The delayed public copy."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest

from audit import LogDamaged, LogFailed, LogMissing
from audit.checkpoint import open_checkpoint
from audit.disk import no_faults
from audit.errors import CannotTell
from audit.folder import Folder
from audit.history import History, Past
from audit.keep import FolderKeep, Keep
from audit.publish import Published, publish
from audit.reading import FolderSource
from audit.report import Outcome
from audit.verify import Trust, verify
from tests.audit.builders import (
    KEYS,
    START_MS,
    FakeClock,
    act_note,
    entry,
    filled,
    opening,
)

HOUR_MS = 3_600_000


def holds(folder: Path) -> int:
    """Verify a public copy; return its entries."""
    report = verify(FolderSource(folder), Trust(keys=KEYS.verifiers))
    assert [each.text for each in report.findings] == []
    assert report.outcome(allow_unwitnessed=True) is Outcome.OK
    return int(report.facts["entries"])


def grow(store: Path, count: int, clock: FakeClock, delay_s: float = 0) -> None:
    """Add entries to a store."""

    async def run() -> None:
        async with opening(store, clock=clock, delay_s=delay_s) as log:
            await asyncio.gather(*(log.append(entry()) for _ in range(count)))

    asyncio.run(run())


def test_the_copy_follows_the_store(tmp_path: Path) -> None:
    """Each publication is a whole, verifiable log that continues the one before."""
    clock = FakeClock()
    store, target = tmp_path / "store", tmp_path / "public"
    filled(store, 100, clock=clock)
    assert publish(store, target, now_ms=clock.ms) == Published(size=100, before=0)
    assert holds(target) == 100
    assert (target / "acts" / act_note()[0]).exists()
    grow(store, 500, clock)
    assert publish(store, target, now_ms=clock.ms) == Published(size=600, before=100)
    assert holds(target) == 600
    assert not (target / "tile" / "0" / "000.p").exists()
    assert publish(store, target, now_ms=clock.ms).before == 600


def test_nothing_private_and_nothing_young_is_copied(tmp_path: Path) -> None:
    """Only the tree as it was when the delay began, and no sealed byte."""
    clock = FakeClock()
    store, target = tmp_path / "store", tmp_path / "public"
    filled(store, 300, clock=clock, delay_s=3600)
    done = publish(store, target, now_ms=clock.ms)
    assert done == Published(size=0, before=0, young=300, delay_ms=HOUR_MS)
    assert holds(target) == 0
    assert [path.name for path in target.iterdir()] == ["checkpoint"]
    clock.ms += HOUR_MS
    grow(store, 10, clock, delay_s=3600)
    assert publish(store, target, now_ms=clock.ms).size == 300
    shown = {path.name for path in target.iterdir()}
    assert shown == {"checkpoint", "tile", "acts", "schema"}
    assert holds(target) == 300


@pytest.mark.parametrize("inside", ["", "public", "live", "../store/x", ".."])
def test_the_public_copy_is_not_put_into_the_store(tmp_path: Path, inside: str) -> None:
    """The store is private, and what is public would lie among it."""
    store = tmp_path / "store"
    filled(store, 1)
    before = sorted(store.rglob("*"))

    with pytest.raises(CannotTell, match=r"lies in .* folder of its own"):
        publish(store, store / inside, now_ms=START_MS)
    assert sorted(store.rglob("*")) == before


class Elsewhere:
    """A store that is no folder, as far as its publisher can see."""

    def __init__(self, root: Path) -> None:
        self._inner = FolderKeep(Folder(root=root))

    def __getattr__(self, name: str) -> object:
        """Be the store in all else."""
        return getattr(self._inner, name)


def test_a_store_without_a_folder_is_published_anywhere(tmp_path: Path) -> None:
    """A database has nothing that a public folder could lie in."""
    filled(tmp_path / "store", 3)
    keep = cast("Keep", Elsewhere(tmp_path / "store"))

    assert publish(keep, tmp_path / "store" / "x", now_ms=START_MS).size == 3


def test_a_copy_that_is_not_continued_is_refused(tmp_path: Path) -> None:
    """Two histories are never shown under one name."""
    clock = FakeClock()
    for name, count in (("a", 20), ("b", 30), ("c", 10)):
        filled(tmp_path / name, count, clock=clock)
    publish(tmp_path / "a", tmp_path / "public", now_ms=clock.ms)
    for name in ("b", "c"):
        with pytest.raises(LogFailed, match="does not continue"):
            publish(tmp_path / name, tmp_path / "public", now_ms=clock.ms)
    assert holds(tmp_path / "public") == 20


def test_a_store_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    """No store, no checkpoint, a missing tile."""
    with pytest.raises(LogMissing):
        publish(tmp_path / "none", tmp_path / "public", now_ms=START_MS)
    filled(tmp_path / "store", 3)
    (tmp_path / "store" / "files").unlink()
    publish(tmp_path / "store", tmp_path / "other", now_ms=START_MS)
    (tmp_path / "store" / "live" / "tile" / "0" / "000.p" / "3").unlink()
    with pytest.raises(LogDamaged, match="missing"):
        publish(tmp_path / "store", tmp_path / "public", now_ms=START_MS)
    assert not (tmp_path / "public" / "checkpoint").exists()
    (tmp_path / "store" / "live" / "checkpoint").unlink()
    with pytest.raises(LogDamaged, match="no checkpoint"):
        publish(tmp_path / "store", tmp_path / "public", now_ms=START_MS)


def test_what_was_altered_is_not_published(tmp_path: Path) -> None:
    """Neither an entry nor a tile: whoever shows it would answer for it."""
    clock = FakeClock()
    store, target = tmp_path / "store", tmp_path / "public"
    filled(store, 300, clock=clock)
    for name, said in (
        ("entries/000", "entry 0: leaf changed"),
        ("0/000", "tile changed"),
    ):
        path = store / "live" / "tile" / name
        whole = path.read_bytes()
        path.write_bytes(whole[:4] + bytes([whole[4] ^ 1]) + whole[5:])
        with pytest.raises(LogDamaged, match=f"{said}.*nothing was copied"):
            publish(store, target, now_ms=clock.ms)
        path.write_bytes(whole)
    assert not target.exists()
    assert publish(store, target, now_ms=clock.ms).size == 300


def test_what_was_shown_before_must_still_be_there(tmp_path: Path) -> None:
    """A bundle that the store has lost since is named, though the copy has it."""
    clock = FakeClock()
    store, target = tmp_path / "store", tmp_path / "public"
    filled(store, 300, clock=clock)
    publish(store, target, now_ms=clock.ms)
    grow(store, 300, clock)
    (store / "live" / "tile" / "entries" / "000").unlink()
    with pytest.raises(LogDamaged, match="tile/entries/000 is missing from the store"):
        publish(store, target, now_ms=clock.ms)


def test_a_damaged_copy_is_noticed(tmp_path: Path) -> None:
    """What was published before is compared again; another log's copy is refused."""
    store, target = tmp_path / "store", tmp_path / "public"
    filled(store, 300)
    publish(store, target, now_ms=START_MS)
    act = act_note()[0]
    for name in ("tile/entries/000", "tile/0/001.p/44", f"acts/{act}"):
        path = target / name
        whole = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(LogFailed, match=f"{name}: the public copy is not what"):
            publish(store, target, now_ms=START_MS)
        path.write_bytes(whole)
    assert publish(store, target, now_ms=START_MS).size == 300
    (target / "checkpoint").write_bytes(b"nonsense")
    with pytest.raises(LogFailed, match="public/checkpoint: note-"):
        publish(store, target, now_ms=START_MS)


def past(size: int, ms: int) -> Past:
    """Return a checkpoint that only has a size and a time."""
    return Past(note=b"%d" % size, size=size, ms=ms)


def test_history_stays_small_and_never_goes_back(tmp_path: Path) -> None:
    """A checkpoint each quarter of a second for a day: few are kept, in order."""
    delay = HOUR_MS
    history = History(
        path=tmp_path / "history",
        delay_ms=delay,
        kept=[],
        live=past(0, 0),
        faults=no_faults,
    )
    shown = 0
    for number in range(1, 40_000):
        ms = number * 250
        history.add(past(number, ms))
        public = history.public(ms)
        assert public.size >= shown
        assert public.ms <= ms - delay or public.size == 0
        assert ms - public.ms <= delay + delay // 120 or public.size == 0
        shown = public.size
    assert (tmp_path / "history").stat().st_size < 240 * 40


def test_a_quiet_log_is_shown_whole_after_the_delay(tmp_path: Path) -> None:
    """The last checkpoint counts though nothing came after it, and stays shown."""
    history = History(
        path=tmp_path / "history",
        delay_ms=HOUR_MS,
        kept=[],
        live=past(0, 0),
        faults=no_faults,
    )
    history.add(past(1, 20_000))
    history.add(past(2, 21_000))
    assert history.public(21_000 + HOUR_MS).size == 2
    history.add(past(3, 21_001 + HOUR_MS))
    assert history.public(21_001 + HOUR_MS).size == 2


def test_a_checkpoint_is_kept_once(tmp_path: Path) -> None:
    """After a restart the live checkpoint may be the last kept one already."""
    history = History(
        path=tmp_path / "history",
        delay_ms=HOUR_MS,
        kept=[past(3, 0)],
        live=past(3, 0),
        faults=no_faults,
    )
    history.add(past(4, HOUR_MS))
    assert not (tmp_path / "history").exists()
    assert history.public(HOUR_MS).size == 3


def test_a_reader_never_meets_a_checkpoint_without_its_tiles(tmp_path: Path) -> None:
    """The checkpoint is written last."""
    clock = FakeClock()
    filled(tmp_path / "store", 600, clock=clock)
    publish(tmp_path / "store", tmp_path / "public", now_ms=clock.ms)
    checkpoint = tmp_path / "public" / "checkpoint"
    newest = max(
        path.stat().st_mtime_ns
        for path in (tmp_path / "public" / "tile").rglob("*")
        if path.is_file()
    )

    assert checkpoint.stat().st_mtime_ns >= newest
    opened = open_checkpoint(checkpoint.read_bytes(), KEYS.verifiers)
    assert opened.checkpoint.size == 600
