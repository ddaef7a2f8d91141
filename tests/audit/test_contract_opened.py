"""How a log is begun, opened, closed and given other keys, over each kind of store."""

from __future__ import annotations

import asyncio

import pytest

from audit import KeyFileRefused, Log, LogClosed, LogExists, LogKeys, LogMissing
from audit.checkpoint import open_checkpoint
from audit.contract import Settings
from audit.disk import no_faults
from audit.elsewhere import Said
from audit.rekey import rotate
from tests.audit.builders import AUDITOR, KEYS, ORIGIN, FakeClock, entry, public
from tests.audit.kept import Store

HOUR_MS = 3_600_000


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
