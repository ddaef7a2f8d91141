"""The tree of a log that several processes write: made once, and never run back."""

from __future__ import annotations

import asyncio

import pytest

from audit import (
    Log,
    LogBehind,
    LogDamaged,
    LogError,
    LogFailed,
    LogForked,
    LogUnavailable,
)
from audit.checkpoint import open_checkpoint
from audit.merkle import EMPTY_ROOT
from audit.postgres.publisher import PostgresPublisher
from tests.audit.builders import KEYS, START_MS, FakeClock, entry
from tests.audit.kept import Database, PostgresStore, checked


def integrate(found: PostgresPublisher) -> None:
    """Integrate without publishing, which only a crash does otherwise."""
    found._links.ask(lambda session: found.integrate(session, START_MS))


SLOW = 60.0
"""An interval in which nothing is published but on purpose."""


def publisher(log: Log) -> PostgresPublisher:
    """Return a log's publisher."""
    found = log._parts.publisher
    assert isinstance(found, PostgresPublisher)
    return found


async def add(log: Log, count: int) -> None:
    """Add some entries."""
    await asyncio.gather(*(log.append(entry()) for _ in range(count)))


async def unchecked(database: Database, statement: str) -> None:
    """Do as the owner what the triggers would refuse."""
    await asyncio.to_thread(
        database.execute, f"SET session_replication_role = replica; {statement}"
    )


async def test_a_tree_grows_over_many_restarts(postgres_store: PostgresStore) -> None:
    """Its edge is read back from the tiles, at sizes around a full one."""
    sizes = (0, 1, 254, 1, 1, 300, 0, 5)
    create, size = True, 0
    before = None
    for count in sizes:
        async with postgres_store.opening(create=create, clock=FakeClock()) as log:
            create = False
            await add(log, count)
            size += count
            await log.settle()
            before = await checked(postgres_store, since=before)
            assert before.size == size


async def test_two_that_publish_at_once_agree(postgres_store: PostgresStore) -> None:
    """One of them signs, the other takes its note over."""
    async with (
        postgres_store.opening(create=True, checkpoint_interval_s=SLOW) as one,
        postgres_store.opening(checkpoint_interval_s=SLOW) as other,
    ):
        for count in (1, 20, 300):
            await asyncio.gather(add(one, count), add(other, count))
            await asyncio.gather(one.settle(), other.settle())
            await asyncio.gather(one.settle(), other.settle())
            assert one.checkpoint() == other.checkpoint()
    assert (await checked(postgres_store)).size == 642


async def test_who_is_not_at_it_leaves_the_tree_alone(
    postgres_store: PostgresStore,
) -> None:
    """While another process holds the tree, nobody waits for it."""
    async with postgres_store.opening(create=True, checkpoint_interval_s=SLOW) as log:
        await add(log, 2)
        server = postgres_store.database.server
        with (
            server.admin(postgres_store.database.name) as admin,
            admin.transaction(),
        ):
            admin.execute("SELECT FROM sallyport_log.int_coord FOR UPDATE")
            await log.settle()
            assert publisher(log).live.size == 0
            with pytest.raises(LogUnavailable, match="does not end its work"):
                await asyncio.to_thread(_impatient(log).catch_up, START_MS)
        await log.settle()
        assert publisher(log).live.size == 2


def _impatient(log: Log) -> PostgresPublisher:
    found = publisher(log)
    object.__setattr__(found._links._server, "timeout_s", 0.1)
    return found


async def test_the_time_of_a_checkpoint_is_before_what_it_has_not(
    postgres_store: PostgresStore,
) -> None:
    """What is sequenced after a checkpoint was begun has its time or a later one."""
    ahead, behind = FakeClock(START_MS + 5_000), FakeClock()
    async with (
        postgres_store.opening(
            create=True, clock=behind, checkpoint_interval_s=SLOW
        ) as one,
        postgres_store.opening(clock=ahead, checkpoint_interval_s=SLOW) as other,
    ):
        await add(one, 1)
        await other.settle()
        signed = open_checkpoint(other.checkpoint(), KEYS.verifiers)
        receipt = await one.append(entry())
        assert signed.seconds is not None
        assert receipt.statement(KEYS.verifiers).ms >= 1000 * signed.seconds


async def test_the_public_view_is_shared(postgres_store: PostgresStore) -> None:
    """Which earlier checkpoint the public sees does not depend on who is asked."""
    clock = FakeClock()
    async with (
        postgres_store.opening(
            create=True, clock=clock, delay_s=3600, checkpoint_interval_s=SLOW
        ) as one,
        postgres_store.opening(
            clock=clock, delay_s=3600, checkpoint_interval_s=SLOW
        ) as other,
    ):
        for _ in range(6):
            await add(one, 1)
            await one.settle()
            await other.settle()
            clock.ms += 20 * 60_000
        assert one.public_checkpoint() == other.public_checkpoint()
        shown = open_checkpoint(one.public_checkpoint(), KEYS.verifiers)
        assert 0 < shown.checkpoint.size < 6


# --- what must stop the log -----------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "kind", "said"),
    [
        (
            "UPDATE sallyport_log.pub_coord SET size = 2",
            LogBehind,
            "what this process has seen shows that this log signed 3 entries",
        ),
        (
            (
                "UPDATE sallyport_log.tile"
                " SET hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0));"
                " UPDATE sallyport_log.pub_coord SET size = 4"
            ),
            LogForked,
            "signed 3 entries that are not the ones stored",
        ),
        (
            "UPDATE sallyport_log.pub_coord SET size = 9",
            LogBehind,
            "the store's own checkpoint shows that this log signed 9 entries",
        ),
        (
            "UPDATE sallyport_log.pub_coord SET root = sha256('x')",
            LogDamaged,
            "not those that were signed",
        ),
        ("DELETE FROM sallyport_log.seq_coord", LogDamaged, "coordinates are missing"),
    ],
)
async def test_a_database_that_ran_back_stops_the_log(
    postgres_store: PostgresStore, statement: str, kind: type[LogError], said: str
) -> None:
    """A process that has seen more than the database has writes and signs no more."""
    async with postgres_store.opening(create=True, checkpoint_interval_s=SLOW) as log:
        await add(log, 3)
        await log.settle()
        # One more, so that the tree has what a checkpoint of four would be of.
        await add(log, 1)
        await asyncio.to_thread(integrate, publisher(log))
        await unchecked(postgres_store.database, statement)
        with pytest.raises(kind, match=said):
            await log.settle()
        assert log.failed


@pytest.mark.parametrize(
    ("statement", "kind", "said"),
    [
        (
            "UPDATE sallyport_log.pub_coord SET note = 'x'",
            LogDamaged,
            "live checkpoint",
        ),
        (
            "UPDATE sallyport_log.pub_coord SET root = sha256('x')",
            LogDamaged,
            "not those that were signed",
        ),
        (
            (
                "UPDATE sallyport_log.tile"
                " SET hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0))"
            ),
            LogDamaged,
            "not those that were signed",
        ),
        ("DELETE FROM sallyport_log.tile", LogDamaged, "tile/0/000.p/3 is missing"),
        (
            (
                "UPDATE sallyport_log.int_coord SET root = sha256('x');"
                " UPDATE sallyport_log.seq_coord SET next = 4"
            ),
            LogFailed,
            "tiles are not those of the stored root",
        ),
        (
            "UPDATE sallyport_log.pub_coord SET size = 4",
            LogBehind,
            "the store's own checkpoint",
        ),
        (
            "UPDATE sallyport_log.seq_coord SET next = 9",
            LogDamaged,
            "entry 3 is missing",
        ),
        (
            "UPDATE sallyport_log.seq_coord SET next = 2",
            LogBehind,
            "the store's own tree shows that this log signed 3 entries, and 2 entries",
        ),
        ("DELETE FROM sallyport_log.seq_coord", LogDamaged, "coordinates are missing"),
        ("DELETE FROM sallyport_log.int_coord", LogDamaged, "coordinates are missing"),
        ("UPDATE sallyport_log.charter SET state = 'x'", LogDamaged, "charter"),
        ("UPDATE sallyport_log.charter SET state = '[]'", LogDamaged, "charter"),
    ],
)
async def test_a_database_that_was_altered_does_not_open(
    postgres_store: PostgresStore, statement: str, kind: type[LogError], said: str
) -> None:
    """Nothing is signed over what is not what was signed."""
    async with postgres_store.opening(create=True) as log:
        await add(log, 3)
    await unchecked(postgres_store.database, statement)
    with pytest.raises(kind, match=said):
        await postgres_store.opening()


async def test_a_missing_batch_is_damage(postgres_store: PostgresStore) -> None:
    """The tree is not made over a gap."""
    async with postgres_store.opening(create=True, checkpoint_interval_s=SLOW) as log:
        for _ in range(3):
            await add(log, 1)
        await unchecked(
            postgres_store.database, "DELETE FROM sallyport_log.seq WHERE first = 1"
        )
        with pytest.raises(LogDamaged, match="entry 1 is missing"):
            await log.settle()
    found = publisher(log)
    found._seen = None
    with pytest.raises(LogDamaged, match="no checkpoint"):
        _ = found.live


async def test_a_tile_that_conflicts_stops_the_log(
    postgres_store: PostgresStore,
) -> None:
    """What is not what the entries make is never written over."""
    async with postgres_store.opening(create=True, checkpoint_interval_s=SLOW) as log:
        await unchecked(
            postgres_store.database,
            "INSERT INTO sallyport_log.tile VALUES (0, 0, sha256('something else'))",
        )
        await add(log, 1)
        with pytest.raises(LogFailed, match="tile 0 of level 0 holds something else"):
            await log.settle()


async def test_the_first_checkpoint_is_of_nothing(
    postgres_store: PostgresStore,
) -> None:
    """A log that was only just begun has one, by whoever comes first."""
    async with postgres_store.opening(create=True) as log:
        signed = open_checkpoint(log.checkpoint(), KEYS.verifiers).checkpoint
        assert (signed.size, signed.root) == (0, EMPTY_ROOT)
        assert (await checked(postgres_store)).size == 0


async def test_a_tree_of_several_levels(postgres_store: PostgresStore) -> None:
    """More batches than one transaction takes, and tiles above tiles."""
    async with postgres_store.opening(create=True, checkpoint_interval_s=SLOW) as log:
        for _ in range(505):
            await log.append(entry())
        await add(log, 600)
        await log.settle()
        for path in ("tile/1/000.p/4", "tile/0/003", "tile/entries/004.p/81"):
            assert await asyncio.to_thread(log.read, path) is not None
    assert (await checked(postgres_store)).size == 1105
