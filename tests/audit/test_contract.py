"""The contract of a log, over each kind of store."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import pytest

from audit import (
    DedupConflict,
    KeyFileRefused,
    Log,
    LogClosed,
    LogExists,
    LogKeys,
    LogLate,
    LogMissing,
    LogOverloaded,
)
from audit.checkpoint import open_checkpoint
from audit.contract import Settings
from audit.disk import no_faults
from audit.elsewhere import Said
from audit.merkle import leaf_hash
from audit.rekey import rotate
from audit.tiles import Tile
from tests.audit.builders import (
    AUDITOR,
    KEYS,
    ORIGIN,
    START_MS,
    FakeClock,
    act_note,
    digest,
    entry,
    public,
)
from tests.audit.kept import Store, checked

HOUR_MS = 3_600_000


async def holds(log: Log, store: Store) -> int:
    """Publish, verify everything, and return how many entries are signed."""
    await log.settle()
    return (await checked(store)).size


async def test_an_entry_is_durable_and_has_a_receipt(store: Store) -> None:
    """The receipt is signed, names the index and leads from the leaf to the batch."""
    async with store.opening(create=True) as log:
        receipt = await log.append(entry("a"))
        statement = receipt.statement(KEYS.verifiers)

        assert (receipt.index, log.size, log.failed) == (0, 1, False)
        assert receipt.leaf is not None
        assert receipt.leaf_hash == leaf_hash(receipt.leaf)
        assert (statement.origin, statement.ms) == (ORIGIN, START_MS)
        assert log.origin == ORIGIN
        assert await holds(log, store) == 1


async def test_entries_that_arrive_together_are_one_batch(store: Store) -> None:
    """One signature covers what was committed together."""
    async with store.opening(create=True) as log:
        await log.append(entry())
        receipts = await asyncio.gather(*(log.append(entry()) for _ in range(500)))

        assert sorted(each.index for each in receipts) == list(range(1, 501))
        assert len({each.note for each in receipts}) <= 5
        for each in receipts:
            each.statement([KEYS.receipt.verifier])
        assert await holds(log, store) == 501


async def test_a_batch_holds_at_most_1024(store: Store) -> None:
    """So that a receipt's path has at most ten hashes."""
    async with store.opening(create=True) as log:
        await log.append(entry())
        receipts = await asyncio.gather(*(log.append(entry()) for _ in range(1500)))

        assert max(len(each.path) for each in receipts) == 10
        assert {each.statement(KEYS.verifiers).count for each in receipts} >= {1024}


async def test_a_retry_gets_the_same_receipt(store: Store) -> None:
    """Same key and digests: nothing is added, also after a restart."""
    one = entry("a", policy="0" * 64, manifest="1" * 64)
    async with store.opening(create=True) as log:
        first = await log.append(one)
        await asyncio.gather(*(log.append(entry(f"b{n}")) for n in range(300)))
        assert await log.append(one) == first
        assert log.size == 301
    async with store.opening() as log:
        assert await log.append(one) == first
        known = await log.known(digest("a"))
        assert known is not None
        assert (known.receipt, known.request) == (first, digest("r"))
        assert (known.policy, known.manifest) == ("0" * 64, "1" * 64)
        assert await log.known(digest("zzz")) is None
        assert log.size == 301


async def test_the_same_key_at_the_same_time_is_one_entry(store: Store) -> None:
    """Twenty retries that overtake the first one get its receipt."""
    async with store.opening(create=True) as log:
        receipts = await asyncio.gather(*(log.append(entry("a")) for _ in range(20)))

        assert len({each.index for each in receipts}) == 1
        assert log.size == 1


async def test_a_key_with_other_content_conflicts(store: Store) -> None:
    """The conflict names what stands under the key; nothing is added."""
    async with store.opening(create=True) as log:
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


async def test_keys_are_forgotten_after_a_day(store: Store) -> None:
    """After 24 hours, and the rest of the hour, the key is free again."""
    clock = FakeClock()
    async with store.opening(create=True, clock=clock) as log:
        await log.append(entry("a"))
        clock.ms += 24 * HOUR_MS
        await log.append(entry())
        assert await log.known(digest("a")) is not None
        clock.ms += HOUR_MS
        await log.append(entry())
        assert await log.known(digest("a")) is None
        await log.settle()
        # Nor does it stand in the way of a new entry under the same key.
        assert (await log.append(entry("a"))).index == 3


async def test_a_cancelled_waiter_disturbs_nobody(store: Store) -> None:
    """The entry of a caller who went away stands, and others get its receipt."""
    async with store.opening(create=True) as log:
        await log.append(entry())
        async with asyncio.TaskGroup() as group:
            gone = group.create_task(log.append(entry("a")))
            stays = group.create_task(log.append(entry("a")))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            gone.cancel()
        assert (await stays).index == 1
        assert log.size == 2


async def test_too_many_waiting_are_refused(store: Store) -> None:
    """Overload is said at once; those who wait are served."""
    async with store.opening(create=True, max_outstanding=10) as log:
        await log.append(entry())
        results: list[Any] = await asyncio.gather(
            *(log.append(entry()) for _ in range(30)), return_exceptions=True
        )
        refused = [each for each in results if isinstance(each, LogOverloaded)]
        assert len(refused) == 20
        assert (await log.append(entry())).index == 11


async def test_time_never_runs_back(store: Store) -> None:
    """A clock behind the last entry gives the last entry's time, also afterwards."""
    clock = FakeClock()
    async with store.opening(create=True, clock=clock) as log:
        await log.append(entry())
        clock.ms -= 5 * HOUR_MS
        receipt = await log.append(entry())
        assert receipt.statement(KEYS.verifiers).ms == START_MS
        assert json.loads(receipt.leaf or b"")["t"] == "2026-11-23T09Z"
    async with store.opening(clock=clock) as log:
        assert log.last_ms == START_MS
        again = await log.append(entry())
        assert again.statement(KEYS.verifiers).ms == START_MS
        await holds(log, store)


async def test_leaves_are_read_back(store: Store) -> None:
    """Every leaf, a range, or those of one kind; from bundles and the tail."""
    async with store.opening(create=True) as log:
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


async def test_files_come_with_their_entry(store: Store) -> None:
    """An attachment is part of the live tree once its entry is signed."""
    act, note = act_note()
    async with store.opening(create=True) as log:
        files = {f"acts/{act}": note}
        await log.append(entry(act=act, decision="genesis", attachments=files))
        await log.append(entry(attachments=files))
        await log.settle()

        assert await asyncio.to_thread(log.read, f"acts/{act}") == note
        assert await asyncio.to_thread(log.read, "acts/" + "0" * 64) is None
        assert await holds(log, store) == 2


async def test_an_entry_may_have_to_be_written_before_an_instant(store: Store) -> None:
    """At that instant it is refused, and nothing was written; before it stands."""
    clock = FakeClock()
    async with store.opening(create=True, clock=clock) as log:
        one = dataclasses.replace(entry(), before_ms=START_MS + 1)
        assert (await log.append(one)).index == 0
        clock.ms += 1
        with pytest.raises(LogLate):
            await log.append(one)
        assert log.size == 1


async def test_the_tree_is_read_by_path(store: Store) -> None:
    """Tiles of every size that had a checkpoint are served, and nothing else."""
    async with store.opening(create=True) as log:
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


async def test_the_public_sees_what_is_older_than_the_delay(store: Store) -> None:
    """Nothing beyond the public checkpoint is served, tiles and files included."""
    clock = FakeClock()
    act, note = act_note()
    async with store.opening(create=True, clock=clock, delay_s=3600) as log:

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
    async with store.opening(clock=clock, delay_s=3600) as log:
        kept = open_checkpoint(log.public_checkpoint(), KEYS.verifiers)
        assert kept.checkpoint.size == 2


async def test_checkpoints_appear_by_themselves(store: Store) -> None:
    """Within the interval a new checkpoint covers the entry; idle logs sign none."""
    async with store.opening(create=True, checkpoint_interval_s=0.02) as log:
        before = log.checkpoint()
        await log.append(entry())
        async with asyncio.timeout(5):
            while log.checkpoint() == before:  # noqa: ASYNC110 - nothing to await
                await asyncio.sleep(0.01)
        after = log.checkpoint()
        await asyncio.sleep(0.1)
        assert log.checkpoint() == after
        assert open_checkpoint(after, KEYS.verifiers).seconds == START_MS // 1000


async def test_a_log_is_made_once_and_on_purpose(store: Store) -> None:
    """Neither is a missing log made up, nor an old one replaced."""
    with pytest.raises(LogMissing):
        await store.opening()
    async with store.opening(create=True):
        pass
    with pytest.raises(LogExists):
        await store.opening(create=True)


async def test_keys_of_another_log_are_refused(store: Store) -> None:
    """Origin and keys are the log's own for ever."""
    async with store.opening(create=True):
        pass
    for origin, keys in (
        (ORIGIN, LogKeys.generate(ORIGIN)),
        ("other", KEYS),
    ):
        with pytest.raises(KeyFileRefused):
            await Log.open(
                store.place,
                origin=origin,
                keys=keys,
                auditors=[AUDITOR.auditor],
                clock=FakeClock(),
            )


async def test_a_closed_log_takes_nothing(store: Store) -> None:
    """What was taken is finished and published; what comes later is refused."""
    log = await store.opening(create=True)
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(log.append(entry())) for _ in range(20)]
        while log._committer.outstanding + log.size < 20:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        await log.close()
    await log.close()
    assert {(await each).index for each in waiting} == set(range(20))
    with pytest.raises(LogClosed):
        await log.append(entry())
    opened = open_checkpoint(log.checkpoint(), KEYS.verifiers)
    assert opened.checkpoint.size == 20


async def test_closing_waits_for_what_was_only_just_taken(store: Store) -> None:
    """An entry in the queue when ``close`` begins is committed."""
    log = await store.opening(create=True)
    await log.append(entry())
    async with asyncio.TaskGroup() as group:
        one = group.create_task(log.append(entry("a")))
        same = group.create_task(log.append(entry("a")))
        await asyncio.sleep(0)
        await log.close()
    assert (await one).index == (await same).index == 1


async def test_a_new_hour_has_new_keys(store: Store) -> None:
    """Each hour, and each start, begins an epoch whose keys auditors can open."""
    clock = FakeClock()
    async with store.opening(create=True, clock=clock) as log:
        await log.append(entry())
        await log.append(entry())
        clock.ms += HOUR_MS
        await asyncio.gather(*(log.append(entry()) for _ in range(10)))
        assert await asyncio.to_thread(store.epochs) == 2
    async with store.opening(clock=clock) as log:
        await log.append(entry())
    assert await asyncio.to_thread(store.epochs) == 3


async def test_a_proof_for_who_holds_the_receipt(store: Store) -> None:
    """It holds offline, while the log grows; no other hash or index gets one."""
    async with store.opening(create=True, checkpoint_interval_s=60) as log:
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
        source = log.tree
        source.wider(Tile(level=0, index=0))
        assert [*source.files(), *source.tiles()] == []


async def test_a_turn_is_taken_before_what_it_reads(store: Store) -> None:
    """Its number, and how many entries there are to read; it then writes."""
    async with store.opening(create=True) as log:
        await log.append(entry())
        turn, size = await log.take_turn()
        assert size == 1
        mine = dataclasses.replace(entry(), turn=turn)
        assert (await log.append(mine)).index == 1
        sequencer = log._parts.sequencer
        found = await asyncio.to_thread(sequencer.look_up, b"k" * 32, START_MS)
        assert found is None


async def test_another_delay_holds_from_the_next_start_on(store: Store) -> None:
    """It is written down where whoever publishes the log reads it."""
    for delay_s in (3600, 60):
        async with store.opening(create=delay_s == 3600, delay_s=delay_s) as log:
            state = await asyncio.to_thread(log._parts.charter.read_state)
            assert state["public_delay_ms"] == 1000 * delay_s


async def test_the_keys_are_changed(store: Store) -> None:
    """Announced under the old ones; only the new ones open it from then on."""
    async with store.opening(create=True) as log:
        await log.append(entry())

    def settings(keys: LogKeys) -> Settings:
        return Settings(
            origin=ORIGIN,
            keys=keys,
            auditors=(AUDITOR.auditor,),
            clock=FakeClock(),
            public_delay_ms=0,
            checkpoint_interval_s=0.25,
            max_outstanding=10,
            faults=no_faults,
        )

    new = LogKeys.generate(ORIGIN)

    def rotated() -> int:
        return rotate(
            store.place,
            settings(KEYS),
            new,
            reason="scheduled",
            public=lambda act, _: public(ev="act", act=act),
            sealed={"who": {"by": "J. Example"}},
        )

    assert await asyncio.to_thread(rotated) == 1
    with pytest.raises(KeyFileRefused, match="not those of the log"):
        await store.opening()
    parts = await asyncio.to_thread(store.place.assemble, settings(new))
    periods = (await asyncio.to_thread(parts.charter.keyring)).periods
    assert (parts.size, len(periods)) == (2, 2)
    await asyncio.to_thread(parts.close)


async def test_what_others_have_seen_is_compared_at_any_size(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the tree's full parts, at their edge, in what is not in them yet."""
    monkeypatch.setattr("audit.wal._SEGMENT_BYTES", 1)
    seen = []
    async with store.opening(create=True, checkpoint_interval_s=60) as log:
        for count in (3, 253, 44, 212, 88):
            await asyncio.gather(*(log.append(entry()) for _ in range(count)))
            await log.settle()
            seen.append(Said(where="a file", note=log.checkpoint()))
    async with store.opening(said=seen) as log:
        assert log.size == 600
