"""The contract of a log: what it takes and answers, over each kind of store."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from typing import Any

import pytest

from audit import DedupConflict, Log, LogLate, LogOverloaded
from audit.merkle import leaf_hash
from tests.audit.builders import (
    KEYS,
    ORIGIN,
    START_MS,
    FakeClock,
    act_note,
    digest,
    entry,
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
