"""Several writers of one log in one database: one tree, one hour, one turn."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from hashlib import sha256
from multiprocessing.queues import Queue

import pytest

from audit import DedupConflict, Entry, Log, LogDamaged, LogUnavailable, Receipt
from audit.contract import TurnLost
from audit.postgres.links import Links
from audit.postgres.shelf import PostgresShelf
from tests.audit.builders import START_MS, FakeClock, dedup, entry
from tests.audit.kept import Database, PostgresStore, checked

HOUR_MS = 3_600_000


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


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sallyport_log.seq SET hashes = sha256('another')",
        "UPDATE sallyport_log.seq SET leaves = set_byte(leaves, 30, 0)",
        "UPDATE sallyport_log.seq SET leaves = ''",
    ],
)
async def test_no_receipt_is_signed_again_over_what_was_altered(
    postgres_store: PostgresStore, statement: str
) -> None:
    """It would convict the log of what somebody did to its database."""
    async with postgres_store.opening(create=True) as log:
        await log.append(entry("a key"))
        await asyncio.to_thread(
            postgres_store.database.execute,
            f"SET session_replication_role = replica; {statement}",
        )
        with pytest.raises(LogDamaged, match="entry 0 "):
            await log.append(entry("a key"))


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
