"""What stops a log in a database, and what it only refuses until it heals."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from audit import LogBehind, LogFailed, LogFull, LogUnavailable
from tests.audit.builders import act_note, entry
from tests.audit.kept import Database, PostgresStore
from tests.audit.postgres.failing import fails


async def alter(database: Database, statement: str) -> None:
    """Be whoever owns the tables, while the log goes on."""
    await asyncio.to_thread(database.execute, statement)


async def test_entries_that_went_missing_stop_the_log(
    postgres_store: PostgresStore,
) -> None:
    """A server that lost what this process was told of is not written to."""
    async with postgres_store.opening(create=True, checkpoint_interval_s=60) as log:
        await log.append(entry())
        await log.append(entry())
        await alter(
            postgres_store.database,
            "UPDATE sallyport_log.seq_coord SET next = 1",
        )
        with pytest.raises(LogBehind, match="signed 2 entries, and 1 entries are"):
            await log.append(entry())
        assert log.failed
        with pytest.raises(LogBehind):
            await log.append(entry())


async def test_entries_where_the_next_ones_go_stop_the_log(
    postgres_store: PostgresStore,
) -> None:
    """Somebody has put them there: it is not tried again for ever."""
    async with postgres_store.opening(create=True, checkpoint_interval_s=60) as log:
        await log.append(entry())
        await alter(
            postgres_store.database,
            "INSERT INTO sallyport_log.seq SELECT 1, count, ms, 'x', hashes, leaves"
            " FROM sallyport_log.seq",
        )
        with pytest.raises(LogFailed, match="other entries where the next ones go"):
            await log.append(entry())
        assert log.failed


async def test_a_key_that_stands_without_its_entry_is_given_up(
    log_database: Database,
) -> None:
    """What somebody altered so is not asked for longer than anything else."""
    store = PostgresStore(log_database, timeout_s=1)
    async with store.opening(create=True, checkpoint_interval_s=60) as log:
        await log.append(entry("a key"))
        await alter(log_database, "UPDATE sallyport_log.dedup SET first = 7")
        with pytest.raises(LogUnavailable):
            await log.append(entry("a key"))
        assert (await log.append(entry())).index == 1


async def test_keys_that_were_changed_elsewhere_stop_the_log(
    postgres_store: PostgresStore,
) -> None:
    """Nobody adds an entry, or signs, with keys that were given up."""
    async with postgres_store.opening(create=True, checkpoint_interval_s=60) as log:
        await log.append(entry())
        await alter(
            postgres_store.database,
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
