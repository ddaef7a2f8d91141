"""Commits of a log in a database that nobody heard of: found, or made once."""

from __future__ import annotations

import asyncio
import time

import psycopg
import pytest

from audit import LogFailed, LogUnavailable
from audit.batch import Batch, Stored
from audit.postgres.wanted import Wanted
from tests.audit.builders import START_MS, FakeClock, dedup, entry
from tests.audit.kept import Database, PostgresStore, checked
from tests.audit.postgres.failing import fails, sequencer

HOUR_MS = 3_600_000


@pytest.mark.parametrize("key", ["a", None])
async def test_an_append_whose_outcome_is_unknown_is_found(
    postgres_store: PostgresStore, key: str | None
) -> None:
    """It is not written twice, whether or not its caller gave it a key."""
    lost = fails("after sequence", ConnectionResetError(104, "reset"))
    async with postgres_store.opening(create=True, faults=lost) as log:
        receipt = await log.append(entry(key))
        assert receipt.index == 0
        assert (await log.append(entry())).index == 1
    assert (await checked(postgres_store, [receipt])).size == 2


async def test_a_connection_that_breaks_is_replaced(
    postgres_store: PostgresStore,
) -> None:
    """Whoever the server has thrown out comes back with the same batch."""
    async with postgres_store.opening(create=True) as log:
        await log.append(entry())
        await asyncio.to_thread(throw_out, postgres_store)
        assert (await log.append(entry())).index == 1
        await asyncio.to_thread(throw_out, postgres_store)
        assert await log.known(dedup("x").key) is None
    assert (await checked(postgres_store)).size == 2


def throw_out(store: PostgresStore) -> None:
    """End every session of the log's roles."""
    store.database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename IN ('log_writer', 'log_integrator')"
    )


async def test_a_batch_that_comes_twice_is_one(postgres_store: PostgresStore) -> None:
    """If what was sent first arrives last, the second finds it, or the reverse."""
    async with postgres_store.opening(create=True) as log:
        sequence = sequencer(log)
        once = sequence._once

        def twice(wanted: object) -> object:
            first = once(wanted)  # type: ignore[arg-type]  # as it was called
            assert once(wanted) == first  # type: ignore[arg-type]  # as above
            return first

        sequence._once = twice  # type: ignore[assignment]  # to see both
        assert (await log.append(entry())).index == 0
    assert (await checked(postgres_store)).size == 1


async def test_a_batch_that_arrives_late_is_the_same(
    postgres_store: PostgresStore,
) -> None:
    """What the network held back is written after it was asked for, and again."""
    async with postgres_store.opening(create=True) as log:
        await log.append(entry())
        found = sequencer(log)
        stored = Stored(leaf=b"{}", record=b"r", at_ms=START_MS, dedup=None, files={})
        wanted = Wanted(
            batch=Batch(first=1, ms=START_MS, entries=(stored,), hashes=(bytes(32),))
        )
        first = await asyncio.to_thread(found._once, wanted)
        assert first == (1, START_MS)
        assert await asyncio.to_thread(found._once, wanted) == first
        with pytest.raises(LogFailed, match="for a reason that is gone"):
            await asyncio.to_thread(found._why, wanted)


async def test_a_database_that_does_not_answer_refuses_and_heals(
    log_database: Database,
) -> None:
    """Nothing is acknowledged; while it is away each append costs one try."""
    gone = fails("before sequence", ConnectionResetError(104, "reset"), times=20)
    store = PostgresStore(log_database, timeout_s=0.2)
    async with store.opening(create=True, faults=gone) as log:
        refused = 0
        for _ in range(20):
            try:
                await log.append(entry())
                break
            except LogUnavailable:
                refused += 1
        assert refused > 5
        assert not log.failed
        assert (await log.append(entry())).index == 1


async def test_a_server_that_is_not_there_refuses(log_database: Database) -> None:
    """To open it, and to write, look up and begin an epoch while it is away."""
    gone = log_database.server_of("writer", port=9, timeout_s=0.1)
    with pytest.raises(LogUnavailable, match="cannot be reached"):
        gone.connect()
    clock = FakeClock()
    store = PostgresStore(log_database, timeout_s=0.1)
    async with store.opening(create=True, clock=clock) as log:
        await log.append(entry())
        links = sequencer(log)._links
        away, links._server = links._server, gone
        links.close()
        for work in (
            log.append(entry()),
            log.known(dedup("a").key),
            log.take_turn(),
        ):
            with pytest.raises(LogUnavailable):
                await work
        clock.ms += HOUR_MS
        with pytest.raises(LogUnavailable):
            await log.append(entry())
        links._server = away
        assert (await log.append(entry())).index == 1


async def test_one_slow_try_is_not_repeated_for_ever(
    log_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time is over the caller is told, whatever the server does."""
    store = PostgresStore(log_database, timeout_s=0.2)
    async with store.opening(create=True) as log:

        def slow(_wanted: object) -> object:
            time.sleep(0.3)
            raise psycopg.OperationalError("slow")

        monkeypatch.setattr(sequencer(log), "_once", slow)
        with pytest.raises(LogUnavailable):
            await log.append(entry())


async def test_a_commit_that_no_standby_has_is_not_acknowledged(
    postgres_store: PostgresStore,
) -> None:
    """Somebody cancelled the wait for the standby: it is asked again, durably."""
    async with postgres_store.opening(create=True) as log:
        links = sequencer(log)._links
        with links.lend() as session:
            handlers = list(session._notice_handlers)

        class Notice:
            source_function = "SyncRepWaitForLSN"

        class Other:
            source_function = "somewhere else"

        once = sequencer(log)._once
        asked: list[str] = []

        def cancelled(wanted: object) -> object:
            if not asked:
                asked.append("once")
                once(wanted)  # type: ignore[arg-type]  # as it was called
                for handler in handlers:
                    handler(Other())  # type: ignore[arg-type]  # what is looked at
                    handler(Notice())  # type: ignore[arg-type]  # what is looked at
                assert session.unsure
                raise psycopg.OperationalError("the standby was not waited for")
            return once(wanted)  # type: ignore[arg-type]  # as above

        sequencer(log)._once = cancelled  # type: ignore[assignment]  # to cancel it
        assert (await log.append(entry())).index == 0
        assert asked
    assert (await checked(postgres_store)).size == 1
