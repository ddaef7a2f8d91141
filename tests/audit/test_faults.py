"""What holds when a step fails, with its effect on the disk and without.

For every step that the log announces, two logs are made in which that step fails:
once before it happened (failed and not persisted) and once after (failed but
persisted). After each, the tree is verified in full, what was acknowledged is there,
nothing is there twice, and a restart goes on.
"""

from __future__ import annotations

import asyncio
import errno
import json
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable
from pathlib import Path

import pytest

from audit import Log, LogDamaged, LogError, LogFailed, LogFull, Receipt
from audit.checkpoint import Checkpoint, open_checkpoint
from audit.folder import Folder
from audit.merkle import leaf_hash, verify_consistency
from audit.proof import consistency
from audit.reading import FolderSource
from audit.stored import stored_leaves
from audit.verify import Trust, verify
from tests.audit.builders import (
    KEYS,
    FakeClock,
    act_note,
    entry,
    fill,
    filled,
    opening,
    write_schema,
)

ROUNDS = 3
PER_ROUND = 90


class Faults:
    """Counts steps by name and fails one of them once, or from then on."""

    def __init__(
        self, name: str = "", number: int = 1, error: int = errno.EIO, times: int = 1
    ) -> None:
        self.name = name
        self.number = number
        self.error = error
        self.times = times
        self.seen: Counter[str] = Counter()

    def __call__(self, step: str) -> None:
        """Fail the chosen step."""
        self.seen[step] += 1
        place = self.seen[step]
        if step == self.name and self.number <= place < self.number + self.times:
            raise OSError(self.error, "injected")


async def work(log: Log, acknowledged: dict[str, Receipt], start: int) -> None:
    """Add some rounds of entries; remember what was acknowledged."""
    act, note = act_note()
    for number in range(start, start + ROUNDS):

        async def one(key: str, *, file_too: bool) -> None:
            # No leaf names it: what an act must be to count is tried elsewhere.
            files = {f"acts/{act}": note} if file_too else {}
            acknowledged[key] = await log.append(entry(key, attachments=files))

        results = await asyncio.gather(
            *(one(f"{number}-{i}", file_too=i == 0) for i in range(PER_ROUND)),
            return_exceptions=True,
        )
        for result in results:
            assert result is None or isinstance(result, LogError), result
        try:
            await log.settle()
        except LogError:
            return


def check(folder: Path, acknowledged: dict[str, Receipt]) -> Checkpoint:
    """Verify a store in full, and that what was acknowledged stands once."""
    source = FolderSource(folder / "live")
    data = source.read("checkpoint")
    assert data is not None
    write_schema(folder / "live")
    report = verify(source, Trust(keys=KEYS.verifiers))
    assert [each.text for each in report.findings] == []
    hashes = [leaf_hash(leaf) for _, leaf in stored_leaves(Folder(root=folder))]
    assert len(set(hashes)) == len(hashes)
    for receipt in acknowledged.values():
        assert hashes[receipt.index] == receipt.leaf_hash
    return open_checkpoint(data, KEYS.verifiers).checkpoint


def all_steps(tmp_path: Path) -> list[str]:
    """Return every step that a log of some rounds announces."""
    faults = Faults()

    async def run() -> None:
        async with opening(tmp_path / "steps", create=True, faults=faults) as log:
            await work(log, {}, 0)

    asyncio.run(run())
    return sorted(faults.seen)


def continues(before: Checkpoint, after: Checkpoint, folder: Path) -> None:
    """Check with a proof that one signed tree is the start of the other."""
    if before.size:
        proof = consistency(FolderSource(folder / "live"), before.size, after.size)
        verify_consistency(before.size, after.size, proof, before.root, after.root)


@pytest.mark.slow
def test_every_step_may_fail_with_its_effect_or_without(tmp_path: Path) -> None:
    """No failing step loses, doubles or forks anything, before or after a restart."""
    steps = all_steps(tmp_path)
    assert {each.split(" ", 2)[1] for each in steps} >= {
        "wal",
        "write",
        "rename",
        "append",
        "tidy",
    }
    for step in steps:
        for number in (1, 2):
            folder = tmp_path / f"{step}-{number}".replace(" ", "_")
            asyncio.run(_survives(folder, Faults(step, number)))


async def _survives(folder: Path, faults: Faults) -> None:
    acknowledged: dict[str, Receipt] = {}
    try:
        log = await opening(folder, create=True, faults=faults)
    except (LogError, OSError):
        return  # it never began: nobody was told anything
    await work(log, acknowledged, 0)
    await log.close()
    before = await asyncio.to_thread(check, folder, acknowledged)
    if faults.name == "before wal sync" and faults.seen[faults.name] >= faults.number:
        assert log.failed
    async with opening(folder) as log:
        # Asking again is safe: what stands is given again, the rest is added.
        await work(log, acknowledged, 0)
        assert len(acknowledged) == ROUNDS * PER_ROUND
        assert log.size == ROUNDS * PER_ROUND
    after = await asyncio.to_thread(check, folder, acknowledged)
    assert after.size == ROUNDS * PER_ROUND
    await asyncio.to_thread(continues, before, after, folder)


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
    await asyncio.to_thread(check, tmp_path, {})


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
    assert (await asyncio.to_thread(check, tmp_path, {})).size >= 2


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
    assert (await asyncio.to_thread(check, tmp_path, {})).size == 1


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
        results = [await _outcome(log.append(one)), await _outcome(log.settle())]
        assert any(isinstance(each, LogFull) for each in results)
        await log.settle()
        assert (await log.append(one)).index == 0
    await asyncio.to_thread(check, tmp_path, {})


async def test_a_write_that_fails_for_another_reason_stops_the_log(
    tmp_path: Path,
) -> None:
    """Only a full disk is waited out."""
    for step in ("before wal write", "before append files"):
        act, note = act_note()
        one = entry("a", ev="act", act=act, attachments={f"acts/{act}": note})
        folder = tmp_path / step.replace(" ", "_")
        log = await opening(folder, create=True, faults=Faults(step))
        results = [await _outcome(log.append(one)), await _outcome(log.settle())]
        assert any(isinstance(each, LogFailed) for each in results)
        assert log.failed
        await log.close()


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


async def test_content_that_conflicts_stops_the_log(tmp_path: Path) -> None:
    """A full tile that is not what the entries make is never written over."""
    path = tmp_path / "live" / "tile" / "0" / "000"
    log = await opening(tmp_path, create=True)
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
    results = [await _outcome(log.append(entry())), await _outcome(log.settle())]
    assert any(isinstance(each, LogFailed | RuntimeError) for each in results)
    assert log.failed
    await log.close()


async def _outcome(work: Awaitable[object]) -> object:
    return (await asyncio.gather(work, return_exceptions=True))[0]


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
    assert check(tmp_path / "store", {}).size == told + 2


# --- what a crash or a hand leaves on the disk -------------------------------------


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
        check(tmp_path, {})
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
    with pytest.raises(LogDamaged, match="cut at byte"):
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
    check(large, {})


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
    for bad in (b"nonsense", b"{}", json.dumps({"schema": "x"}).encode()):
        (tmp_path / "state.json").write_bytes(bad)
        with pytest.raises(LogDamaged, match=r"state\.json"):
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


def test_limits_are_set_back() -> None:
    """The limit of the test above was the child's own."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
