"""The contract of ``append``, and what the log shows of what it holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit import (
    DedupConflict,
    Entry,
    InvalidEntry,
    KeyFileRefused,
    Log,
    LogClosed,
    LogExists,
    LogKeys,
    LogLate,
    LogLocked,
    LogMissing,
    LogOverloaded,
)
from audit.checkpoint import open_checkpoint
from audit.merkle import leaf_hash
from audit.note import Verifier
from audit.reading import FolderSource
from audit.report import Outcome
from audit.tiles import Tile
from audit.verify import Trust, verify
from audit.view import _Live
from tests.audit.builders import (
    AUDITOR,
    KEYS,
    ORIGIN,
    START_MS,
    FakeClock,
    act_note,
    dedup,
    digest,
    entry,
    opening,
    write_schema,
)

HOUR_MS = 3_600_000


async def holds(log: Log, folder: Path) -> int:
    """Publish, verify everything, and return how many entries are signed."""
    await log.settle()
    source = FolderSource(folder / "live")
    await asyncio.to_thread(write_schema, folder / "live")
    report = await asyncio.to_thread(verify, source, Trust(keys=KEYS.verifiers))
    assert report.findings == []
    assert report.outcome(allow_unwitnessed=True) is Outcome.OK
    return int(report.facts["entries"])


async def test_an_entry_is_durable_and_has_a_receipt(tmp_path: Path) -> None:
    """The receipt is signed, names the index and leads from the leaf to the batch."""
    async with opening(tmp_path, create=True) as log:
        receipt = await log.append(entry("a"))
        statement = receipt.statement(KEYS.verifiers)

        assert (receipt.index, log.size, log.failed) == (0, 1, False)
        assert receipt.leaf is not None
        assert receipt.leaf_hash == leaf_hash(receipt.leaf)
        assert (statement.origin, statement.ms) == (ORIGIN, START_MS)
        assert log.origin == ORIGIN
        assert await holds(log, tmp_path) == 1


async def test_entries_that_arrive_together_are_one_batch(tmp_path: Path) -> None:
    """One signature covers what was committed together."""
    async with opening(tmp_path, create=True) as log:
        await log.append(entry())
        receipts = await asyncio.gather(*(log.append(entry()) for _ in range(500)))

        assert sorted(each.index for each in receipts) == list(range(1, 501))
        assert len({each.note for each in receipts}) <= 5
        for each in receipts:
            each.statement([KEYS.receipt.verifier])
        assert await holds(log, tmp_path) == 501


async def test_a_batch_holds_at_most_1024(tmp_path: Path) -> None:
    """So that a receipt's path has at most ten hashes."""
    async with opening(tmp_path, create=True) as log:
        await log.append(entry())
        receipts = await asyncio.gather(*(log.append(entry()) for _ in range(1500)))

        assert max(len(each.path) for each in receipts) == 10
        assert {each.statement(KEYS.verifiers).count for each in receipts} >= {1024}


async def test_a_retry_gets_the_same_receipt(tmp_path: Path) -> None:
    """Same key and digests: nothing is added, also after a restart."""
    one = entry("a", policy="0" * 64, manifest="1" * 64)
    async with opening(tmp_path, create=True) as log:
        first = await log.append(one)
        await asyncio.gather(*(log.append(entry(f"b{n}")) for n in range(300)))
        assert await log.append(one) == first
        assert log.size == 301
    async with opening(tmp_path) as log:
        assert await log.append(one) == first
        known = await log.known(digest("a"))
        assert known is not None
        assert (known.receipt, known.request) == (first, digest("r"))
        assert (known.policy, known.manifest) == ("0" * 64, "1" * 64)
        assert await log.known(digest("zzz")) is None
        assert log.size == 301


async def test_the_same_key_at_the_same_time_is_one_entry(tmp_path: Path) -> None:
    """Twenty retries that overtake the first one get its receipt."""
    async with opening(tmp_path, create=True) as log:
        receipts = await asyncio.gather(*(log.append(entry("a")) for _ in range(20)))

        assert len({each.index for each in receipts}) == 1
        assert log.size == 1


async def test_a_key_with_other_content_conflicts(tmp_path: Path) -> None:
    """The conflict names what stands under the key; nothing is added."""
    async with opening(tmp_path, create=True) as log:
        first = await log.append(entry("a"))
        with pytest.raises(DedupConflict) as caught:
            await log.append(entry("a", content="other"))
        assert caught.value.known.receipt == first
        results = await asyncio.gather(
            log.append(entry("b")),
            log.append(entry("b", content="other")),
            return_exceptions=True,
        )
        assert [type(each).__name__ for each in results] == [
            "Receipt",
            "DedupConflict",
        ]
        assert log.size == 2


async def test_keys_are_forgotten_after_a_day(tmp_path: Path) -> None:
    """After 24 hours, and the rest of the hour, the key is free again."""
    clock = FakeClock()
    async with opening(tmp_path, create=True, clock=clock) as log:
        await log.append(entry("a"))
        clock.ms += 24 * HOUR_MS
        await log.append(entry())
        assert await log.known(digest("a")) is not None
        clock.ms += HOUR_MS
        await log.append(entry())
        assert await log.known(digest("a")) is None
        await log.settle()
        names = [path.name for path in (tmp_path / "dedup").iterdir()]
        assert names == []


async def test_a_cancelled_waiter_disturbs_nobody(tmp_path: Path) -> None:
    """The entry of a caller who went away stands, and others get its receipt."""
    async with opening(tmp_path, create=True) as log:
        await log.append(entry())
        async with asyncio.TaskGroup() as group:
            gone = group.create_task(log.append(entry("a")))
            stays = group.create_task(log.append(entry("a")))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            gone.cancel()
        assert (await stays).index == 1
        assert log.size == 2


@pytest.mark.parametrize(
    "bad",
    [
        Entry(public={"x": 1.5}),
        Entry(public={"x": None}),
        Entry(public={"x": {"y": [1, {"z": 1 << 53}]}}),
        Entry(public={"ü": 1}),
        Entry(public={"pad": ""}),
        Entry(public={"x": b"bytes"}),
        Entry(public={}, sealed={"other": {"a": 1}}),
        Entry(public={}, sealed={"who": {"at_ms": 1}}),
        Entry(public={}, sealed={"who": {"a": 1.5}}),
        Entry(public={}, sealed={"who": {"a": 1, "b": 2}}, commitments=2),
        Entry(public={}, subjects=(b"x",) * 501),
        Entry(public={"x": "y" * 70_000}),
        Entry(public={}, attachments={"other": b""}),
        Entry(public={}, attachments={"acts/" + "0" * 64: b""}),
        Entry(public={}, dedup=dedup("a").__class__(key=b"", request=b"", content=b"")),
    ],
)
async def test_an_entry_that_does_not_fit_is_refused(
    tmp_path: Path, bad: Entry
) -> None:
    """The fault is the program's, and the log goes on."""
    async with opening(tmp_path, create=True) as log:
        with pytest.raises(InvalidEntry):
            await log.append(bad)
        assert (await log.append(entry())).index == 0


async def test_too_many_waiting_are_refused(tmp_path: Path) -> None:
    """Overload is said at once; those who wait are served."""
    async with opening(tmp_path, create=True, max_outstanding=10) as log:
        await log.append(entry())
        results: list[Any] = await asyncio.gather(
            *(log.append(entry()) for _ in range(30)), return_exceptions=True
        )
        refused = [each for each in results if isinstance(each, LogOverloaded)]
        assert len(refused) == 20
        assert (await log.append(entry())).index == 11


async def test_time_never_runs_back(tmp_path: Path) -> None:
    """A clock behind the last entry gives the last entry's time, also afterwards."""
    clock = FakeClock()
    async with opening(tmp_path, create=True, clock=clock) as log:
        await log.append(entry())
        clock.ms -= 5 * HOUR_MS
        receipt = await log.append(entry())
        assert receipt.statement(KEYS.verifiers).ms == START_MS
        assert json.loads(receipt.leaf or b"")["t"] == "2026-11-23T09Z"
    async with opening(tmp_path, clock=clock) as log:
        assert log.last_ms == START_MS
        again = await log.append(entry())
        assert again.statement(KEYS.verifiers).ms == START_MS
        await holds(log, tmp_path)


async def test_leaves_are_read_back(tmp_path: Path) -> None:
    """Every leaf, a range, or those of one kind; from bundles and the tail."""
    async with opening(tmp_path, create=True) as log:
        for start in range(0, 600, 100):
            await asyncio.gather(
                *(
                    log.append(
                        entry(ev="act" if n % 100 == 7 else "exchange", x={"ev": "act"})
                    )
                    for n in range(start, start + 100)
                )
            )

        def read(
            start: int = 0, end: int | None = None, *, ev: Sequence[str] = ()
        ) -> list[int]:
            return [index for index, _ in log.leaves(start, end, ev=ev)]

        for _ in range(2):
            assert await asyncio.to_thread(read) == list(range(600))
            assert await asyncio.to_thread(read, 250, 260) == list(range(250, 260))
            assert await asyncio.to_thread(read, 590, 9999) == list(range(590, 600))
            assert await asyncio.to_thread(read, ev=["act"]) == [
                7 + 100 * n for n in range(6)
            ]
            assert await asyncio.to_thread(read, ev=["nothing"]) == []
            await log.settle()


async def test_files_come_with_their_entry(tmp_path: Path) -> None:
    """An attachment is part of the live tree once its entry is signed."""
    act, note = act_note()
    async with opening(tmp_path, create=True) as log:
        files = {f"acts/{act}": note}
        await log.append(entry(act=act, decision="genesis", attachments=files))
        await log.append(entry(attachments=files))
        await log.settle()

        assert await asyncio.to_thread(log.read, f"acts/{act}") == note
        assert await asyncio.to_thread(log.read, "acts/" + "0" * 64) is None
        assert await holds(log, tmp_path) == 2


async def test_an_entry_may_have_to_be_written_before_an_instant(
    tmp_path: Path,
) -> None:
    """At that instant it is refused, and nothing was written; before it stands."""
    clock = FakeClock()
    async with opening(tmp_path, create=True, clock=clock) as log:
        one = replace(entry(), before_ms=START_MS + 1)
        assert (await log.append(one)).index == 0
        clock.ms += 1
        with pytest.raises(LogLate):
            await log.append(one)
        assert log.size == 1


async def test_the_tree_is_read_by_path(tmp_path: Path) -> None:
    """Tiles of every size that had a checkpoint are served, and nothing else."""
    async with opening(tmp_path, create=True) as log:
        await asyncio.gather(*(log.append(entry()) for _ in range(300)))
        await log.settle()

        async def read(path: str) -> bytes | None:
            return await asyncio.to_thread(log.read, path)

        whole = await read("tile/0/000")
        assert whole is not None
        assert await read("tile/0/000.p/7") == whole[: 7 * 32]
        assert len(await read("tile/0/001.p/44") or b"") == 44 * 32
        assert len(await read("tile/0/001.p/40") or b"") == 40 * 32
        assert await read("tile/0/001.p/45") is None
        assert await read("tile/0/001") is None
        assert (await read("tile/entries/000")) is not None
        assert (await read("tile/entries/001.p/3")) is not None
        assert await read("tile/1/000.p/1") is not None
        assert await read("../state.json") is None
        assert await read("tile/0/../../wal") is None
        assert await read("checkpoint") == log.checkpoint()


async def test_the_public_sees_what_is_older_than_the_delay(tmp_path: Path) -> None:
    """Nothing beyond the public checkpoint is served, tiles and files included."""
    clock = FakeClock()
    act, note = act_note()
    async with opening(tmp_path, create=True, clock=clock, delay_s=3600) as log:

        def size() -> int:
            return open_checkpoint(
                log.public_checkpoint(), KEYS.verifiers
            ).checkpoint.size

        async def public(path: str) -> bytes | None:
            return await asyncio.to_thread(log.read, path, public=True)

        assert size() == 0
        await log.append(entry(attachments={f"acts/{act}": note}))
        await log.settle()
        assert size() == 0
        assert await public("tile/0/000.p/1") is None
        assert await public(f"acts/{act}") is None

        clock.ms += 30 * 60_000
        await log.append(entry())
        await log.settle()
        assert size() == 0
        clock.ms += 30 * 60_000
        assert size() == 1
        assert await public("tile/0/000.p/1") is not None
        assert await public("tile/0/000.p/2") is None
        assert await public(f"acts/{act}") == note
        assert await public("checkpoint") == log.public_checkpoint()
        clock.ms += 30 * 60_000
        assert size() == 2
        for _ in range(5):
            await log.append(entry())
            await log.settle()
            clock.ms += 1000
        assert size() == 2
    async with opening(tmp_path, clock=clock, delay_s=3600) as log:
        kept = open_checkpoint(log.public_checkpoint(), KEYS.verifiers)
        assert kept.checkpoint.size == 2


async def test_checkpoints_appear_by_themselves(tmp_path: Path) -> None:
    """Within the interval a new checkpoint covers the entry; idle logs sign none."""
    async with opening(tmp_path, create=True, checkpoint_interval_s=0.02) as log:
        before = log.checkpoint()
        await log.append(entry())
        async with asyncio.timeout(5):
            while log.checkpoint() == before:  # noqa: ASYNC110 - nothing to await
                await asyncio.sleep(0.01)
        after = log.checkpoint()
        await asyncio.sleep(0.1)
        assert log.checkpoint() == after
        assert open_checkpoint(after, KEYS.verifiers).seconds == START_MS // 1000


# --- opening ------------------------------------------------------------------------


async def test_one_writer_at_a_time(tmp_path: Path) -> None:
    """A second writer is refused while the first lives, and not after."""
    async with opening(tmp_path, create=True):
        with pytest.raises(LogLocked):
            await opening(tmp_path)
    async with await opening(tmp_path) as log:
        await log.append(entry())


async def test_a_log_is_made_once_and_on_purpose(tmp_path: Path) -> None:
    """Neither is a missing log made up, nor an old one replaced."""
    with pytest.raises(LogMissing):
        await opening(tmp_path / "none")
    async with opening(tmp_path, create=True):
        pass
    with pytest.raises(LogExists):
        await opening(tmp_path, create=True)


async def test_nobody_to_open_it_is_no_start(tmp_path: Path) -> None:
    """Without an auditor what is sealed would be lost."""
    with pytest.raises(KeyFileRefused, match="auditor"):
        await Log.open(
            tmp_path,
            origin=ORIGIN,
            keys=KEYS,
            auditors=[],
            clock=FakeClock(),
            create=True,
        )


async def test_keys_of_another_log_are_refused(tmp_path: Path) -> None:
    """Origin and keys are the log's own for ever."""
    async with opening(tmp_path, create=True):
        pass
    for origin, keys in (
        (ORIGIN, LogKeys.generate(ORIGIN)),
        ("other", KEYS),
    ):
        with pytest.raises(KeyFileRefused):
            await Log.open(
                tmp_path,
                origin=origin,
                keys=keys,
                auditors=[AUDITOR.auditor],
                clock=FakeClock(),
            )


async def test_a_closed_log_takes_nothing(tmp_path: Path) -> None:
    """What was taken is finished and published; what comes later is refused."""
    log = await opening(tmp_path, create=True)
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(log.append(entry())) for _ in range(20)]
        await asyncio.sleep(0.05)
        await log.close()
    await log.close()
    assert {(await each).index for each in waiting} == set(range(20))
    with pytest.raises(LogClosed):
        await log.append(entry())
    opened = open_checkpoint(log.checkpoint(), KEYS.verifiers)
    assert opened.checkpoint.size == 20


async def test_closing_waits_for_what_was_only_just_taken(tmp_path: Path) -> None:
    """An entry in the queue when ``close`` begins is committed."""
    log = await opening(tmp_path, create=True)
    await log.append(entry())
    async with asyncio.TaskGroup() as group:
        one = group.create_task(log.append(entry("a")))
        same = group.create_task(log.append(entry("a")))
        await asyncio.sleep(0)
        await log.close()
    assert (await one).index == (await same).index == 1


async def test_a_new_hour_has_new_keys(tmp_path: Path) -> None:
    """Each hour, and each start, begins an epoch whose keys auditors can open."""
    clock = FakeClock()
    async with opening(tmp_path, create=True, clock=clock) as log:
        await log.append(entry())
        await log.append(entry())
        clock.ms += HOUR_MS
        await asyncio.gather(*(log.append(entry()) for _ in range(10)))
        assert len(list((tmp_path / "epochs").iterdir())) == 2
    async with opening(tmp_path, clock=clock) as log:
        await log.append(entry())
    assert len(list((tmp_path / "epochs").iterdir())) == 3


async def test_the_public_delay_may_change(tmp_path: Path) -> None:
    """The store remembers the delay that ``publish`` keeps to."""
    async with opening(tmp_path, create=True, delay_s=5):
        pass
    async with opening(tmp_path, delay_s=7):
        pass
    state = json.loads((tmp_path / "state.json").read_text())
    assert state["public_delay_ms"] == 7000
    assert [Verifier.parse(text) for text in state["keys"]] == list(KEYS.verifiers)


async def test_a_proof_for_who_holds_the_receipt(tmp_path: Path) -> None:
    """It holds offline, while the log grows; no other hash or index gets one."""
    async with opening(tmp_path, create=True, checkpoint_interval_s=60) as log:
        receipts = [await log.append(entry()) for _ in range(300)]
        receipt = receipts[290]
        before = await asyncio.to_thread(log.proof, 290, receipt.leaf_hash)
        await log.settle()
        proof = await asyncio.to_thread(log.proof, 290, receipt.leaf_hash)
        assert before is None
        assert proof is not None
        assert proof.check(receipt.leaf or b"", KEYS.verifiers).checkpoint.size == 300
        for index, leaf_hash_ in ((289, receipt.leaf_hash), (290, b""), (-1, b"")):
            assert await asyncio.to_thread(log.proof, index, leaf_hash_) is None
        source = _Live(log)
        source.wider(Tile(level=0, index=0))
        assert [*source.files(), *source.tiles()] == []
