"""Several writers of one log in one database, and commits that nobody heard of."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from hashlib import sha256
from multiprocessing.queues import Queue

import psycopg
import pytest

from audit import (
    DedupConflict,
    Entry,
    Log,
    LogBehind,
    LogDamaged,
    LogFailed,
    LogFull,
    LogUnavailable,
    Receipt,
)
from audit.batch import Batch, Stored
from audit.contract import TurnLost
from audit.disk import Faults
from audit.postgres.links import Links
from audit.postgres.sequencer import PostgresSequencer
from audit.postgres.shelf import PostgresShelf
from audit.postgres.wanted import Wanted
from tests.audit.builders import (
    START_MS,
    FakeClock,
    act_note,
    dedup,
    entry,
)
from tests.audit.kept import Database, PostgresStore, checked

HOUR_MS = 3_600_000


def sequencer(log: Log) -> PostgresSequencer:
    """Return a log's sequencer."""
    found = log._parts.sequencer
    assert isinstance(found, PostgresSequencer)
    return found


def fails(step: str, error: Exception, *, times: int = 1) -> Faults:
    """Return what fails a step some times."""
    left = times

    def faults(name: str) -> None:
        nonlocal left
        if name == step and left:
            left -= 1
            raise error

    return faults


# --- several writers ----------------------------------------------------------------


def _write(store: PostgresStore, number: int, each: int, told: Queue[object]) -> None:
    """Write entries in a process of its own; tell the receipts."""

    async def run() -> list[Receipt]:
        async with store.opening(checkpoint_interval_s=0.02) as log:
            return [
                receipt
                for start in range(0, each, 10)
                for receipt in await asyncio.gather(
                    *(log.append(entry(f"{number}-{start + i}")) for i in range(10))
                )
            ]

    told.put([receipt.to_json() for receipt in asyncio.run(run())])


async def test_three_processes_write_one_log(postgres_store: PostgresStore) -> None:
    """Every entry has an index of its own, none is left out, and one tree has all."""
    async with postgres_store.opening(create=True):
        pass
    context = multiprocessing.get_context("spawn")
    told: Queue[list[dict[str, object]]] = context.Queue()
    writers = [
        context.Process(target=_write, args=(_bare(postgres_store), n, 60, told))
        for n in range(3)
    ]
    for writer in writers:
        writer.start()
    found = [await asyncio.to_thread(told.get, timeout=60) for _ in writers]
    for writer in writers:
        await asyncio.to_thread(writer.join, 60)
        assert writer.exitcode == 0
    receipts = [Receipt.from_json(one) for some in found for one in some]

    assert sorted(one.index for one in receipts) == list(range(180))
    assert (await checked(postgres_store, receipts)).size == 180
    assert await asyncio.to_thread(postgres_store.epochs) == 3


def _bare(store: PostgresStore) -> PostgresStore:
    """Return a store that another process can be told of."""
    server = store.database.server
    shown = server.__class__(
        programs=server.programs,
        folder=server.folder,
        port=server.port,
        ca=None,  # type: ignore[arg-type]  # only its file is needed there
        become=(),
    )
    return PostgresStore(Database(server=shown, name=store.database.name))


async def both(store: PostgresStore, stack: AsyncExitStack) -> tuple[Log, Log]:
    """Open a log twice."""
    one = await stack.enter_async_context(
        store.opening(create=True, checkpoint_interval_s=0.02)
    )
    other = await stack.enter_async_context(store.opening(checkpoint_interval_s=0.02))
    return one, other


async def test_a_key_of_another_process_is_known(postgres_store: PostgresStore) -> None:
    """Also while both write it at once: one entry, one receipt, or a conflict."""
    async with AsyncExitStack() as stack:
        one, other = await both(postgres_store, stack)
        first = await one.append(entry("a"))
        known = await other.known(dedup("a").key)
        assert known is not None
        assert known.receipt == first
        assert await other.append(entry("a")) == first
        with pytest.raises(DedupConflict) as caught:
            await other.append(entry("a", content="other"))
        assert caught.value.known.receipt == first
        for number in range(5):
            each = await asyncio.gather(
                one.append(entry(f"b{number}")),
                other.append(entry(f"b{number}")),
                other.append(entry()),
            )
            assert each[0] == each[1] != each[2]
    assert (await checked(postgres_store)).size == 11


async def test_a_key_that_ran_out_meanwhile_is_free(
    postgres_store: PostgresStore,
) -> None:
    """What nobody deleted yet does not stand in the way."""
    clock = FakeClock()
    async with postgres_store.opening(create=True, clock=clock) as log:
        first = await log.append(entry("a"))
        clock.ms += 30 * HOUR_MS
        again = await log.append(entry("a"))
        assert (first.index, again.index) == (0, 1)


async def test_the_public_hour_never_runs_back(postgres_store: PostgresStore) -> None:
    """A writer whose clock is behind takes the log's hour, and its entry is whole."""
    ahead, behind = FakeClock(START_MS + HOUR_MS), FakeClock()
    async with postgres_store.opening(create=True, clock=behind) as one:
        await one.append(entry())
        async with postgres_store.opening(clock=ahead) as other:
            await other.append(entry())
        receipts = await asyncio.gather(*(one.append(entry()) for _ in range(3)))
        assert {
            each.statement(one._parts.settings.keys.verifiers).ms for each in receipts
        } == {START_MS + HOUR_MS}
        await one.settle()
        await checked(postgres_store, receipts)


async def test_a_clock_that_runs_ahead_moves_nobody_s_time(
    postgres_store: PostgresStore,
) -> None:
    """What is later than the database's own time is refused; others go on as before."""
    right, wrong = FakeClock(), FakeClock()
    async with AsyncExitStack() as stack:
        one, other = [
            await stack.enter_async_context(
                postgres_store.opening(create=first, clock=clock)
            )
            for first, clock in ((True, right), (False, wrong))
        ]
        await one.append(entry())
        wrong.ms = time.time_ns() // 1_000_000 + 24 * HOUR_MS
        with pytest.raises(LogUnavailable, match="ahead of the database's"):
            await other.append(entry())
        with pytest.raises(LogUnavailable, match="ahead of the database's"):
            other._parts.publisher.run((), wrong.ms)
        receipt = await one.append(entry())
        told = receipt.statement(one._parts.settings.keys.verifiers)
        wrong.ms = right.ms
        await other.settle()
        await one.settle()
        checkpoint = await checked(postgres_store, [receipt])

    assert (told.ms, checkpoint.size) == (right.ms, 2)


async def test_who_starts_ahead_is_refused(postgres_store: PostgresStore) -> None:
    """Before it has written, signed or moved anything."""
    async with postgres_store.opening(create=True) as log:
        await log.append(entry())
        ahead = FakeClock(time.time_ns() // 1_000_000 + 24 * HOUR_MS)
        with pytest.raises(LogUnavailable, match="ahead of the database's"):
            await postgres_store.opening(clock=ahead)


async def test_what_others_publish_is_followed(postgres_store: PostgresStore) -> None:
    """A process that writes nothing shows what the others signed, and its size."""
    async with AsyncExitStack() as stack:
        one, other = await both(postgres_store, stack)
        await one.append(entry())
        async with asyncio.timeout(10):
            while other.size < 1:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
        assert await asyncio.to_thread(other.read, "tile/0/000.p/1") is not None


async def test_what_others_brought_is_told_at_once(
    postgres_store: PostgresStore,
) -> None:
    """By index and name, whether or not it was published; and up to which entry."""
    async with AsyncExitStack() as stack:
        slow = postgres_store.opening(create=True, checkpoint_interval_s=3600)
        one = await stack.enter_async_context(slow)
        await one.append(entry())
        other = await stack.enter_async_context(postgres_store.opening())
        note = f"acts/{sha256(b'1').hexdigest()}"
        files = {note: b"1", f"manifest/{sha256(b'2').hexdigest()}": b"2"}
        receipt = await one.append(Entry(public=entry().public, attachments=files))
        news = await other.news(1, "acts")
        later = await other.news(news.size, "acts")
        found = await asyncio.to_thread(other.attached, note, 1)

    assert one.shared
    assert receipt.index == 1
    assert (news.size, news.files) == (2, ((1, note),))
    assert (later.size, later.files) == (2, ())
    assert found == b"1"


async def test_a_log_without_its_coordinates_tells_nothing(
    postgres_store: PostgresStore,
) -> None:
    """Nobody takes that for a log in which nothing is new."""
    async with postgres_store.opening(create=True):
        pass
    shelf = PostgresShelf(Links(postgres_store.database.server_of("writer")))
    postgres_store.database.execute("DELETE FROM sallyport_log.seq_coord")
    with pytest.raises(LogDamaged, match="coordinates"):
        shelf.since(0, "acts")


async def test_a_turn_that_was_taken_over_writes_nothing(
    postgres_store: PostgresStore,
) -> None:
    """Who reads before it writes knows that nothing came between."""
    async with AsyncExitStack() as stack:
        one, other = await both(postgres_store, stack)
        turn, size = await one.take_turn()
        assert size == 0
        await one.append(_in_turn(turn))
        later, size = await other.take_turn()
        assert (later, size) == (turn + 1, 1)
        results = await asyncio.gather(
            one.append(_in_turn(turn)),
            one.append(_in_turn(later)),
            one.append(entry()),
            return_exceptions=True,
        )
        assert [type(each) for each in results] == [TurnLost, Receipt, Receipt]
        with pytest.raises(TurnLost):
            await one.append(_in_turn(turn))
    assert (await checked(postgres_store)).size == 3


def _in_turn(turn: int) -> Entry:
    return replace(entry(), turn=turn)


# --- commits that nobody heard of -----------------------------------------------------


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


# --- what must stop the log ---------------------------------------------------------


async def test_entries_that_went_missing_stop_the_log(
    postgres_store: PostgresStore,
) -> None:
    """A server that lost what this process was told of is not written to."""
    async with postgres_store.opening(create=True, checkpoint_interval_s=60) as log:
        await log.append(entry())
        await log.append(entry())
        await asyncio.to_thread(
            postgres_store.database.execute,
            "UPDATE sallyport_log.seq_coord SET next = 1",
        )
        with pytest.raises(LogBehind, match="signed 2 entries, and 1 entries are"):
            await log.append(entry())
        assert log.failed
        with pytest.raises(LogBehind):
            await log.append(entry())


async def test_keys_that_were_changed_elsewhere_stop_the_log(
    postgres_store: PostgresStore,
) -> None:
    """Nobody adds an entry, or signs, with keys that were given up."""
    async with postgres_store.opening(create=True, checkpoint_interval_s=60) as log:
        await log.append(entry())
        await asyncio.to_thread(
            postgres_store.database.execute,
            "UPDATE sallyport_log.seq_coord SET fence = 'other'",
        )
        with pytest.raises(LogFailed, match="keys were changed"):
            await log.settle()
        with pytest.raises(LogFailed, match="keys were changed"):
            await log.append(entry())


async def test_files_that_conflict_stop_the_log(postgres_store: PostgresStore) -> None:
    """Within a batch, and with what is stored."""
    name = "policy/" + "0" * 64 + ".tar.gz"
    async with postgres_store.opening(create=True) as log:
        await log.append(entry(attachments={name: b"one"}))
        await log.append(entry(attachments={name: b"one"}))
        with pytest.raises(LogFailed, match="holds something else"):
            await log.append(entry(attachments={name: b"other"}))
    async with postgres_store.opening() as log:
        act, note = act_note()
        await asyncio.gather(
            *(log.append(entry(attachments={f"acts/{act}": note})) for _ in range(3))
        )
        results = await asyncio.gather(
            log.append(entry()),  # the two behind it go together
            log.append(entry(attachments={"policy/" + "1" * 64 + ".tar.gz": b"one"})),
            log.append(entry(attachments={"policy/" + "1" * 64 + ".tar.gz": b"two"})),
            return_exceptions=True,
        )
        assert any(isinstance(each, LogFailed) for each in results)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (psycopg.errors.DiskFull("full"), LogFull),
        (psycopg.errors.QueryCanceled("late"), LogUnavailable),
        (psycopg.errors.InternalError_("a bug"), LogFailed),
    ],
)
async def test_other_failures_are_told_apart(
    postgres_store: PostgresStore, error: Exception, kind: type[Exception]
) -> None:
    """A full disk and a slow server heal; what nobody foresaw does not."""
    async with postgres_store.opening(
        create=True, faults=fails("before sequence", error)
    ) as log:
        with pytest.raises(kind):
            await log.append(entry())
        assert log.failed == (kind is LogFailed)


async def test_an_epoch_that_can_not_be_kept_refuses(
    postgres_store: PostgresStore,
) -> None:
    """No record is sealed before its keys' copies are durable."""
    faults = fails("before epoch", psycopg.errors.DiskFull("full"))
    async with postgres_store.opening(create=True, faults=faults) as log:
        with pytest.raises(LogFull):
            await log.append(entry())
        assert (await log.append(entry())).index == 0


async def test_a_coordinate_that_is_gone_stops_the_log(
    postgres_store: PostgresStore,
) -> None:
    """A table that somebody emptied is no log."""
    async with postgres_store.opening(create=True, checkpoint_interval_s=60) as log:
        await log.append(entry())
        await asyncio.to_thread(
            postgres_store.database.execute, "DELETE FROM sallyport_log.seq_coord"
        )
        with pytest.raises(LogFailed):
            await log.append(entry())
        assert await log.take_turn() == (0, 0)


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
