"""What a crash or a hand leaves on the disk: mended at the start, or refused."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from audit import LogDamaged, LogError, LogFailed
from audit.checkpoint import open_checkpoint
from tests.audit.builders import KEYS, FakeClock, entry, fill, filled, opening
from tests.audit.failing import check


def newest(folder: Path) -> Path:
    """Return the newest write-ahead segment."""
    return max((folder / "wal").iterdir())


async def reopened(folder: Path) -> int:
    """Open a store, add one entry, and return how many it then has."""
    async with opening(folder) as log:
        await log.append(entry())
        size: int = log.size
    return size


@pytest.mark.parametrize("torn", [b"S", b"SPF1\x00\x00", b"SPF1\x00\x00\x01\x00abc"])
def test_a_frame_that_a_crash_cut_is_dropped(tmp_path: Path, torn: bytes) -> None:
    """Nobody was told of it; the log goes on where it was whole."""
    filled(tmp_path, 5)
    size = 0
    for tail in (torn, torn + bytes(300), bytes(50)):
        with newest(tmp_path).open("ab") as file:
            file.write(tail)
        size = asyncio.run(reopened(tmp_path))
        check(tmp_path)
    assert size == 8


def test_a_segment_that_was_only_begun_is_dropped(tmp_path: Path) -> None:
    """An empty segment does not hide the last time behind it."""
    filled(tmp_path, 5)
    (tmp_path / "wal" / "0000000000000005").write_bytes(b"SPF1")

    assert asyncio.run(reopened(tmp_path)) == 6


def test_an_altered_write_ahead_file_is_refused(tmp_path: Path) -> None:
    """A flip in any of its bytes is damage, or entries that were not signed."""
    filled(tmp_path, 3)
    path = newest(tmp_path)
    whole = path.read_bytes()
    for at in range(0, len(whole), 97):
        flipped = bytearray(whole)
        flipped[at] ^= 0x20
        path.write_bytes(flipped)
        with pytest.raises(LogError):
            asyncio.run(reopened(tmp_path))
    path.write_bytes(whole)
    assert asyncio.run(reopened(tmp_path)) == 4


def test_an_old_copy_is_refused(tmp_path: Path) -> None:
    """Less than was signed means that a backup was put back: no second history."""
    filled(tmp_path, 5)
    old = newest(tmp_path).read_bytes()
    asyncio.run(reopened(tmp_path))
    for path in (tmp_path / "wal").iterdir():
        path.unlink()
    with pytest.raises(LogError, match="signed"):
        asyncio.run(reopened(tmp_path))
    (tmp_path / "wal" / "0000000000000000").write_bytes(old)
    with pytest.raises(LogError, match="signed 6 entries, and 5 entries are stored"):
        asyncio.run(reopened(tmp_path))


def test_other_entries_than_were_signed_are_refused(tmp_path: Path) -> None:
    """A store whose entries are whole but not those signed does not go on."""
    filled(tmp_path / "a", 5)
    filled(tmp_path / "b", 5)
    (tmp_path / "a" / "live" / "checkpoint").write_bytes(
        (tmp_path / "b" / "live" / "checkpoint").read_bytes()
    )
    with pytest.raises(LogDamaged, match="not those that were signed"):
        asyncio.run(reopened(tmp_path / "a"))
    (tmp_path / "a" / "live" / "checkpoint").write_bytes(b"nonsense")
    with pytest.raises(LogDamaged, match="live checkpoint"):
        asyncio.run(reopened(tmp_path / "a"))


def test_a_missing_batch_is_refused(tmp_path: Path) -> None:
    """Segments must follow each other without a gap."""
    filled(tmp_path, 5)
    for _ in range(2):
        asyncio.run(reopened(tmp_path))
    segments = sorted((tmp_path / "wal").iterdir())
    assert len(segments) == 3
    segments[1].unlink()
    with pytest.raises(LogDamaged, match="entry 5 is missing"):
        asyncio.run(reopened(tmp_path))


def test_a_segment_cut_in_the_middle_is_refused(tmp_path: Path) -> None:
    """Only the newest may end in an unfinished frame."""
    filled(tmp_path, 5)
    asyncio.run(reopened(tmp_path))
    first = min((tmp_path / "wal").iterdir())
    first.write_bytes(first.read_bytes()[:-5])
    with pytest.raises(LogDamaged, match=r"^wal/\d+: cut at byte"):
        asyncio.run(reopened(tmp_path))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store whose first segments went, in the middle of a bundle."""
    folder = tmp_path_factory.mktemp("large") / "store"
    filled(folder, 5000, checkpoint_interval_s=60)
    for _ in range(3):
        asyncio.run(reopened(folder))
    return folder


def test_a_large_store_goes_on_where_it_was(large: Path) -> None:
    """The edge of the tree is made again from full tiles."""
    first = int(min((large / "wal").iterdir()).name)
    assert first > 256
    assert asyncio.run(reopened(large)) == 5004
    check(large)


@pytest.mark.parametrize(
    "name", ["tile/entries", "tile/0", "../sealed/entries", "../files", "../dedup"]
)
def test_damage_to_what_recovery_needs_is_refused(
    large: Path, tmp_path: Path, name: str
) -> None:
    """A missing or altered file that the edge is made from is named."""
    copy = tmp_path / "store"
    shutil.copytree(large, copy)
    first = int(min((copy / "wal").iterdir()).name)
    folder = copy / "live" / name
    if name.startswith("tile") or "sealed" in name:
        path = folder / f"{first // 256:03d}"
        if name == "tile/0":
            path = folder / f"{first // 256 - 1:03d}"
        path.unlink()
    elif name == "../files":
        folder.write_bytes(b"nonsense")
    else:
        path = min(folder.iterdir())
        path.write_bytes(b"nonsense")
    with pytest.raises(LogDamaged):
        asyncio.run(reopened(copy))


def test_a_checkpoint_older_than_the_store_is_refused(
    large: Path, tmp_path: Path
) -> None:
    """Segments go only after a checkpoint covers them, so this was put there."""
    copy = tmp_path / "store"
    shutil.copytree(large, copy)
    filled(tmp_path / "young", 1)
    shutil.copy(tmp_path / "young" / "live" / "checkpoint", copy / "live")
    with pytest.raises(LogDamaged, match="older than"):
        asyncio.run(reopened(copy))


def test_a_damaged_state_file_is_refused(tmp_path: Path) -> None:
    """Which log this is must be readable."""
    filled(tmp_path, 1)
    other = json.dumps({"schema": "x"}).encode()
    for bad in (b"nonsense", b"{}", other, b"[" * 100_000):
        (tmp_path / "state.json").write_bytes(bad)
        with pytest.raises(LogDamaged, match=r"state\.json"):
            asyncio.run(reopened(tmp_path))


@pytest.mark.parametrize("left_out", ["live", "wal"])
@pytest.mark.parametrize("create", [False, True])
def test_a_state_file_that_is_missing_is_no_new_log(
    tmp_path: Path, *, create: bool, left_out: str
) -> None:
    """Of a copy that is not whole: who begins a log there would name it other keys."""
    filled(tmp_path, 1)
    (tmp_path / "state.json").unlink()
    shutil.rmtree(tmp_path / left_out)

    async def opened() -> None:
        async with opening(tmp_path, create=create):
            pass

    with pytest.raises(LogDamaged, match=r"state\.json is missing in .* newest copy"):
        asyncio.run(opened())
    assert not (tmp_path / "state.json").exists()


def test_a_folder_that_a_copy_left_out_is_named(tmp_path: Path) -> None:
    """Some ways to copy leave out what is empty."""
    filled(tmp_path, 1)
    shutil.rmtree(tmp_path / "dedup")
    with pytest.raises(LogFailed, match="dedup: No such file or directory"):
        asyncio.run(reopened(tmp_path))


def test_torn_side_files_are_mended(tmp_path: Path) -> None:
    """What is remembered beside the log may be cut by a crash as well."""
    filled(tmp_path, 5)
    for path in (tmp_path / "files", *(tmp_path / "dedup").iterdir()):
        with path.open("ab") as file:
            file.write(b"SPF1\x00")
    assert asyncio.run(reopened(tmp_path)) == 6


def test_a_lost_history_starts_from_the_live_checkpoint(tmp_path: Path) -> None:
    """The public view is never taken from a file that does not read."""
    clock = FakeClock()
    asyncio.run(fill(tmp_path, 5, clock=clock, delay_s=3600))
    (tmp_path / "history").write_bytes(b"nonsense")

    async def run() -> bytes:
        async with opening(tmp_path, clock=clock, delay_s=3600) as log:
            shown: bytes = log.public_checkpoint()
        return shown

    assert open_checkpoint(asyncio.run(run()), KEYS.verifiers).checkpoint.size == 5
